"""Times out of a file that somebody brings: which format it is, and what of it is this song's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive.models import LyricLine
from archive.songs import line_matching
from archive.timing import TimedLine
from media.apart import Overrun
from media.timed import song_files
from media.timed.limits import Unreadable
from web.site.language import _


class CannotRead(ValueError):
    """A file that holds no times; the sentence is in the language of the page."""


def read(name: str, text: str) -> list[TimedLine]:
    """The timed lines of a file, by what it begins with and, where that says nothing, by its name's ending.

    Raises:
        CannotRead: no format that is known here.
    """
    try:
        return song_files.read(name, text)
    except (Unreadable, Overrun):
        raise CannotRead(
            _(
                "No times could be read in this file. Bring an LRC, SRT, VTT, ASS or UltraStar (.txt) file.",
            )
        ) from None


def compared(lines: Sequence[LyricLine], found: Sequence[TimedLine]) -> dict[str, Any]:
    """What of a file is this song's and what is not, before anything is changed."""
    sung = [line for line in lines if not line.held]
    laid = line_matching.lay(sung, found)
    taken = {one.number for one in laid}
    matched = {one.line_id for one in laid}
    return {
        "matched": [{"line": one.line_id, "text": found[one.number].text, "value": one.value} for one in laid],
        "left": [line.text for number, line in enumerate(found) if number not in taken and line.text.strip()],
        "missing": [line.id for line in sung if line.id not in matched],
    }
