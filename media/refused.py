"""Why a file is not taken: one named exception for each thing that can be wrong with an upload.

Whoever hands in a recording is told in one sentence what is the matter and, where there is one, what to do about it.
The sentence never repeats the file's name or content: it is shown on shared screens and may end in a log.
"""

from __future__ import annotations

from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message


class Refused(ArchiveError, ValueError):
    """A file is not taken in."""


class EmptyFile(Refused):
    """The file holds no bytes at all, or a sound of no length."""


class NotSound(Refused):
    """The bytes are not a sound recording, whatever the name says."""


class NoSoundTrack(Refused):
    """A film or container that is well formed but carries no sound."""


class PlaylistRefused(Refused):
    """The file is a list that points at other files; opening it could play out another recording."""


class TooLong(Refused):
    """The recording is longer than the limit, by its header or by what was decoded so far."""


class Broken(Refused):
    """The file begins like a sound but cannot be decoded."""


class Truncated(Broken):
    """The file ends well before the recording that its own header announces.

    Attributes:
        kept_ms: how much can be read all the same.
        missing_ms: how much about is not there; 0 where the header does not tell.
    """

    kept_ms: int = 0
    missing_ms: int = 0


class OtherTime(Refused):
    """A copy would not be in the time of the one that its text and marks were set by."""


def too_long(limit_ms: int) -> TooLong:
    return TooLong(
        Message("The recording is longer than {length}, the most that is taken. Cut it in two."),
        length=spoken_length(limit_ms),
    )


def spoken_length(duration_ms: int) -> FilledMessage:
    """A duration as a person says it: "45 s", "12 min", "4 h 30 min"."""
    seconds = round(duration_ms / 1000)
    if duration_ms < 10_000:
        return FilledMessage(Message("{seconds} s"), {"seconds": f"{duration_ms / 1000:g}"})
    if seconds < 60:
        return FilledMessage(Message("{seconds} s"), {"seconds": seconds})
    minutes = round(seconds / 60)
    if minutes < 60:
        return FilledMessage(Message("{minutes} min"), {"minutes": minutes})
    hours, rest = divmod(minutes, 60)
    if not rest:
        return FilledMessage(Message("{hours} h"), {"hours": hours})
    return FilledMessage(Message("{hours} h {minutes} min"), {"hours": hours, "minutes": rest})


def cannot_be_read(kind: Message | str) -> NotSound:
    """Sound that no decoder here reads, with the way to make it readable."""
    return NotSound(
        Message(
            "The file is {kind}, which cannot be read here. "
            "Open it with the program of the recorder and save it as WAV or MP3."
        ),
        kind=kind,
    )
