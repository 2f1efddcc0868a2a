"""The queue: it carries ids of recordings and nothing else, by huey.

On one machine the ids wait in a small file that its processes share; with `redis://` they wait in Redis, and workers on
other machines take them. Huey removes a message before the work is done, so a killed worker loses it. Nothing depends
on it: the stage rows say what is unfinished, and every worker looks through them when it starts and now and then. So a
queue that cannot be reached only makes work wait.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import weakref
from urllib.parse import urlsplit

from huey import RedisHuey, SqliteHuey
from huey.api import Huey

from archive.settings import Settings

NAME = "messenger-ingest"
FILE = "queue.db"
REACH_SECONDS = 3.0

log = logging.getLogger(__name__)


class HueyQueue:
    """A JobQueue over one of huey's stores; `unreachable` is what the store raises when it cannot be reached."""

    def __init__(self, huey: Huey, unreachable: tuple[type[Exception], ...], name: str) -> None:
        self._huey = huey
        self._unreachable = unreachable
        self._name = name
        self._reached = True
        self._work = huey.task(name="work")(_never_here)

    def enqueue(self, recording_id: str) -> bool:
        """Hand it out; False when the queue cannot be reached, and a worker comes upon it by itself after a while."""
        try:
            self._work(recording_id)
        except self._unreachable as error:
            self._complain(error)
            return False
        self._reached = True
        return True

    def depth(self) -> int:
        return int(self._huey.pending_count())

    def take(self) -> str | None:
        """The next id, or None when none is waiting or the queue cannot be reached; the caller does the work."""
        try:
            task = self._huey.dequeue()
        except self._unreachable as error:
            self._complain(error)
            return None
        self._reached = True
        return None if task is None else str(task.args[0])

    def _complain(self, error: Exception) -> None:
        """Once, until it is reached again."""
        if self._reached:
            log.warning(
                "The queue at %s (MESSENGER_QUEUE_URL) cannot be reached (%s). What comes in is kept, and taken up "
                "when a worker next looks through the database.",
                self._name,
                type(error).__name__,
            )
        self._reached = False


def _never_here(recording_id: str) -> None:
    """The task's body is `ingest.jobs.worker`; huey only carries its argument."""
    raise RuntimeError(f"the queue itself does no work ({recording_id})")


def open_inline(_url: str, settings: Settings) -> HueyQueue:
    """The queue of one machine, in its data folder."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = settings.data / FILE
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    huey = SqliteHuey(NAME, filename=os.fspath(path), utc=True, strict_fifo=True, fsync=False, cache_mb=0)
    queue = HueyQueue(huey, (sqlite3.Error, OSError), os.fspath(path))
    weakref.finalize(queue, huey.storage.close).atexit = False
    return queue


def open_redis(url: str, _settings: Settings) -> HueyQueue:
    """The queue of many machines."""
    from redis import ConnectionPool, RedisError

    pool = ConnectionPool.from_url(url, socket_connect_timeout=REACH_SECONDS, socket_timeout=REACH_SECONDS)
    huey = RedisHuey(NAME, connection_pool=pool, utc=True, blocking=False)
    return HueyQueue(huey, (RedisError, OSError), _without_password(url))


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
