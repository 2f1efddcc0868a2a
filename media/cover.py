"""A song's picture as PNG, for where a page's SVG cannot go: inside a sound file.

PNG (Portable Network Graphics, third edition, https://www.w3.org/TR/png-3/): eight bits a channel, no filter, one
chunk of picture data.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from archive.songs.song_picture import GAP, SIZE, StitchRow

SIDE = 600
THICK = 1.9  # of a stitch, in hundredths of the side
CLOTH, OWN, TOLD = (0x17, 0x24, 0x44), (0xCF, 0xC4, 0xAD), (0xED, 0xA6, 0x2C)
_TRUECOLOUR = 2


def drawn(rows: Sequence[StitchRow], side: int = SIDE) -> bytes:
    """The rows of stitches on their cloth, as a square PNG."""
    picture = np.empty((side, side, 3), dtype=np.uint8)
    picture[:] = CLOTH
    scale = side / SIZE
    for row in rows:
        top = round((row.y - THICK / 2) * scale)
        bottom = max(top + 1, round((row.y + THICK / 2) * scale))
        at = row.x
        for stitch in row.stitches:
            picture[top:bottom, round(at * scale) : round((at + stitch) * scale)] = TOLD if row.sourced else OWN
            at += stitch + GAP
    return png(picture)


def png(picture: npt.NDArray[np.uint8]) -> bytes:
    """A picture of shape (height, width, 3) as a PNG file."""
    height, width, _ = picture.shape
    unfiltered = np.concatenate([np.zeros((height, 1), np.uint8), picture.reshape(height, width * 3)], axis=1)
    head = struct.pack(">IIBBBBB", width, height, 8, _TRUECOLOUR, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(unfiltered.tobytes(), 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
