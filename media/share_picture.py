"""The picture that a shared link shows: a title in shaped letters beside stitches, 1200 x 630, as PNG.

Drawn as the video is: libass shapes the letters with the archive's own font, and the stitches are its drawings. On the
left a square of cloth, on the right the title on paper, as the pages are. 1200 x 630 is what Open Graph and Twitter
cards ask for (https://ogp.me/).
"""

from __future__ import annotations

import functools
import re
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from archive.songs.song_picture import GAP, SIZE, StitchRow
from media import ffmpeg
from media.cover import THICK, png
from media.timed import ass
from media.timed.lines import Credits, one_line
from media.typeface import Typeface, broken
from media.video.extents import FILTER
from media.video.making import carry_typeface

WIDTH, HEIGHT = 1200, 630
PAPER, CLOTH, INK, FAINT = "F5EEE1", "172444", "241D18", "5F544A"
TOLD, OWN, HEM = "EDA62C", "CFC4AD", "9B2335"
ROOM = WIDTH - HEIGHT - 2 * 56
"""Pixels between the margins beside the cloth."""
_MARGIN, _HEM = 56, 10
_TITLE, _OTHER, _KIND, _HOUSE, _SMALLEST = 76, 38, 28, 28, 20
_TITLE_ROWS, _OTHER_ROWS = 3, 3
_LATIN_LEAD = 1.35
_KHMER = re.compile("[\u1780-\u17ff]")
_LIMITS = ffmpeg.FfmpegLimits(20, 1024 * 1024 * 1024, 16 * 1024 * 1024, 30.0)
_KEPT = 128
_one_at_a_time = threading.Semaphore(2)


@dataclass(frozen=True, slots=True)
class ShareCard:
    """What the picture says.

    Attributes:
        title, other: the title and the same in another language, in pieces between which a row may end; the second
            may be empty.
        kind: what it is, in a word or two.
        house: who shares it.
        pictures: the rows of stitches of up to four songs; with none, one thread lies across the cloth.
    """

    title: tuple[str, ...]
    other: tuple[str, ...]
    kind: str
    house: str
    pictures: tuple[tuple[StitchRow, ...], ...] = ()


@functools.lru_cache(maxsize=_KEPT)
def share_picture(card: ShareCard) -> bytes:
    """The picture as PNG. What was drawn stays in this process's memory for a while, and nowhere else.

    Raises:
        FfmpegFailed, FfmpegStalled: when drawing fails.
    """
    face = Typeface()
    style = ass.Style(face.family, 60, INK, INK, PAPER, WIDTH, HEIGHT, alignment=7, margin=0, border=0)
    events = [ass.dialogue(0, 1000, text) for text in (*_cloth(card.pictures), *_words(card, face))]
    script = ass.document(events, Credits(), [ass.style_row("Default", style)], style)
    arguments = [
        *("-f", "lavfi", "-i", f"color=c=0x{PAPER}:s={WIDTH}x{HEIGHT}:r=1,format=rgb24"),
        *("-vf", FILTER.format(script="card.ass"), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"),
    ]
    with _one_at_a_time, tempfile.TemporaryDirectory(prefix="share-") as name:
        folder = Path(name)
        carry_typeface(face, folder)
        (folder / "card.ass").write_text(script, encoding="utf-8")
        with ffmpeg.Process(arguments, limits=_LIMITS, folder=folder) as process:
            drawn = b"".join(process.pieces())
        outcome = process.outcome()
    if outcome.status != 0 or len(drawn) != WIDTH * HEIGHT * 3:
        raise ffmpeg.FfmpegFailed(outcome.messages)
    return png(np.frombuffer(drawn, np.uint8).reshape(HEIGHT, WIDTH, 3))


def _cloth(pictures: Sequence[Sequence[StitchRow]]) -> Iterator[str]:
    """The square of cloth with its stitches, and the hem of the page."""
    yield _filled([(0, 0, HEIGHT, HEIGHT)], CLOTH)
    yield _filled([(HEIGHT, 0, WIDTH - HEIGHT, _HEM)], HEM)
    shown = [rows for rows in pictures if rows][:4]
    if not shown:
        across = [(x, HEIGHT // 2 - 6, 54, 12) for x in range(45, HEIGHT - 54, 80)]
        yield _filled(across, TOLD)
        return
    side = HEIGHT if len(shown) == 1 else HEIGHT // 2
    places = [(0, 0), (side, side), (side, 0), (0, side)]
    for rows, (left, top) in zip(shown, places, strict=False):
        for told in (True, False):
            marks = [mark for row in rows if row.sourced is told for mark in _stitches(row, left, top, side)]
            if marks:
                yield _filled(marks, TOLD if told else OWN)


def _stitches(row: StitchRow, left: int, top: int, side: int) -> Iterator[tuple[int, int, int, int]]:
    scale = side / SIZE
    x, thick = row.x, max(2, round(THICK * scale))
    for stitch in row.stitches:
        width = max(2, round(stitch * scale))
        yield round(left + x * scale), round(top + row.y * scale - thick / 2), width, thick
        x += stitch + GAP


def _filled(boxes: Sequence[tuple[int, int, int, int]], colour: str) -> str:
    """Boxes of left, top, width and height as one drawing."""
    path = " ".join(f"m {x} {y} l {x + w} {y} {x + w} {y + h} {x} {y + h}" for x, y, w, h in boxes)
    return rf"{{\an7\pos(0,0)\1c{ass.colour(colour)}\p1}}{path}"


def _words(card: ShareCard, face: Typeface) -> Iterator[str]:
    """The kind above, the title and its other language in the middle, the house below; all from the left margin."""
    x = HEIGHT + _MARGIN
    yield _text(card.kind, x, _MARGIN + _HEM, _KIND, face, HEM)
    yield _text(card.house, x, HEIGHT - _MARGIN - round(_HOUSE * face.line_height) + 16, _HOUSE, face, FAINT)
    blocks = [
        (*_rows(card.title, _TITLE, _TITLE_ROWS, face), INK),
        (*_rows(card.other, _OTHER, _OTHER_ROWS, face), FAINT),
    ]
    rows = [(row, em, round(em * _lead(row, face)), colour) for found, em, colour in blocks for row in found]
    y = HEIGHT // 2 - sum(height for _, _, height, _ in rows) // 2
    for row, em, height, colour in rows:
        yield _text(row, x, y, em, face, colour)
        y += height


def _lead(text: str, face: Typeface) -> float:
    """Height of a row in ems: Khmer needs the room for its subscripts, and Latin would fall apart in it."""
    return face.line_height if _KHMER.search(text) else _LATIN_LEAD


def _rows(pieces: Sequence[str], em: int, most: int, face: Typeface) -> tuple[list[str], int]:
    """A text in rows, and the size at which they fit: the longer it is, the smaller."""
    words = [one_line(piece) + " " * piece.endswith((" ", "\n")) for piece in pieces]
    if not "".join(words).strip():
        return [], em
    while True:
        edges = [0, *broken(words, ROOM / em, face), len(words)]
        rows = ["".join(words[a:b]).strip() for a, b in pairwise(edges)]
        fits = len(rows) <= most and max(face.width(row) for row in rows) * em <= ROOM
        if fits or em <= _SMALLEST:
            return rows[: 2 * most], em
        em -= 4


def _text(text: str, x: int, y: int, em: int, face: Typeface, colour: str) -> str:
    place = rf"\an7\q2\pos({x},{y})\fs{round(em * face.line_height)}\1c{ass.colour(colour)}"
    return f"{{{place}}}" + ass.escaped(one_line(text))
