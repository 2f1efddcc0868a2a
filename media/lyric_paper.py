"""Lyric sheets and song books as PDF: a song of twenty lines in three languages on one A4 page.

Set by fpdf2 with HarfBuzz, which shape Khmer as it is written and are wheels alone; WeasyPrint would need the system's
Pango. A line never parts from its translation: it is one block, and blocks go to the next column or page whole. The
letters are as large as the song allows, down to a size that is still read by lamplight; a longer one takes two pages.

PDF 1.7, ISO 32000-1; text is kept as text, so that it can be searched and copied.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TypeAlias

import segno
from fpdf import FPDF

from archive.language.words import rows_may_end_after
from media.typeface import Typeface, broken

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 15.0  # A4, millimetres
_WAYS = ((14.0, 1), (13.0, 1), (12.0, 1), (13.0, 2), (12.0, 2), (11.0, 2), (10.0, 2), (9.0, 2), (8.5, 2))
"""Points of the sung line and columns, in the order in which they are tried; what stands under a line is smaller."""
_LISTED = 28
"""How many songs stand on one page of the contents."""
LARGE_PRINT = 20.0
_ROMANISED, _ENGLISH = 0.66, 0.74
_KHMER_ROW, _LATIN_ROW = 1.62, 1.22  # heights of a row in its size
_POINT = 25.4 / 72
_RED, _INK, _FAINT = (161, 27, 43), (39, 27, 22), (93, 75, 64)
_CODE = 20.0  # side of the code, millimetres
_GAP = 7.0  # between two columns
_ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)  # the same song gives the same bytes, and tells no day
_KHMER = re.compile("[\u1780-\u17ff]")


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One sung line with what stands under it; `begins` names the verse or chorus that begins with it."""

    sung: str
    romanised: str = ""
    english: str = ""
    begins: str = ""


@dataclass(frozen=True, slots=True)
class PaperSong:
    """A song as it is printed; `address` is the page that its code leads to, `how` a row such as the key and singer."""

    title: str
    other_title: str
    lines: tuple[PaperLine, ...]
    credits: tuple[str, ...]
    address: str
    how: str = ""


def lyric_sheet(song: PaperSong, *, large: bool = False) -> bytes:
    """One song as a PDF."""
    paper = _Paper(song.title)
    paper.song(song, large)
    return paper.finished()


def song_book(title: str, about: Sequence[str], songs: Sequence[PaperSong], contents: str) -> bytes:
    """Several songs as a PDF: first pages with their titles and page numbers, then each on pages of its own."""
    paper = _Paper(title)
    listed = [songs[at : at + _LISTED] for at in range(0, len(songs), _LISTED)] or [()]
    for _page in listed:
        paper.add_page()
    begins = []
    for one in songs:
        begins.append(len(paper.pages) + 1)
        paper.song(one, large=False)
    number = 0
    for page, some in enumerate(listed, start=1):
        paper.page = page
        paper.set_xy(MARGIN, MARGIN)
        if page == 1:
            paper.text_row(title, 24, _INK)
            for said in filter(None, about):
                paper.text_row(said, 12, _FAINT)
            paper.ln(6)
        paper.text_row(contents, 12, _RED)
        for one in some:
            paper.listed(f"{number + 1}.  {one.title}", one.other_title, begins[number])
            number += 1
    paper.page = len(paper.pages)
    return paper.finished()


def plain_pages(title: str, rows: Sequence[tuple[str, float]]) -> bytes:
    """Rows of text under a title on as many A4 pages as they take; each with its size in points, empty ones as air."""
    paper = _Paper(title)
    paper.add_page()
    paper.set_xy(MARGIN, MARGIN)
    paper.text_row(title, 20, _RED)
    for text, size in rows:
        for row in paper.rows(text, size, WIDTH - 2 * MARGIN) or [""]:
            if paper.get_y() + _high(row, size) > HEIGHT - MARGIN:
                paper.add_page()
                paper.set_xy(MARGIN, MARGIN)
            paper.put(row, size, _INK, MARGIN, paper.get_y())
            paper.set_xy(MARGIN, paper.get_y() + _high(row, size))
    return paper.finished()


