"""Lyric sheets and song books as PDF: a song of twenty lines in three languages on one A4 page.

Set by fpdf2 with HarfBuzz, which shape Khmer as it is written and are wheels alone; WeasyPrint would need the system's
Pango. A line never parts from its translation: it is one block, and blocks go to the next column or page whole. The
letters are as large as the song allows, down to a size that is still read by lamplight; a longer one takes two pages.

PDF 1.7, ISO 32000-1; text is kept as text, so that it can be searched and copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from media.paper import CODE, FAINT, HEIGHT, INK, MARGIN, POINT, RED, WIDTH, Paper, row_height

_WAYS = ((14.0, 1), (13.0, 1), (12.0, 1), (13.0, 2), (12.0, 2), (11.0, 2), (10.0, 2), (9.0, 2), (8.5, 2))
"""Points of the sung line and columns, in the order in which they are tried; what stands under a line is smaller."""
_LISTED = 28
"""How many songs stand on one page of the contents."""
LARGE_PRINT = 20.0
_ROMANISED, _ENGLISH = 0.66, 0.74
_GAP = 7.0  # between two columns


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
    paper = _SongPaper(song.title)
    paper.song(song, large)
    return paper.finished()


def song_book(title: str, about: Sequence[str], songs: Sequence[PaperSong], contents: str) -> bytes:
    """Several songs as a PDF: first pages with their titles and page numbers, then each on pages of its own."""
    paper = _SongPaper(title)
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
            paper.text_row(title, 24, INK)
            for said in filter(None, about):
                paper.text_row(said, 12, FAINT)
            paper.ln(6)
        paper.text_row(contents, 12, RED)
        for one in some:
            paper.listed(f"{number + 1}.  {one.title}", one.other_title, begins[number])
            number += 1
    paper.page = len(paper.pages)
    return paper.finished()


def plain_pages(title: str, rows: Sequence[tuple[str, float]]) -> bytes:
    """Rows of text under a title on as many A4 pages as they take; each with its size in points, empty ones as air."""
    paper = _SongPaper(title)
    paper.add_page()
    paper.set_xy(MARGIN, MARGIN)
    paper.text_row(title, 20, RED)
    for text, size in rows:
        for row in paper.rows(text, size, WIDTH - 2 * MARGIN) or [""]:
            if paper.get_y() + row_height(row, size) > HEIGHT - MARGIN:
                paper.add_page()
                paper.set_xy(MARGIN, MARGIN)
            paper.put(row, size, INK, MARGIN, paper.get_y())
            paper.set_xy(MARGIN, paper.get_y() + row_height(row, size))
    return paper.finished()


class _SongPaper(Paper):
    """Pages of songs."""

    def listed(self, title: str, other: str, page: int) -> None:
        """One song of the contents, with the page it begins on."""
        link = self.add_link(page=page)
        y = self.get_y()
        row = self.rows(f"{title}  \u00b7  {other}" if other else title, 12, WIDTH - 2 * MARGIN - 15)[0]
        self.put(row, 12, INK, MARGIN, y)
        high = row_height("\u1780", 12)
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
        width = WIDTH - 2 * MARGIN - CODE - 6
        self.set_xy(MARGIN, MARGIN)
        self.text_row(song.title, 22, RED, width)
        if song.other_title:
            self.text_row(song.other_title, 13, FAINT, width)
        if song.how:
            self.text_row(song.how, 11, INK, width)
        self.code(song.address, WIDTH - MARGIN - CODE, MARGIN, CODE)
        return float(max(self.get_y(), MARGIN + CODE)) + 5

    def _foot(self, song: PaperSong) -> float:
        """Credits at the foot of the first page; returns how high they are."""
        rows = [row for one in (*song.credits, song.address) for row in self.rows(one, 8, WIDTH - 2 * MARGIN)]
        high = sum(row_height(row, 8) for row in rows)
        y = HEIGHT - MARGIN - high
        for row in rows:
            self.put(row, 8, FAINT, MARGIN, y)
            y += row_height(row, 8)
        return high + 4

    def _block(self, line: PaperLine, size: float, columns: int) -> list[_Row]:
        """The rows of a line with all that stands under it, with the air above."""
        width = (WIDTH - 2 * MARGIN - (columns - 1) * _GAP) / columns
        under = [(line.romanised, size * _ROMANISED, FAINT), (line.english, size * _ENGLISH, FAINT)]
        rows: list[_Row] = [("", size, INK, size * POINT * (0.9 if line.begins else 0.3))]
        if line.begins:
            rows.append((line.begins, size * 0.7, RED, row_height(line.begins, size * 0.7)))
        for text, of, colour in [(line.sung, size, INK), *under]:
            rows += [(row, of, colour, row_height(row, of)) for row in self.rows(text, of, width)]
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
