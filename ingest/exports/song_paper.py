"""Songs on paper: what goes into a lyric sheet or a song book, out of a song as it leaves."""

from __future__ import annotations

from collections.abc import Sequence

from archive.language.messages import FIRST, Message
from archive.language.numerals import in_digits_of
from archive.songs.song_export import ExportSheet
from ingest.exports.song_files import both, in_both
from media.lyric_paper import PaperLine, PaperSong, lyric_sheet, song_book

PARTS = {
    "verse": Message("Verse"),
    "chorus": Message("Chorus"),
    "bridge": Message("Bridge"),
    "intro": Message("Opening"),
    "outro": Message("Close", "a part of a song"),
    "spoken": Message("Spoken"),
}
"""What a section's name begins with -> how it is called in both languages."""
CONTENTS = Message("Songs")


def sheet_pdf(sheet: ExportSheet, address: str, *, large: bool) -> bytes:
    """The lyric sheet of a song; `address` is the page its code leads to."""
    return lyric_sheet(_paper(sheet, address, ""), large=large)


def book_pdf(title: str, about: Sequence[str], songs: Sequence[tuple[ExportSheet, str, str]]) -> bytes:
    """A song book; each song comes with its address and how it is sung, which may be empty."""
    papers = [_paper(sheet, address, how) for sheet, address, how in songs]
    return song_book(title, about, papers, both(CONTENTS.said(FIRST), CONTENTS.text))


def _paper(sheet: ExportSheet, address: str, how: str) -> PaperSong:
    before = ""
    lines = []
    for at, line in enumerate(sheet.lines):
        section = sheet.sections[at]
        begins = part(section) if section != before else ""
        lines.append(PaperLine(line.text, sheet.romanised[at], sheet.english[at], begins))
        before = section
    names = (f"{in_both(one.role_name)}: {both(one.km, one.en)}" for one in sheet.credits)
    other = sheet.title_en if sheet.title_km else ""
    return PaperSong(sheet.title_km or other or sheet.title_en, other, tuple(lines), tuple(names), address, how)


def part(section: str) -> str:
    """A section's name in both languages, such as a verse with its number; as it was typed where it is none of ours."""
    kind, _space, count = section.partition(" ")
    name = PARTS.get(kind.lower())
    if name is None:
        return section
    km = f"{name.said(FIRST)}{in_digits_of(FIRST, count)}"
    return both(km, f"{name.said('en')} {count}".strip())
