"""The catalogue is whole: all that is said is in it, nothing else is, and no Khmer stands in the code."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from archive.language.messages import FOLDER
from tools.messages import ROOT, extracted, merge

KHMER = re.compile(r"[\u1780-\u17ff\u19e0-\u19ff]")
PLACEHOLDER = re.compile(r"\{(\w+)\}")
MAY_HOLD_KHMER = {
    "archive/language/": "what the language is: its letters, marks, sounds, numerals and vocabulary",
    "archive/retrieval/labels.py": "words by which people look for communities and languages, several for each",
    "archive/search/query.py": "operators that people type into a search, in either language",
    "archive/songs/line_words.py": "the sign that repeats a word, and marks at the ends of words",
    "archive/transcripts/readable_text.py": "marks between words",
    "archive/transcripts/word_times.py": "marks at the ends of words",
    "ingest/aligning/lyrics.py": "section names and ends of sentences, as files of lyrics have them",
    "ingest/engines/utterances.py": "ends of sentences, as recognisers write them",
    "tests/": "what tests say and expect",
}


@pytest.fixture(scope="module")
def said() -> Catalog:
    return extracted()


@pytest.fixture(scope="module", params=sorted(FOLDER.glob("*.po")), ids=lambda path: path.stem)
def translated(request: pytest.FixtureRequest) -> Catalog:
    with request.param.open("rb") as opened:
        return read_po(opened, locale=request.param.stem, abort_invalid=True)


def keys(catalogue: Catalog) -> set[tuple[str | None, str]]:
    return {(entry.context, str(entry.id)) for entry in catalogue if entry.id}


def test_everything_that_is_said_has_an_entry_and_nothing_else(said: Catalog, translated: Catalog) -> None:
    assert keys(said) - keys(translated) == set(), "run `make messages`"
    assert keys(translated) - keys(said) == set(), "run `make messages`"
    assert not translated.obsolete


def test_every_entry_is_translated_and_none_is_a_guess(translated: Catalog) -> None:
    entries = [entry for entry in translated if entry.id]
    assert [entry.id for entry in entries if not entry.string or not all(entry.string)] == []
    assert [entry.id for entry in entries if entry.fuzzy] == []


def test_every_translation_fills_in_what_the_english_fills_in(translated: Catalog) -> None:
    for entry in translated:
        if entry.id:
            *_, english = entry.id if isinstance(entry.id, tuple) else (entry.id,)
            for text in entry.string if isinstance(entry.string, tuple) else (entry.string,):
                assert sorted(set(PLACEHOLDER.findall(text))) == sorted(set(PLACEHOLDER.findall(english))), english


def test_no_khmer_stands_in_code_scripts_or_templates() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py", "*.js", "*.mjs", "*.html"], cwd=ROOT, capture_output=True)
    names = [name for name in listed.stdout.decode().splitlines() if (ROOT / name).exists()]
    assert len(names) > 500
    found = [name for name in names if KHMER.search((ROOT / name).read_text(encoding="utf-8"))]
    assert [name for name in found if not name.startswith(tuple(MAY_HOLD_KHMER))] == []
    for allowed in MAY_HOLD_KHMER:
        assert any(name.startswith(allowed) for name in found), (
            f"{allowed} holds no Khmer any more: take it off the list"
        )


def test_merging_leaves_a_whole_file_as_it_is(said: Catalog, tmp_path: Path) -> None:
    copy = tmp_path / "km.po"
    copy.write_bytes((FOLDER / "km.po").read_bytes())
    assert merge(said, copy) == (0, 0)
    assert copy.read_bytes() == (FOLDER / "km.po").read_bytes()


def test_a_new_text_waits_for_its_translation_and_an_old_one_goes(tmp_path: Path) -> None:
    path = tmp_path / "km.po"
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    path.write_text(head + 'msgid "Open"\nmsgstr "បើក"\n\nmsgid "Gone"\nmsgstr "ទៅ"\n', encoding="utf-8")
    now = Catalog()
    now.add("Open", locations=[("web/a.py", 3)])
    now.add("Opened", locations=[("web/a.py", 4)])
    assert merge(now, path) == (1, 1)
    text = path.read_text(encoding="utf-8")
    assert 'msgid "Opened"\nmsgstr ""' in text
    assert 'msgid "Open"\nmsgstr "បើក"' in text
    assert "Gone" not in text
    assert "fuzzy" not in text


def test_no_text_is_said_within_a_formatted_string() -> None:
    """Python 3.11 reads a formatted string as one piece, so that what is said in it is gathered by later ones alone."""
    within = []
    for room in ("archive", "ingest", "media", "web"):
        for path in (ROOT / room).rglob("*.py"):
            strings = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.JoinedStr))
            for call in (node for string in strings for node in ast.walk(string) if isinstance(node, ast.Call)):
                name = call.func.id if isinstance(call.func, ast.Name) else ""
                if name in {"_", "pgettext", "ngettext", "Message"} and isinstance(call.args[0], ast.Constant):
                    within.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert within == []


# Words that once stood beside the glossary's one for the same thing.
SECOND_WORDS = {"សក្ខីកម្ម": "ទីបន្ទាល់", "អ្នកថែទាំ": "អ្នកថែរក្សា", "ដកមកវិញ": "ដកវិញ"}


def test_one_thing_has_one_word_in_khmer() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text()
    assert all(word in glossary for word in SECOND_WORDS.values())
    lines = (FOLDER / "km.po").read_text().splitlines()
    assert [line for line in lines if any(word in line for word in SECOND_WORDS)] == []
