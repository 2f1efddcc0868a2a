"""A4 pages in the archive's own face, with Khmer shaped as it is written: what every PDF here is drawn on.

Set by fpdf2 with HarfBuzz, which are wheels alone. PDF 1.7, ISO 32000-1; text is kept as text, so that it can be
searched and copied.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise

import segno
from fpdf import FPDF

from archive.language.words import rows_may_end_after
from media.typeface import Typeface, broken

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 15.0  # A4, millimetres
POINT = 25.4 / 72
RED, INK, FAINT = (161, 27, 43), (39, 27, 22), (93, 75, 64)
CODE = 20.0  # side of a code, millimetres
_KHMER_ROW, _LATIN_ROW = 1.62, 1.22  # heights of a row in its size
_ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)  # the same text gives the same bytes, and tells no day
_KHMER = re.compile("[\u1780-\u17ff]")


class Paper(FPDF):
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
            self.set_xy(MARGIN, self.get_y() + row_height(row, size))

    def put(self, text: str, size: float, colour: tuple[int, int, int], x: float, y: float) -> None:
        """One row of text with its top at `y`."""
        self.set_font("face", size=size)
        self.set_text_color(*colour)
        self.set_xy(x, y)
        self.cell(w=0, h=row_height(text, size), text=text, align="L")
        self.set_xy(x, y)

    def rows(self, text: str, size: float, width: float) -> list[str]:
        """The text in rows that are so wide at most, broken between words."""
        pieces = rows_may_end_after(" ".join(text.split()))
        if not pieces:
            return []
        edges = [0, *broken(pieces, width / (size * POINT), self.face), len(pieces)]
        return ["".join(pieces[start:end]).strip() for start, end in pairwise(edges)]

    def code(self, address: str, x: float, y: float, size: float) -> None:
        """An address for a camera, as squares."""
        matrix = [list(row) for row in segno.make(address, micro=False, error="m").matrix]
        side = size / len(matrix)
        self.set_fill_color(*INK)
        for line, row in enumerate(matrix):
            for at, dark in enumerate(row):
                if dark:
                    self.rect(x + at * side, y + line * side, side + 0.02, side + 0.02, style="F")


def row_height(text: str, size: float) -> float:
    """Height of a row in millimetres."""
    return size * POINT * (_KHMER_ROW if _KHMER.search(text) else _LATIN_ROW)
