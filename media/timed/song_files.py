"""Times of a song out of a file that somebody brings: which format it is, and its lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from archive.language import legacy_fonts
from archive.language.messages import FilledMessage, Message
from archive.timing import TimedLine
from media.apart import read_apart
from media.timed import ass, encodings, lrc, plain, srt, ttml, ultrastar, webvtt
from media.timed.limits import LARGEST_SONG, TooMuch, Unreadable

MOST_LINES = 2000
READERS: Final[dict[str, Callable[[str], list[TimedLine]]]] = {
    "lrc": lrc.read,
    "elrc": lrc.read,
    "srt": srt.read,
    "vtt": webvtt.read,
    "ass": ass.read,
    "ssa": ass.read,
    "ttml": ttml.read,
    "dfxp": ttml.read,
    "xml": ttml.read,
    "txt": ultrastar.read,
}
_HEAD = 4096
_ENCODING = re.compile(rb"^#ENCODING:\s*([\w-]{1,20})", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SongTimes:
    """The timed lines of a file; `offset_ms` is an LRC file's own, on whose sign players disagree."""

    lines: tuple[TimedLine, ...]
    offset_ms: int = 0


def read(name: str, data: bytes, *, sooner: bool = True) -> SongTimes:
    """The timed lines of a file, read apart from this process.

    Args:
        name: of the file; its ending says what it is where its beginning does not.
        sooner: how the offset of an LRC file is taken.

    Raises:
        Unreadable: no format that is known here, broken, or without a time.
        media.apart.Overrun: it could not be read within its limits.
    """
    if len(data) > LARGEST_SONG:
        raise TooMuch(Message("A song’s times have at most {n} kB."), n=LARGEST_SONG // 1024)
    told = read_apart("media.timed.song_files:plainly", data, name=name[-40:], sooner=int(sooner))
    if "wrong" in told:
        raise Unreadable(FilledMessage.from_json(told["wrong"]))
    return SongTimes(tuple(plain.lines(told["lines"])), told["offset"])


def plainly(data: bytes, name: str, sooner: int = 1) -> dict[str, Any]:
    """What `read` reads, in the process made for it."""
    offset = 0
    try:
        named = _ENCODING.search(data[:_HEAD])
        text = encodings.decoded(data, named[1].decode("latin-1") if named else "").text
        reader = _by_content(text) or READERS.get(name.rpartition(".")[2].lower())
        if reader is None:
            raise Unreadable(Message("The file is of no kind that is known here."))
        if reader is lrc.read:
            offset = lrc.offset_of(text)
            lines = lrc.read(text, sooner=bool(sooner))[:MOST_LINES]
        else:
            lines = reader(text)[:MOST_LINES]
        if not any(line.start_ms is not None for line in lines):
            raise Unreadable(Message("The file holds no times."))
    except Unreadable as error:
        return {"wrong": error.sentence.as_json()}
    return {"lines": plain.of_lines(_in_unicode(lines)), "offset": offset}


def _in_unicode(lines: Sequence[TimedLine]) -> list[TimedLine]:
    """Words that were typed for a font from before Unicode, converted where there is no doubt."""
    family = legacy_fonts.recognised("\n".join(line.text for line in lines))
    if family is None:
        return list(lines)

    def turned(text: str) -> str:
        return legacy_fonts.converted(text, family)

    return [
        replace(
            line,
            text=turned(line.text),
            words=tuple(replace(word, text=turned(word.text)) for word in line.words),
        )
        for line in lines
    ]


def _by_content(text: str) -> Callable[[str], list[TimedLine]] | None:
    head = text[:_HEAD].lstrip("\ufeff \r\n")
    if head.startswith("WEBVTT"):
        return webvtt.read
    if head.startswith("[Script Info]"):
        return ass.read
    if head.startswith("#") and "#BPM" in head.upper():
        return ultrastar.read
    if head.startswith("<") and "ttml" in head:
        return ttml.read
    if re.match(r"(?:\[[A-Za-z#]\w*:[^\n]*\]\s+)*\[\d{1,4}:\d\d", head):
        return lrc.read
    return None
