"""Waiting for news of a second screen.

The news may come through another process of the site, so the database is looked at again and again while somebody
waits: a row by its key, ten times a second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from archive.db import Database
from archive.songs import second_screens
from archive.songs.second_screens import ScreenPosition

MOST_WAITING = 4
"""How many may wait at once in one process; the others are answered straight away and ask again."""
LOOK_SECONDS = 0.1


class News:
    """Those who wait in this process, each of whom keeps one of its few threads."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._seats = threading.BoundedSemaphore(MOST_WAITING)
        self._sleep = sleep

    def newer(self, database: Database, code: str, number: int, seconds: float) -> ScreenPosition | None:
        """Where the song stands, as soon as that is newer than `number`, or after so many seconds.

        Returns:
            None where no screen of that code is open, at once or as soon as it is closed.
        """
        until = time.monotonic() + seconds
        seated = self._seats.acquire(blocking=False)
        try:
            while True:
                found = look(database, code)
                left = until - time.monotonic()
                if found is None or found.number > number or left <= 0 or not seated:
                    return found
                self._sleep(min(LOOK_SECONDS, left))
        finally:
            if seated:
                self._seats.release()


def look(database: Database, code: str) -> ScreenPosition | None:
    with database.read() as session:
        return second_screens.place(session, code, second_screens.now_ms(session))
