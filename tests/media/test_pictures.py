"""A stranger's picture becomes a cover of which every byte is new; what is no picture, or a trap, is refused."""

from __future__ import annotations

import random
import struct
import subprocess
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from media import pictures
from media.cover import png
from media.ffmpeg import binary
from media.pictures import NotPicture, cover_of, head_of

PLACE = b"11.5564N 104.9282E"


def halves(width: int = 400, height: int = 300) -> np.ndarray:
    """Red above, blue below; green at the left edge."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, :, 0] = 250
    picture[height // 2 :, :, 2] = 250
    return picture


def encoded(picture: np.ndarray, path: Path) -> Path:
    plain = path.with_suffix(".plain.png")
    plain.write_bytes(png(picture))
    if path.suffix == ".png":
        return plain.rename(path)
    subprocess.run([binary(), "-v", "error", "-y", "-i", str(plain), "-q:v", "2", str(path)], check=True)
    return path


def pixels(jpeg: bytes) -> np.ndarray:
    command = [binary(), "-v", "error", "-i", "-", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, input=jpeg, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(pictures.SIDE, pictures.SIDE, 3)


def with_exif(jpeg: bytes, turn: int) -> bytes:
    """As a telephone writes it: turned by a tag, with the place beside it."""
    entries = struct.pack("<HHIHH", 0x0112, 3, 1, turn, 0) + struct.pack("<HHII", 0x010E, 2, len(PLACE), 38)
    block = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 0) + PLACE
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg[2:]


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_a_picture_is_made_square_and_anew(tmp_path: Path, name: str) -> None:
    made = cover_of(encoded(halves(), tmp_path / name))
    seen = pixels(made)
    assert made.startswith(b"\xff\xd8\xff")
    assert (seen[100, 600, 0] > 180, seen[1100, 600, 2] > 180) == (True, True)


@pytest.mark.parametrize(("part", "red"), [("start", True), ("end", False)])
def test_of_a_high_picture_the_part_stays_that_was_chosen(tmp_path: Path, part: str, red: bool) -> None:
    seen = pixels(cover_of(encoded(halves(300, 800), tmp_path / "a.png"), part))
    assert bool(seen[600, 600, 0] > 180) is red


@pytest.mark.parametrize(("turn", "red_at"), [(1, (100, 600)), (3, (1100, 600)), (6, (600, 1100)), (8, (600, 100))])
def test_a_telephones_picture_stands_upright_and_its_place_is_gone(
    tmp_path: Path, turn: int, red_at: tuple[int, int]
) -> None:
    path = encoded(halves(400, 400), tmp_path / "a.jpg")
    path.write_bytes(with_exif(path.read_bytes(), turn))
    head = head_of(path.read_bytes())
    assert head is not None
    assert head.turn == turn
    made = cover_of(path)
    assert pixels(made)[red_at][0] > 180
    assert (PLACE in made, b"Exif" in made, b"Lavc" in made) == (False, False, False)


def bomb(width: int, height: int) -> bytes:
    """A PNG of some bytes that says it is huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1000))

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "kind"),
        (b"GIF89a" + bytes(100), "kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "kind"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "kind"),
        (bomb(60_000, 60_000), "points"),
        (bomb(15_000, 15_000), "points"),
        (bomb(20, 20), "small"),
        (bomb(1000, 1000)[:40], "broken"),
        (b"\xff\xd8\xff", "broken"),
        (b"\xff\xd8\xff\xe1\x00\x00" + bytes(50), "kind"),
        (b"\xff\xd8" + b"\xff\xe0\x00\x02" * 5000, "kind"),
        (b"RIFF\x10\0\0\0WEBPVP8X" + bytes(4), "broken"),
        (b"RIFF\x10\0\0\0WEBPVP8X\x0a\0\0\0\x02" + bytes(20), "kind"),
    ],
)
def test_what_is_no_cover_is_refused_with_a_reason(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    with pytest.raises(NotPicture) as refused:
        cover_of(path)
    assert refused.value.code == why


def test_a_picture_beyond_any_telephones_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with path.open("wb") as file:
        file.truncate(pictures.LARGEST + 1)
    with pytest.raises(NotPicture) as refused:
        cover_of(path)
    assert refused.value.code == "large"


def test_broken_bits_end_in_a_cover_or_a_sentence(tmp_path: Path) -> None:
    chance = random.Random(3)
    whole = with_exif(encoded(halves(), tmp_path / "a.jpg").read_bytes(), 6)
    for _ in range(300):
        broken = bytearray(whole[: chance.randrange(4, len(whole))])
        for _ in range(4):
            broken[chance.randrange(min(200, len(broken)))] = chance.randrange(256)
        assert pictures.plainly(bytes(broken)).keys() in ({"wrong"}, {"kind", "width", "height", "turn"})
    for number in range(4):
        broken = bytearray(whole)
        for _ in range(50):
            broken[chance.randrange(100, len(broken))] = chance.randrange(256)
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(bytes(broken))
        with suppress(NotPicture):
            assert cover_of(path).startswith(b"\xff\xd8\xff")
