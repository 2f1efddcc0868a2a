"""Where everything stands in the picture: two blocks of rows, one above the middle and one below, and the cards.

Lengths are in pixels, and in ems of the lyric's size where it says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from archive.timing import TimedLine
from media.timed import ass
from media.timed.lines import marks, one_line
from media.typeface import Typeface, broken

_LETTERS = 0.105
"""Height of the letters as a share of the picture's shorter side: read from the back of a courtyard."""
_ASIDE = 0.45
"""The translation's letters beside the lyric's."""
_FILLED = 0.86
"""How much of the picture's width the widest row may take."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Size, frame rate and colours (RRGGBB) of the video; `aside` is the colour of translations."""

    width: int = 1920
    height: int = 1080
    frames_per_second: int = 30
    ground: str = "1B1512"
    sung: str = "FFC145"
    unsung: str = "F7F1E8"
    aside: str = "CFC4AD"


WIDE = Picture()
TALL = Picture(1080, 1920)


@dataclass(frozen=True, slots=True)
class Cards:
    """What stands before and after the song: its title, who sings, and the rows of the credits."""

    title: str
    artist: str = ""
    credits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SungPiece:
    """A word as it is sung, with the text up to the next word; milliseconds of the song."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class TextRow:
    """Words side by side, `size` as libass counts it; `y` is the row's middle."""

    pieces: tuple[SungPiece, ...]
    size: int
    y: int

    @property
    def texts(self) -> tuple[str, ...]:
        """The words as they are drawn: joined they are the row, which neither begins nor ends with a space."""
        texts = [piece.text for piece in self.pieces]
        texts[0] = texts[0].lstrip()
        texts[-1] = texts[-1].rstrip()
        return tuple(texts)


@dataclass(frozen=True, slots=True)
class Small:
    """One row of text that is not swept; `y` is its middle."""

    text: str
    size: int
    y: int


@dataclass(frozen=True, slots=True)
class Block:
    """One sung line: its rows, and those of its translation beneath."""

    rows: tuple[TextRow, ...]
    asides: tuple[Small, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """What fits where in a picture, with a typeface."""

    picture: Picture
    face: Typeface

    @property
    def em(self) -> float:
        """Height of the letters in pixels."""
        return min(self.picture.width, self.picture.height) * _LETTERS

    @property
    def ems(self) -> float:
        """The widest row, in ems of the lyric's size."""
        return _FILLED * self.picture.width / self.em

    @property
    def middle(self) -> int:
        """The column in which everything is centred."""
        return self.picture.width // 2

    def font_size(self, em: float) -> int:
        """What libass calls the size of a font: the height of its rows."""
        return round(em * self.face.line_height)

    def fitted(self, rows: Sequence[str], scale: float = 1.0) -> float:
        """The em at which the widest of the rows still fits into the picture, at most `scale` of the lyric's."""
        widest = max((self.face.width(row) for row in rows), default=1.0)
        return self.em * min(scale, self.ems / max(widest, 1e-6))

    def style(self) -> ass.Style:
        """The style that every row starts from. No outline: the ground is one colour."""
        picture = self.picture
        return ass.Style(
            self.face.family,
            self.font_size(self.em),
            picture.unsung,
            picture.unsung,
            picture.ground,
            picture.width,
            picture.height,
            alignment=5,
            margin=0,
            border=0,
        )

    def block(self, line: TimedLine, other: str, lower: bool) -> Block:
        """A line in the upper or the lower half, with its translation."""
        words = pieces(line)
        rows = _rows([piece.text for piece in words], self.ems, self.face)
        small = re.findall(r"\s*\S+", one_line(other))
        asides = ["".join(small[a:b]).strip() for a, b in _rows(small, self.ems / _ASIDE, self.face)] if small else []
        em = self.fitted(["".join(piece.text for piece in words[a:b]) for a, b in rows])
        aside = self.fitted(asides, _ASIDE)
        reach = self.picture.height * (0.23 if self.picture.width > self.picture.height else 0.16)
        wanted = self.face.line_height * (em * len(rows) + aside * len(asides))
        shrunk = min(1.0, 2 * reach / wanted)
        size, small_size = self.font_size(em * shrunk), self.font_size(aside * shrunk)
        top = self.picture.height / 2 + (reach if lower else -reach) - wanted * shrunk / 2
        below = top + size * len(rows)
        return Block(
            tuple(TextRow(tuple(words[a:b]), size, round(top + size * (n + 0.5))) for n, (a, b) in enumerate(rows)),
            tuple(Small(text, small_size, round(below + small_size * (n + 0.5))) for n, text in enumerate(asides)),
        )

    def column(self, rows: Sequence[str], scales: Sequence[float]) -> list[Small]:
        """Rows beneath one another in the middle of the picture, each as large as its scale and the width allow."""
        sizes = [self.font_size(self.fitted([row], scale)) for row, scale in zip(rows, scales, strict=True)]
        top = self.picture.height / 2 - sum(sizes) / 2
        return [
            Small(row, size, round(top + sum(sizes[:n]) + size / 2))
            for n, (row, size) in enumerate(zip(rows, sizes, strict=True))
        ]


def pieces(line: TimedLine) -> list[SungPiece]:
    """The words of a placed line with when each is sung."""
    return [SungPiece(text, at, until) for (at, text), (until, _) in pairwise(marks(line)) if text]


def _rows(texts: Sequence[str], width: float, face: Typeface) -> list[tuple[int, int]]:
    """The first and one past the last text of each row."""
    return list(pairwise([0, *broken(texts, width, face), len(texts)]))
