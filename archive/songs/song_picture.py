"""A song's picture, stitched from its own words.

One row for each line, one stitch for each word, as long as the word is sung; a line that came out of a testimony is
sewn in the thread's colour, the band's own in the cloth's. So no two songs look alike, none needs a picture to be
found, and the drawing says something true about the song before it is heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.songs.song_view import SungLine

SIZE = 100.0
MARGIN = 9.0
ROWS = 14
GAP = 1.7  # between stitches, in the same hundredths of the picture's side


@dataclass(frozen=True, slots=True)
class StitchRow:
    """One row of stitches, as long as `stitches` say, at height `y` from `x`."""

    x: float
    y: float
    stitches: tuple[float, ...]
    sourced: bool

    @property
    def width(self) -> float:
        return round(sum(self.stitches) + GAP * (len(self.stitches) - 1), 1)

    @property
    def dashes(self) -> str:
        """The stitches as the dashes of a stroke."""
        return " ".join(f"{stitch} {GAP}" for stitch in self.stitches)


def stitch_rows(sung: Sequence[SungLine]) -> tuple[StitchRow, ...]:
    """The rows of a song's picture, at most `ROWS`, within a square of side `SIZE`."""
    lines = [line for line in sung if line.words][:ROWS]
    if not lines:
        return ()
    step = (SIZE - 2 * MARGIN) / max(len(lines), 8)
    top = (SIZE - step * (len(lines) - 1)) / 2
    longest = max(sum(_lengths(line)) for line in lines)
    return tuple(_row(line, top + index * step, longest) for index, line in enumerate(lines))


def _lengths(line: SungLine) -> list[float]:
    """How long each word's stitch is: its time where it has one, and else its letters."""
    return [
        max(80, word.end_ms - word.start_ms) if word.start_ms is not None and word.end_ms is not None
        else 110.0 * len(word.text)
        for word in line.words
    ]  # fmt: skip


def _row(line: SungLine, y: float, longest: float) -> StitchRow:
    lengths = _lengths(line)
    room = SIZE - 2 * MARGIN
    width = room * (0.45 + 0.55 * sum(lengths) / longest)
    scale = max(1.0, width - GAP * len(lengths)) / sum(lengths)
    stitches = tuple(round(max(1.2, length * scale), 1) for length in lengths)
    return StitchRow(MARGIN, round(y, 1), stitches, bool(line.voices))
