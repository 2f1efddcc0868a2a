"""A written document as it goes by: paragraphs and tables, with the notes and boxes beside them, as rows of words.

Word, LibreOffice and RTF tell of the same things in three ways; each reader says what it meets, and this keeps it. A
note's words stand in brackets where the note is called for; what stands in a box comes after the paragraph it hangs
on. Runs in a font from before Unicode are turned into Unicode here, where the font's name is still known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

from archive.language import legacy_fonts
from archive.language.legacy_fonts import FontFamily
from media.timed.limits import LONGEST_LINE, MOST_LINES, not_too_long, not_too_many

Table: TypeAlias = list[tuple[str, ...]]
Block: TypeAlias = str | Table
_MOST_GATHERED = 8 * LONGEST_LINE  # spaces between words count here, and go later


@dataclass(frozen=True, slots=True)
class WrittenPages:
    """Blocks in the order of reading, soft line breaks as `\\n`; `converted` runs were in a font before Unicode."""

    blocks: tuple[Block, ...]
    converted: int = 0


@dataclass(slots=True)
class _Paragraph:
    line: int
    heading: bool = False
    runs: list[tuple[str, FontFamily | None]] = field(default_factory=list)
    length: int = 0
    after: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _OpenTable:
    rows: Table = field(default_factory=list)
    row: list[str] = field(default_factory=list)
    cell: list[str] = field(default_factory=list)


class PageWriter:
    """What a reader calls as it goes through a document."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._open: list[_Paragraph] = []
        self._tables: list[_OpenTable] = []
        self._converted = self._pieces = 0
        self._notes: list[list[str]] = []

    def paragraph(self, line: int) -> None:
        """A paragraph begins, perhaps inside another: in a box, or a note."""
        self._open.append(_Paragraph(line))

    def heading(self) -> None:
        """The paragraph that is open is a heading, which nobody spoke."""
        if self._open:
            self._open[-1].heading = True

    def text(self, piece: str, font: str = "") -> None:
        """Words of the paragraph that is open."""
        if not self._open or not piece:
            return
        paragraph = self._open[-1]
        paragraph.runs.append((piece, legacy_fonts.family_of(font) if font else None))
        paragraph.length += len(piece)
        if paragraph.length > _MOST_GATHERED:
            not_too_long("x" * (LONGEST_LINE + 1), paragraph.line)

    def end_paragraph(self) -> None:
        if not self._open:
            return
        paragraph = self._open.pop()
        text = self._converted_text(paragraph.runs)
        not_too_long(text, paragraph.line)
        if self._notes:
            self._notes[-1].append(text)
        elif self._open:
            self._open[-1].after += [one for one in (text, *paragraph.after) if one.strip()]
        else:
            for one in ("" if paragraph.heading else text, *paragraph.after):
                self._put(one, paragraph.line)

    def note(self) -> None:
        """A note begins at this place of the paragraph that is open."""
        self._notes.append([])

    def end_note(self) -> None:
        if self._notes and (said := " ".join(" ".join(self._notes.pop()).split())):
            self.text(f" [{said}] ")

    def table(self) -> None:
        self._tables.append(_OpenTable())

    def row(self) -> None:
        if self._tables:
            self._tables[-1].row = []

    def cell(self) -> None:
        if self._tables:
            self._tables[-1].cell = []

    def end_cell(self) -> None:
        if self._tables:
            table = self._tables[-1]
            not_too_many(table.row, None, 64)
            table.row.append("\n".join(table.cell))
            table.cell = []

    def end_row(self) -> None:
        if self._tables and any(one.strip() for one in self._tables[-1].row):
            not_too_many(self._tables[-1].rows)
            self._tables[-1].rows.append(tuple(self._tables[-1].row))

    def end_table(self) -> None:
        """A table inside a cell is part of that cell's words."""
        if not self._tables:
            return
        rows = self._tables.pop().rows
        if self._tables:
            self._tables[-1].cell += [" ".join(one) for one in rows]
        elif rows:
            not_too_many(self._blocks)
            self._blocks.append(rows)

    def pages(self) -> WrittenPages:
        """All that was met; what a broken document left open is closed."""
        while self._open:
            self.end_paragraph()
        while self._tables:
            self.end_cell()
            self.end_row()
            self.end_table()
        return WrittenPages(tuple(self._blocks), self._converted)

    def _put(self, text: str, line: int) -> None:
        if not text.strip():
            return
        self._pieces += 1
        not_too_many(range(self._pieces), line, MOST_LINES * 8)
        if self._tables:
            self._tables[-1].cell.append(text)
        else:
            not_too_many(self._blocks, line, MOST_LINES)
            self._blocks.append(text)

    def _converted_text(self, runs: Iterable[tuple[str, FontFamily | None]]) -> str:
        written = []
        for family, pieces in groupby(runs, key=lambda run: run[1]):
            text = "".join(piece for piece, _ in pieces)
            if family is not None and text.strip():
                self._converted += 1
                text = legacy_fonts.converted(text, family)
            written.append(text)
        return "".join(written)
