"""A picture from somebody's telephone becomes a song's cover: checked, turned upright, cropped square, written anew.

Nothing of the file itself is kept: not its place, its day or its maker, and not a byte that a decoder was meant to
stumble over. Its head is read by our own few lines, in a process of their own (`media.apart`), so that nothing is
decoded that says it is larger than a camera's picture; then ffmpeg decodes it, as one named kind of picture and with
bounds of its own, and writes a JPEG of which every byte is new.

JPEG: ITU-T T.81, annex B; its orientation: Exif 2.32, tag 0x0112. PNG: https://www.w3.org/TR/png-3/.
WebP: RFC 9649.
"""

from __future__ import annotations

import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.language.messages import FilledMessage, Message
from media import ffmpeg
from media.apart import Overrun, read_apart
from media.ffmpeg import FfmpegFailed, FfmpegLimits, FfmpegStalled
from media.refused import Refused

LARGEST = 20 * 1024 * 1024
SIDE = 1200
SMALLEST_SIDE, LONGEST_SIDE, MOST_PIXELS = 200, 16_000, 60_000_000
PARTS = {"middle": "(iw-ow)/2:(ih-oh)/2", "start": "0:0", "end": "iw-ow:ih-oh"}
"""Which part of a picture stays that is not square: of a wide one `start` is the left, of a high one the top."""
_DECODERS = {"jpeg": ("jpeg_pipe", "mjpeg"), "png": ("png_pipe", "png"), "webp": ("webp_pipe", "webp")}
_LIMITS = FfmpegLimits(60, 1024 * 1024 * 1024, 16 * 1024 * 1024, 90.0)
_MAX_ALLOCATION = 384 * 1024 * 1024
_UPRIGHT = {
    2: "hflip", 3: "hflip,vflip", 4: "vflip", 5: "transpose=0", 6: "transpose=1", 7: "transpose=3", 8: "transpose=2",
}  # fmt: skip
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MOST_SEGMENTS = 2_000


REASONS = {
    "large": FilledMessage(
        Message("A picture has at most {n} MB. Choose a smaller one."), {"n": LARGEST // 1024 // 1024}
    ),
    "broken": FilledMessage(Message("The picture is damaged, or not what its name says. Choose another one.")),
    "kind": FilledMessage(Message("Choose a JPEG, PNG or WebP picture.")),
    "points": FilledMessage(Message("The picture has more points than a cover needs. Choose a smaller one.")),
    "small": FilledMessage(
        Message("The picture is too small: a cover needs {n} points each way at least."), {"n": SMALLEST_SIDE}
    ),
    "busy": FilledMessage(
        Message("The picture could not be read in time. Try again in a minute, or choose another one.")
    ),
}


class NotPicture(Refused):
    """The file is no picture that is taken, or a broken one; its code is one of `REASONS`."""

    def __init__(self, code: str) -> None:
        super().__init__(REASONS[code], code=code)


@dataclass(frozen=True, slots=True)
class PictureHead:
    """What a picture says of itself; `turn` is how it is to be turned, as Exif numbers it, 1 for not at all."""

    kind: str
    width: int
    height: int
    turn: int = 1


def cover_of(path: Path, part: str = "middle") -> bytes:
    """A square JPEG made of a picture from outside.

    Raises:
        NotPicture: it cannot be one; says what to do.
    """
    if path.stat().st_size > LARGEST:
        raise NotPicture("large")
    try:
        told = read_apart("media.pictures:plainly", path.read_bytes())
    except Overrun:
        raise NotPicture("busy") from None
    if "wrong" in told:
        raise NotPicture(told["wrong"])
    return _anew(path, PictureHead(**told), PARTS.get(part, PARTS["middle"]))


def _anew(path: Path, head: PictureHead, at: str) -> bytes:
    demuxer, decoder = _DECODERS[head.kind]
    turned = [_UPRIGHT[head.turn]] if head.turn in _UPRIGHT else []
    square = [f"crop='min(iw,ih)':'min(iw,ih)':{at}", f"scale={SIDE}:{SIDE}:flags=lanczos", "format=yuvj420p"]
    with tempfile.TemporaryDirectory(prefix="cover-") as folder:
        target = Path(folder) / "cover.jpg"
        arguments = [
            *("-max_alloc", str(_MAX_ALLOCATION), "-protocol_whitelist", "file,pipe"),
            *("-format_whitelist", demuxer, "-codec_whitelist", decoder, "-f", demuxer, "-noautorotate"),
            *("-i", f"file:{path.absolute()}", "-map", "0:v:0", "-frames:v", "1", "-map_metadata", "-1"),
            *("-vf", ",".join([*turned, *square]), "-c:v", "mjpeg", "-q:v", "3", "-threads", "1"),
            *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-f", "mjpeg", ffmpeg.output_file(target)),
        ]
        try:
            ffmpeg.run(arguments, limits=_LIMITS, stall_s=_LIMITS.total_s)
            made = target.read_bytes()
        except (FfmpegFailed, FfmpegStalled, OSError):
            raise NotPicture("broken") from None
    if not made.startswith(b"\xff\xd8\xff"):
        raise NotPicture("broken")
    return made


def plainly(data: bytes) -> dict[str, Any]:
    """The head of a picture, in the process made for reading it."""
    try:
        head = head_of(data)
    except (struct.error, IndexError):
        return {"wrong": "broken"}
    if head is None:
        return {"wrong": "kind"}
    sides = (head.width, head.height)
    if max(sides) > LONGEST_SIDE or head.width * head.height > MOST_PIXELS:
        return {"wrong": "points"}
    if min(sides) < SMALLEST_SIDE:
        return {"wrong": "small"}
    return {"kind": head.kind, "width": head.width, "height": head.height, "turn": head.turn}


def head_of(data: bytes) -> PictureHead | None:
    """What a picture says of itself; None for what is none, or of another kind."""
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return PictureHead("png", *struct.unpack(">II", data[16:24]))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    return None


def _jpeg(data: bytes) -> PictureHead | None:
    at, turn = 2, 1
    for _ in range(_MOST_SEGMENTS):
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        if data[at] != 0xFF:
            return None
        marker, (length,) = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return PictureHead("jpeg", width, height, turn)
        if marker == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
            turn = _turn(data[at + 10 : at + 2 + length])
        if marker == 0xDA or length < 2:
            return None
        at += 2 + length
    return None


def _turn(exif: bytes) -> int:
    """The orientation of an Exif block, 1 where it says none."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 10:
        return 1
    (first,) = struct.unpack(f"{order}I", exif[4:8])
    if not 8 <= first <= len(exif) - 2:
        return 1
    (count,) = struct.unpack(f"{order}H", exif[first : first + 2])
    for number in range(min(count, 200)):
        entry = exif[first + 2 + 12 * number : first + 14 + 12 * number]
        if len(entry) == 12 and struct.unpack(f"{order}H", entry[:2])[0] == 0x0112:
            (value,) = struct.unpack(f"{order}H", entry[8:10])
            return value if 1 <= value <= 8 else 1
    return 1


def _webp(data: bytes) -> PictureHead | None:
    kind = data[12:16]
    if kind == b"VP8X":
        if data[20] & 2:  # a film of pictures
            return None
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        return PictureHead("webp", width, height)
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return PictureHead("webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[26:30])
        return PictureHead("webp", width & 0x3FFF, height & 0x3FFF)
    return None
