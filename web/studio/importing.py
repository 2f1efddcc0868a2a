"""Times out of a file that somebody brings: which format it is, and what of it is this song's."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.models import LyricLine
from archive.songs import line_matching
from archive.timing import TimedLine
from media.apart import Overrun
from media.timed import song_files
from media.timed.limits import Unreadable
from media.timed.song_files import SongTimes


class CannotRead(ArchiveError, ValueError):
    """A file that holds no times."""


def read(name: str, encoded: str, *, sooner: bool) -> SongTimes:
    """The timed lines of a file, by what it begins with and, where that says nothing, by its name's ending.

    Args:
        encoded: the file's bytes in base64; which letters they are is found out here, as for a transcript.
        sooner: how the offset that an LRC file names is taken.

    Raises:
        CannotRead: no format that is known here.
    """
    try:
        return song_files.read(name, base64.b64decode(encoded, validate=True), sooner=sooner)
    except binascii.Error:
        raise CannotRead(Message("The file was damaged on its way into the archive; hand it in again.")) from None
    except (Unreadable, Overrun) as error:
        raise CannotRead(
            Message(
                "No times could be read in this file: {why} Bring an LRC, SRT, VTT, ASS, TTML or UltraStar (.txt) file."
            ),
            why=error.sentence,
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
