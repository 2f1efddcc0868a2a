"""Times of a song out of a file that somebody brings: which format it is, and its lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from archive.timing import TimedLine
from media.apart import read_apart
from media.timed import ass, lrc, plain, srt, ultrastar, webvtt
from media.timed.limits import LARGEST_SONG, TooMuch, Unreadable

MOST_LINES = 2000
READERS: Final[dict[str, Callable[[str], list[TimedLine]]]] = {
    "lrc": lrc.read,
    "srt": srt.read,
    "vtt": webvtt.read,
    "ass": ass.read,
    "ssa": ass.read,
    "txt": ultrastar.read,
}


def read(name: str, text: str) -> list[TimedLine]:
    """The timed lines of a file, read apart from this process.

    Args:
        name: of the file; its ending says what it is where its beginning does not.

    Raises:
        Unreadable: no format that is known here, broken, or without a time.
        media.apart.Overrun: it could not be read within its limits.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > LARGEST_SONG:
        raise TooMuch(f"A song's times have at most {LARGEST_SONG // 1024} kB.")
    told = read_apart("media.timed.song_files:plainly", data, name=name[-40:])
    if "wrong" in told:
        raise Unreadable(told["wrong"])
    return plain.lines(told["lines"])


def plainly(data: bytes, name: str) -> dict[str, Any]:
    """What `read` reads, in the process made for it."""
    text = data.decode()
    reader = _by_content(text) or READERS.get(name.rpartition(".")[2].lower())
    try:
        if reader is None:
            raise Unreadable("The file is of no kind that is known here.")
        lines = reader(text)[:MOST_LINES]
        if not any(line.start_ms is not None for line in lines):
            raise Unreadable("The file holds no times.")
    except Unreadable as error:
        return {"wrong": error.reason}
    return {"lines": plain.of_lines(lines)}


def _by_content(text: str) -> Callable[[str], list[TimedLine]] | None:
    head = text[:4096].lstrip("\ufeff \r\n")
    if head.startswith("WEBVTT"):
        return webvtt.read
    if head.startswith("[Script Info]"):
        return ass.read
    if head.startswith("#") and "#BPM" in head.upper():
        return ultrastar.read
    return None
