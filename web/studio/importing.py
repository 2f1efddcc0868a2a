"""Times out of a file that somebody brings: which format it is, and what of it is this song's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from archive.models import LyricLine
from archive.services.singing import laying
from archive.timing import TimedLine
from media.timed import ass, lrc, srt, ultrastar, webvtt
from media.timed.lines import Unreadable
from web.language import say

READERS: Final[dict[str, Callable[[str], list[TimedLine]]]] = {
    "lrc": lrc.read,
    "srt": srt.read,
    "vtt": webvtt.read,
    "ass": ass.read,
    "ssa": ass.read,
    "txt": ultrastar.read,
}
LONGEST = 1_000_000
MOST_LINES = 2000


class CannotRead(ValueError):
    """A file that holds no times; the sentence is in the language of the page."""


def read(name: str, text: str) -> list[TimedLine]:
    """The timed lines of a file, by its name's ending and, where that misleads, by what it begins with.

    Raises:
        CannotRead: no format that is known here.
    """
    reader = _by_content(text) or READERS.get(name.rpartition(".")[2].lower())
    try:
        if reader is None or len(text) > LONGEST:
            raise Unreadable("")
        lines = reader(text)[:MOST_LINES]
    except Unreadable:
        lines = []
    if not any(line.start_ms is not None for line in lines):
        raise CannotRead(
            say(
                "ឯកសារនេះគ្មានពេលដែលអានបានទេ។ សូមយក LRC, SRT, VTT, ASS ឬ UltraStar (.txt)។",
                "No times could be read in this file. Bring an LRC, SRT, VTT, ASS or UltraStar (.txt) file.",
            )
        )
    return lines


def _by_content(text: str) -> Callable[[str], list[TimedLine]] | None:
    head = text.lstrip("\ufeff \r\n")
    if head.startswith("WEBVTT"):
        return webvtt.read
    if head.startswith("[Script Info]"):
        return ass.read
    if head.startswith("#") and "#BPM" in head.upper():
        return ultrastar.read
    return None


def compared(lines: Sequence[LyricLine], found: Sequence[TimedLine]) -> dict[str, Any]:
    """What of a file is this song's and what is not, before anything is changed."""
    sung = [line for line in lines if not line.held]
    laid = laying.lay(sung, found)
    taken = {one.number for one in laid}
    matched = {one.line_id for one in laid}
    return {
        "matched": [{"line": one.line_id, "text": found[one.number].text, "value": one.value} for one in laid],
        "left": [line.text for number, line in enumerate(found) if number not in taken and line.text.strip()],
        "missing": [line.id for line in sung if line.id not in matched],
    }
