"""Texts in the language that is asked for, from catalogues compiled beside their sources."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.language import messages
from archive.language.compiling import compile_stale
from archive.language.messages import Message, NotCompiled, gettext_in, ngettext_in
from tests.archive.language.catalogues import catalogues_in

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=1; plural=0;\\n"

msgid "{n} line by {who}"
msgid_plural "{n} lines by {who}"
msgstr[0] "{who}៖ {n} បន្ទាត់"

msgid "Open"
msgstr "បើក"

msgctxt "a testimony"
msgid "Open"
msgstr "ចំហ"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "km.po").write_text(PO, encoding="utf-8")
    with catalogues_in(tmp_path):
        yield tmp_path


def test_a_text_is_said_in_the_language_asked_for(folder: Path) -> None:
    list(compile_stale(folder))
    assert [gettext_in(language, "Open") for language in ("km", "en")] == ["បើក", "Open"]
    assert Message("Open", "a testimony").said("km") == "ចំហ"
    assert Message("Not there yet").said("km") == "Not there yet"


def test_counts_have_their_form_and_the_digits_of_the_language(folder: Path) -> None:
    list(compile_stale(folder))
    said = [ngettext_in("en", "{n} line by {who}", "{n} lines by {who}", n, who="Sok") for n in (1, 2)]
    assert said == ["1 line by Sok", "2 lines by Sok"]
    assert ngettext_in("km", "{n} line by {who}", "{n} lines by {who}", 12, who="Sok") == "Sok៖ ១២ បន្ទាត់"


def test_a_language_that_is_not_compiled_says_what_to_run(folder: Path) -> None:
    with pytest.raises(NotCompiled, match=r"'km' are not compiled: run `python -m archive\.language\.compiling`\.$"):
        gettext_in("km", "Open")


def test_only_what_is_older_than_its_source_is_compiled(folder: Path) -> None:
    made = [folder / "km.mo"]
    assert list(compile_stale(folder)) == made
    assert list(compile_stale(folder)) == []
    later = made[0].stat().st_mtime_ns + 1_000_000_000
    os.utime(folder / "km.po", ns=(later, later))
    assert list(compile_stale(folder)) == made


def test_another_language_is_one_more_file(folder: Path) -> None:
    (folder / "fr.po").write_text(PO.replace("បើក", "Ouvrir"), encoding="utf-8")
    list(compile_stale(folder))
    assert messages.languages() == ("km", "en", "fr")
    assert gettext_in("fr", "Open") == "Ouvrir"
