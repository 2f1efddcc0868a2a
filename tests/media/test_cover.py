"""The picture sewn from a song's words, as a file that other readers know."""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from archive.songs.song_picture import StitchRow
from media.cover import CLOTH, OWN, TOLD, drawn, png


def decoded(data: bytes, folder: Path) -> np.ndarray:
    (folder / "x.png").write_bytes(data)
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-i",
        "x.png",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    raw = subprocess.run(command, check=True, capture_output=True, cwd=folder, timeout=60).stdout
    side = round((len(raw) / 3) ** 0.5)
    return np.frombuffer(raw, np.uint8).reshape(side, side, 3)


def test_stitches_lie_where_the_rows_say_in_the_colour_of_where_they_came_from(tmp_path: Path) -> None:
    rows = (StitchRow(10, 20, (30.0, 20.0), True), StitchRow(10, 60, (50.0,), False))
    picture = decoded(drawn(rows, 200), tmp_path)
    assert picture.shape == (200, 200, 3)
    assert tuple(picture[40, 40]) == TOLD
    assert tuple(picture[40, 81]) == CLOTH  # between two stitches
    assert tuple(picture[40, 100]) == TOLD
    assert tuple(picture[120, 40]) == OWN
    assert tuple(picture[5, 5]) == CLOTH


def test_every_colour_comes_back_as_it_was(tmp_path: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert np.array_equal(decoded(png(noise), tmp_path), noise)
