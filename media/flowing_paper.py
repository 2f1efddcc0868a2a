"""Pages of blocks that follow one another: a listening list, a training's plan, a transcript, a narrator's sheet.

A block stays on one page where a page is long enough for it; each page says at its foot what it belongs to and which of
how many it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from media.paper import FAINT, HEIGHT, INK, MARGIN, POINT, RED, WIDTH, Paper, row_height

_SIDE = 17.0  # of a block's code, millimetres
_FOOT = 8.0
_TAKEN_OUT = re.compile("\u2587+")  # what is taken out of somebody's words; the face has no such sign
_COLOURS = {"": INK, "faint": FAINT, "red": RED}


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A text with its size in points; `colour` is empty, `faint` or `red`, `indent` in millimetres."""

    text: str
    size: float = 12.0
    colour: str = ""
    indent: float = 0.0


@dataclass(frozen=True, slots=True)
class PaperBlock:
    """Rows that belong together; `address` is what a code beside them leads to, empty for none."""

    rows: tuple[PaperRow, ...]
    address: str = ""


def flowing_pages(title: str, under: Sequence[str], blocks: Sequence[PaperBlock], address: str = "") -> bytes:
    """A PDF of blocks under a title.

    Args:
        under: rows under the title, such as its other language; empty ones are left out.
        address: where the whole is found, as a code beside the title and at the foot; empty for none.
    """
    paper = _FlowingPaper(title)
    paper.add_page()
    head = [PaperRow(title, 20, "red"), *(PaperRow(one, 11, "faint") for one in under if one)]
    paper.set_xy(MARGIN, MARGIN)
    paper.block(PaperBlock(tuple(head), address))
    for one in blocks:
        paper.block(one)
    paper.feet(f"{title} \u00b7 {address}" if address else title)
    return paper.finished()


class _FlowingPaper(Paper):
    """Pages that blocks are put on, one below the other."""

    def block(self, block: PaperBlock) -> None:
        """The rows of a block from here down, on the next page where they do not fit on this one."""
        width = WIDTH - 2 * MARGIN - (_SIDE + 5 if block.address else 0)
        lines = [(line, row) for row in block.rows for line in _TAKEN_OUT.sub("[\u2026]", row.text).splitlines()]
        rows = [(text, row) for line, row in lines for text in self.rows(line, row.size, width - row.indent)]
        tall = sum(row_height(text, row.size) for text, row in rows)
        needed = max(tall, _SIDE if block.address else 0.0)
        end = HEIGHT - MARGIN - _FOOT
        if self.get_y() + needed > end and self.get_y() > MARGIN + 1 and needed < end - MARGIN:
            self._turn()
        top = self.get_y()
        if block.address:
            self.code(block.address, WIDTH - MARGIN - _SIDE, top, _SIDE)
        page = self.page
        self.set_xy(MARGIN, top)
        for text, row in rows:
            high = row_height(text, row.size)
            if self.get_y() + high > end:
                self._turn()
            y = self.get_y()
            self.put(text, row.size, _COLOURS[row.colour], MARGIN + row.indent, y)
            self.set_xy(MARGIN, y + high)
        if page == self.page:
            self.set_xy(MARGIN, max(self.get_y(), top + (_SIDE if block.address else 0.0)))
        self.set_xy(MARGIN, self.get_y() + 9 * POINT)

    def _turn(self) -> None:
        self.add_page()
        self.set_xy(MARGIN, MARGIN)

    def feet(self, said: str) -> None:
        """What each page belongs to, and which of how many it is."""
        many = len(self.pages)
        for page in range(1, many + 1):
            self.page = page
            row = (self.rows(said, 8, WIDTH - 2 * MARGIN - 25) or [""])[0]
            self.put(row, 8, FAINT, MARGIN, HEIGHT - MARGIN - 4)
            self.put(f"{page} / {many}", 8, FAINT, WIDTH - MARGIN - 20, HEIGHT - MARGIN - 4)
