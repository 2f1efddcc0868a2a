"""The letters that are burnt into a picture, and how wide a line of them is.

A renderer cannot break a Khmer line by itself, since nothing in it says where words end; so lines are measured and
broken here, between words. Widths are sums of advances, good to some hundredths: subscripts and vowel signs above and
below have none.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import fontpkg_noto_sans_khmer
from fontTools.ttLib import TTFont

from archive.language.clusters import COENG


def _noto_sans_khmer() -> Path:
    return next((Path(fontpkg_noto_sans_khmer.__file__).parent / "files").glob("*.ttf"))


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font file and the family name it calls itself by."""

    family: str = "Noto Sans Khmer"
    file: Path = field(default_factory=_noto_sans_khmer)

    @property
    def line_height(self) -> float:
        """Height of a row in ems, by which libass measures a font: a Khmer font's is nearly twice its letters'."""
        return _metrics(self.file)[2]

    def width(self, text: str) -> float:
        """Width of a text in ems."""
        advances, fallback, _ = _metrics(self.file)
        total = 0.0
        subscript = False
        for character in text:
            if not subscript and character != COENG and unicodedata.category(character) not in {"Mn", "Cf"}:
                total += advances.get(ord(character), fallback)
            subscript = character == COENG
        return total


def broken(pieces: Sequence[str], width: float, face: Typeface) -> list[int]:
    """Where to begin a new row: indexes of pieces, so that no row is wider than `width` ems where that can be had.

    As few rows as will do, and those as even as they can be.
    """
    widths = [face.width(piece) for piece in pieces]
    whole = sum(widths)
    rows = max(1, -(-int(whole * 1000) // max(1, int(width * 1000))))
    while True:
        breaks = _even(widths, whole / rows)
        edges = [0, *breaks, len(widths)]
        fits = all(sum(widths[a:b]) <= width for a, b in pairwise(edges))
        if fits or rows >= len(widths):
            return breaks
        rows += 1


def _even(widths: Sequence[float], share: float) -> list[int]:
    breaks = []
    reached, row = 0.0, 1
    for index, width in enumerate(widths):
        if index and reached + width / 2 > share * row:
            breaks.append(index)
            row += 1
        reached += width
    return breaks


@functools.cache
def _metrics(file: Path) -> tuple[dict[int, float], float, float]:
    """Advances by code point, the advance of what the font lacks, and the height of a row, all in ems."""
    font = TTFont(file, lazy=True)
    units = font["head"].unitsPerEm
    metrics = font["hmtx"]
    found = {code: metrics[name][0] / units for code, name in font.getBestCmap().items()}
    height = (font["OS/2"].usWinAscent + font["OS/2"].usWinDescent) / units
    font.close()
    return found, 0.6, height
