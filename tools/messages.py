"""`make messages`: what the code and the templates say, gathered and merged into every `locales/*.po`.

A text that is new gets an entry without a translation, which a test then asks for; one that nothing says any more goes.
Nothing is guessed from similar texts. An entry names the files that say it, without line numbers, and stands on as few
lines as it has itself, so that a change of the code changes nothing here and two people's changes merge.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.frontend import parse_keywords
from babel.messages.pofile import read_po, write_po

from archive.language.messages import FOLDER

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS = parse_keywords(
    (
        "_",
        "_l",
        "both",
        "gettext_in:2",
        "pgettext:1c,2",
        "lazy_pgettext:1c,2",
        "ngettext:1,2",
        "Message:1,1t",
        "Message:1,2c,2t",
    )
)
JINJA = {"trimmed": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}
HEADER = """\
# What people read in the archive of the Messenger Band.
# English stands in the code and is the key; correct the other language here, then `make messages`.
# The words that stand for one thing each are in docs/glossary.md.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"

"""


def sources() -> Iterator[tuple[Path, str, dict[str, str]]]:
    """Every file that says something, with the method that reads it and that method's options."""
    for room in ("archive", "ingest", "media", "web"):
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path, "python", {}
    for path in sorted((ROOT / "web" / "templates").rglob("*.html")):
        yield path, "jinja2.ext:babel_extract", JINJA


def extracted() -> Catalog:
    """What the code and the templates say."""
    catalogue = Catalog(fuzzy=False)
    for path, method, options in sources():
        name = path.relative_to(ROOT).as_posix()
        for _line, message, comments, context in extract_from_file(
            method, path, keywords=KEYWORDS, comment_tags=("Translators:",), options=options, strip_comment_tags=True
        ):
            catalogue.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return catalogue


def merge(said: Catalog, path: Path) -> tuple[int, int]:
    """Bring a language's file to what is said; returns how many entries are new and how many went."""
    with path.open("rb") as opened:
        translated = read_po(opened, locale=path.stem)
    before = {(entry.context, entry.id) for entry in translated if entry.id}
    translated.update(said, no_fuzzy_matching=True, update_header_comment=False, keep_user_comments=True)
    translated.obsolete.clear()
    after = {(entry.context, entry.id) for entry in translated if entry.id}
    write(translated, path)
    return len(after - before), len(before - after)


def write(catalogue: Catalog, path: Path) -> None:
    """Write a language's file, each text on a line of its own, files named without lines."""
    for entry in catalogue:
        entry.locations = sorted({(name, 0) for name, _line in entry.locations})
    header = HEADER.format(language=path.stem, plurals=catalogue.plural_forms)
    with path.open("wb") as written:
        written.write(header.encode())
        write_po(written, catalogue, width=0, sort_by_file=True, include_lineno=False, omit_header=True)


def main() -> int:
    said = extracted()
    for path in sorted(FOLDER.glob("*.po")):
        new, gone = merge(said, path)
        sys.stdout.write(f"{path.name}: {new} new, {gone} gone\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