class _Paper(FPDF):
    """A4 pages, set in the archive's own face."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.face = Typeface()
        self.set_margin(MARGIN)
        self.set_auto_page_break(False)
        self.add_font("face", fname=self.face.file)
        self.set_text_shaping(True)
        self.set_title(title)
        self.set_creator("Messenger Band")
        self.set_creation_date(_ALWAYS)

    def finished(self) -> bytes:
        return bytes(self.output())

    def text_row(self, text: str, size: float, colour: tuple[int, int, int], width: float = 0.0) -> None:
        """A text in as many rows as it takes, from the left margin down."""
        for row in self.rows(text, size, width or WIDTH - 2 * MARGIN):
            self.put(row, size, colour, MARGIN, self.get_y())
            self.set_xy(MARGIN, self.get_y() + _high(row, size))

    def put(self, text: str, size: float, colour: tuple[int, int, int], x: float, y: float) -> None:
        """One row of text with its top at `y`."""
        self.set_font("face", size=size)
        self.set_text_color(*colour)
        self.set_xy(x, y)
        self.cell(w=0, h=_high(text, size), text=text, align="L")
        self.set_xy(x, y)

    def rows(self, text: str, size: float, width: float) -> list[str]:
        """The text in rows that are so wide at most, broken between words."""
        pieces = rows_may_end_after(" ".join(text.split()))
        if not pieces:
            return []
        edges = [0, *broken(pieces, width / (size * _POINT), self.face), len(pieces)]
        return ["".join(pieces[start:end]).strip() for start, end in pairwise(edges)]

    def listed(self, title: str, other: str, page: int) -> None:
        """One song of the contents, with the page it begins on."""
        link = self.add_link(page=page)
        y = self.get_y()
        row = self.rows(f"{title}  \u00b7  {other}" if other else title, 12, WIDTH - 2 * MARGIN - 15)[0]
        self.put(row, 12, _INK, MARGIN, y)
        high = _high("\u1780", 12)
        self.set_xy(MARGIN, y)
        self.cell(w=WIDTH - 2 * MARGIN, h=high, text=str(page), align="R", link=link)
        self.set_xy(MARGIN, y + high)

    def song(self, song: PaperSong, large: bool) -> None:
        """A song from a new page on: as large as it fits on one, else on as many as it takes."""
        self.add_page()
        top = self._head(song)
        foot = self._foot(song)
        room = HEIGHT - MARGIN - foot - top
        ways = [(LARGE_PRINT, 1)] if large else _WAYS
        for size, columns in ways:
            blocks = [self._block(line, size, columns) for line in song.lines]
            heights = [sum(high for _text, _size, _colour, high in block) for block in blocks]
            begins = [at for at, line in enumerate(song.lines) if line.begins and at]
            places = _placed(heights, begins, room, columns)
            if places is not None:
                break
        else:
            size, columns = ways[-1]
            blocks = [self._block(line, size, columns) for line in song.lines]
            places = None
        self._lines(blocks, places, top, room, columns)

    def _head(self, song: PaperSong) -> float:
        """Title, its other language and the code, from the top margin; returns where the lines begin."""
        width = WIDTH - 2 * MARGIN - _CODE - 6
        self.set_xy(MARGIN, MARGIN)
        self.text_row(song.title, 22, _RED, width)
        if song.other_title:
            self.text_row(song.other_title, 13, _FAINT, width)
        if song.how:
            self.text_row(song.how, 11, _INK, width)
        self._code(song.address, WIDTH - MARGIN - _CODE, MARGIN)
        return float(max(self.get_y(), MARGIN + _CODE)) + 5

    def _code(self, address: str, x: float, y: float) -> None:
        """The song's address for a camera, as squares."""
        matrix = [list(row) for row in segno.make(address, micro=False, error="m").matrix]
        side = _CODE / len(matrix)
        self.set_fill_color(*_INK)
        for line, row in enumerate(matrix):
            for at, dark in enumerate(row):
                if dark:
                    self.rect(x + at * side, y + line * side, side + 0.02, side + 0.02, style="F")

    def _foot(self, song: PaperSong) -> float:
        """Credits at the foot of the first page; returns how high they are."""
        rows = [row for one in (*song.credits, song.address) for row in self.rows(one, 8, WIDTH - 2 * MARGIN)]
        high = sum(_high(row, 8) for row in rows)
        y = HEIGHT - MARGIN - high
        for row in rows:
            self.put(row, 8, _FAINT, MARGIN, y)
            y += _high(row, 8)
        return high + 4

    def _block(self, line: PaperLine, size: float, columns: int) -> list[_Row]:
        """The rows of a line with all that stands under it, with the air above."""
        width = (WIDTH - 2 * MARGIN - (columns - 1) * _GAP) / columns
        under = [(line.romanised, size * _ROMANISED, _FAINT), (line.english, size * _ENGLISH, _FAINT)]
        rows: list[_Row] = [("", size, _INK, size * _POINT * (0.9 if line.begins else 0.3))]
        if line.begins:
            rows.append((line.begins, size * 0.7, _RED, _high(line.begins, size * 0.7)))
        for text, of, colour in [(line.sung, size, _INK), *under]:
            rows += [(row, of, colour, _high(row, of)) for row in self.rows(text, of, width)]
        return rows

    def _lines(
        self, blocks: Sequence[list[_Row]], places: list[int] | None, top: float, room: float, columns: int
    ) -> None:
        """The blocks, down the columns; where they did not fit on one page, on further ones."""
        wide = (WIDTH - 2 * MARGIN - (columns - 1) * _GAP) / columns + _GAP
        column, y, end = 0, top, top + room
        for at, block in enumerate(blocks):
            high = sum(row[3] for row in block)
            if (places is not None and places[at] != column) or (places is None and y + high > end and y > MARGIN + 1):
                column, y = column + 1, top
                if column == columns:
                    self.add_page()
                    column, top, end = 0, MARGIN, HEIGHT - MARGIN
                    y = top
            for text, size, colour, tall in block:
                if text:
                    self.put(text, size, colour, MARGIN + column * wide, y)
                y += tall


_Row: TypeAlias = tuple[str, float, tuple[int, int, int], float]
"""A row of text, its size in points, its colour, and its height in millimetres."""


def _placed(heights: Sequence[float], begins: Sequence[int], room: float, columns: int) -> list[int] | None:
    """The column of each block, as even as may be; None where they do not fit.

    Two columns part where a verse begins, if both halves fit then.
    """
    whole = sum(heights)
    halves = {at: max(sum(heights[:at]), sum(heights[at:])) for at in begins} if columns == 2 else {}
    if halves and min(halves.values()) <= room:
        part = min(halves, key=lambda at: halves[at])
        return [int(at >= part) for at in range(len(heights))]
    for share in (whole / columns, *(whole / columns * (1 + step / 20) for step in range(1, 12))):
        found, column, reached = [], 0, 0.0
        for high in heights:
            if reached and reached + high > max(share, high) + 0.01:
                column, reached = column + 1, 0.0
            reached += high
            if reached > room or column >= columns:
                break
            found.append(column)
        else:
            return found
    return None


def _high(text: str, size: float) -> float:
    """Height of a row in millimetres."""
    return size * _POINT * (_KHMER_ROW if _KHMER.search(text) else _LATIN_ROW)
