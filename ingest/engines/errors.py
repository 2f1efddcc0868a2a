"""What can go wrong before a recogniser has heard anything, named for what happened."""

from __future__ import annotations

from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message


class RecogniserError(ArchiveError):
    """A recogniser cannot be used; the message is one sentence for the person who asked for it."""

    def __init__(self, told: str | Message | FilledMessage, /, *, code: str = "", **values: object) -> None:
        super().__init__(Message(told) if isinstance(told, str) else told, code=code, **values)


class UnknownEngine(RecogniserError, ValueError):
    """The engine asked for is none that this system has."""


class EngineMissing(RecogniserError, LookupError):
    """The engine asked for is one of this system's, but its libraries are not on this machine."""


class ModelUnusable(RecogniserError):
    """The model named exists, but is damaged, or is of a kind the engine cannot run."""


class ModelUnreachable(RecogniserError):
    """The model named is not on this machine, and its hub could not be reached."""


class UnknownLanguage(RecogniserError, ValueError):
    """The language asked for is none the model knows."""
