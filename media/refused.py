"""Why a file is not taken: one named exception for each thing that can be wrong with an upload.

Whoever hands in a recording is told in one sentence what is the matter and, where there is one, what to do about it.
The sentence never repeats the file's name or content: it is shown on shared screens and may end in a log.
"""

from __future__ import annotations


class Refused(ValueError):
    """A file is not taken in; `reason` is one clear sentence for the person who brought it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
    """The file ends well before the recording that its own header announces."""


def spoken_length(duration_ms: int) -> str:
    """A duration as a person says it: "45 s", "12 min", "4 h 30 min"."""
    seconds = round(duration_ms / 1000)
    if seconds < 60:
        return f"{duration_ms / 1000:g} s" if duration_ms < 10_000 else f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
