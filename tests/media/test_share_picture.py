"""The picture of a shared link: of the size that was promised, with the title's ink on paper and stitches on cloth."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

from archive.songs.song_picture import StitchRow
from media.share_picture import HEIGHT, WIDTH, ShareCard, share_picture

ROWS = tuple(StitchRow(9.0, 20.0 + 9 * n, (12.0, 20.0, 8.0), n % 2 == 0) for n in range(6))
TITLE = ("កុំ", "កាត់", "ទោស", "ខ្ញុំ")


def pixels(picture: bytes) -> npt.NDArray[np.uint8]:
    """The rows of a PNG as `media.cover.png` writes it."""
    assert struct.unpack(">II", picture[16:24]) == (WIDTH, HEIGHT)
    start = picture.index(b"IDAT") + 4
    (length,) = struct.unpack(">I", picture[start - 8 : start - 4])
    rows = np.frombuffer(zlib.decompress(picture[start : start + length]), np.uint8).reshape(HEIGHT, -1)
    return rows[:, 1:].reshape(HEIGHT, WIDTH, 3)


def dark(picture: bytes) -> npt.NDArray[np.int64]:
    """How much ink each row has between the kind and the house, right of the cloth."""
    paper = pixels(picture)[130:520, HEIGHT:]
    return np.sum(paper.max(axis=2) < 120, axis=1)


def test_a_title_is_written_beside_its_stitches() -> None:
    drawn = share_picture(ShareCard(TITLE, ("Do not ", "condemn ", "me"), "ចម្រៀង", "អ្នកនាំសារ", (ROWS,)))
    cloth = pixels(drawn)[:, :HEIGHT]
    assert {(0xED, 0xA6, 0x2C), (0xCF, 0xC4, 0xAD), (0x17, 0x24, 0x44)} <= {tuple(one) for one in cloth[::3, 80]}
    assert dark(drawn).sum() > 2000
    assert len(drawn) < 60_000


def test_a_longer_title_is_set_in_rows_and_stays_on_the_paper() -> None:
    long = share_picture(ShareCard(TITLE * 12, ("word ",) * 40, "Song", "Messenger Band"))
    ink = pixels(long)[:, WIDTH - 40 :]
    assert (ink[12:] == (0xF5, 0xEE, 0xE1)).all()
    assert np.count_nonzero(np.diff((dark(long) > 0).astype(int)) == 1) >= 4
