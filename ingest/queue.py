"""The queue: it carries ids of recordings and nothing else, by huey.

In one process the ids wait in memory; with `redis://` they wait in Redis, and workers on other machines take them.
Huey removes a message before the work is done, so a killed worker loses it. Nothing depends on it: the stage rows say
what is unfinished, and every worker looks through them when it starts and now and then.
"""

from __future__ import annotations

from huey import MemoryHuey, RedisHuey
from huey.api import Huey

from archive.backends import Backends

NAME = "messenger-ingest"


class HueyQueue:
    """A JobQueue over one of huey's stores."""

    def __init__(self, huey: Huey) -> None:
        self._huey = huey
        self._work = huey.task(name="work")(_never_here)

    def enqueue(self, recording_id: str) -> None:
        self._work(recording_id)

    def depth(self) -> int:
        return int(self._huey.pending_count())

    def take(self) -> str | None:
        """The next id, or None when none is waiting; the caller does the work."""
        task = self._huey.dequeue()
        return None if task is None else str(task.args[0])


def _never_here(recording_id: str) -> None:
    """The task's body is `ingest.worker`; huey only carries its argument."""
    raise RuntimeError(f"the queue itself does no work ({recording_id})")


def open_inline(_url: str, _backends: Backends) -> HueyQueue:
    return HueyQueue(MemoryHuey(NAME, utc=True))


def open_redis(url: str, _backends: Backends) -> HueyQueue:
    return HueyQueue(RedisHuey(NAME, url=url, utc=True, blocking=False))
