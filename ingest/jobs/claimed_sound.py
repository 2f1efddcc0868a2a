"""Sound that nobody claimed, adopted or moved by the workers as a steward wanted it: `found:NAME`.

The queue may forget it: the row says what is wanted.
"""

from __future__ import annotations

from archive.backends import Backends
from archive.preservation import found_sound

PREFIX = "found:"


def enqueue(backends: Backends, recording_id: str) -> None:
    backends.queue.enqueue(PREFIX + recording_id)


def is_wish(name: str) -> bool:
    return name.startswith(PREFIX)


def unfinished(backends: Backends) -> list[str]:
    """What still wants work, whether or not a queue remembers it."""
    with backends.database.read() as session:
        return [PREFIX + one for one in found_sound.wishes(session)]


def run(backends: Backends, name: str) -> None:
    found_sound.carry_out(backends, name.removeprefix(PREFIX))
