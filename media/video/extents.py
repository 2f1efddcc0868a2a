"""Where the words of a row lie when libass draws it as a whole.

Nobody but the one who draws can say: libass chooses the font for each letter, places subscripts and pre-posed vowels,
and centres. So it is asked, in one run before the video is made: each row as it will stand, then its first words from
the left margin and its last ones from the right. Where their ink ends, measured from the ink of the whole, is where
they end in the row, to a pixel. A row that is sung again is measured once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from media import ffmpeg
from media.timed import ass
from media.timed.lines import Credits
from media.video.layout import Layout, TextRow

Extent: TypeAlias = tuple[int, int]
"""The first column of a word's ink and the one after its last, in pixels of the picture."""
Extents: TypeAlias = Mapping[TextRow, tuple[Extent, ...]]

FILTER = "ass={script}:shaping=complex:fontsdir=fonts"
"""The filter that draws, run in a folder with the script and with `fonts` in it."""

_RATE = 100  # one frame for each hundredth of a second, the finest that ASS counts
_INK = 8  # of 255 levels above the ground
_DEEP = 1.5  # heights of a row: marks and subscripts may reach beyond it


def measured(rows: Sequence[TextRow], layout: Layout, folder: Path) -> Extents:
    """The extents of each row's words.

    Args:
        folder: holds the typeface in `fonts`; a script is left in it.

    Raises:
        FfmpegFailed, FfmpegStalled: when drawing fails.
    """
    if not rows:
        return {}
    asked = list(dict.fromkeys((row.texts, row.size) for row in rows))
    height = round(max(size for _, size in asked) * _DEEP)
    drawings = [drawing for texts, size in asked for drawing in _drawings(texts, size, layout.picture.width, height)]
    events = [ass.dialogue(10 * n, 10 * (n + 1), drawing) for n, drawing in enumerate(drawings)]
    script = ass.document(events, Credits(), [ass.style_row("Default", layout.style())], _strip(layout, height))
    (folder / "rows.ass").write_text(script, encoding="utf-8")
    edges = iter(_edges(len(drawings), layout.picture.width, height, folder))
    found = {(texts, size): _extents([next(edges) for _ in range(2 * len(texts) - 1)]) for texts, size in asked}
    return {row: found[row.texts, row.size] for row in rows}


def _drawings(texts: Sequence[str], size: int, width: int, height: int) -> Iterator[str]:
    """The row, then for each border between words the text before it at the left and that after it at the right."""
    form = rf"{{\q2\fs{size}\an%d\pos(%d,{height // 2})}}"
    margin = width // 20
    yield form % (5, width // 2) + ass.escaped("".join(texts))
    for border in range(1, len(texts)):
        yield form % (4, margin) + ass.escaped("".join(texts[:border]).rstrip())
        yield form % (6, width - margin) + ass.escaped("".join(texts[border:]).lstrip())


def _strip(layout: Layout, height: int) -> ass.Style:
    return ass.Style(width=layout.picture.width, height=height)


def _edges(count: int, width: int, height: int, folder: Path) -> list[Extent]:
    """The outermost columns of ink in each of `count` drawings."""
    arguments = [
        *("-f", "lavfi", "-i", f"color=c=black:s={width}x{height}:r={_RATE},format=gray"),
        *("-vf", FILTER.format(script="rows.ass"), "-frames:v", str(count), "-f", "rawvideo", "-pix_fmt", "gray"),
    ]
    found: list[Extent] = []
    held = bytearray()
    area = width * height
    with ffmpeg.Process([*arguments, "pipe:1"], folder=folder) as process:
        for piece in process.pieces():
            held += piece
            while len(held) >= area:
                found.append(_inked(np.frombuffer(bytes(held[:area]), np.uint8).reshape(height, width)))
                del held[:area]
    outcome = process.outcome()
    if outcome.status != 0 or len(found) != count:
        raise ffmpeg.FfmpegFailed(outcome.messages)
    return found


def _inked(drawing: npt.NDArray[np.uint8]) -> Extent:
    columns = np.flatnonzero(drawing.max(axis=0) > int(drawing[0, 0]) + _INK)
    return (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 0)


def _extents(edges: Sequence[Extent]) -> tuple[Extent, ...]:
    """The words' extents from those of the whole row, its beginnings and its endings; words never overlap.

    Where ink of two words stands in the same columns, each gets half of them.
    """
    (left, right), parts = edges[0], edges[1:]
    ends = [left + end - start for start, end in parts[::2]]
    starts = [right - (end - start) for start, end in parts[1::2]]
    shared = [
        (end, start) if end <= start else ((end + start) // 2,) * 2 for end, start in zip(ends, starts, strict=True)
    ]
    borders = [left, *(column for pair in shared for column in pair), right]
    return tuple(pairwise(borders))[::2]
