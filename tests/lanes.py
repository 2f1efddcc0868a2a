"""Which tests run when, and on which worker.

`make test` runs everything on a worker (a process) for each core and one more, a whole module on one of them, so that
what a module makes once is made once. Modules that take long are begun first: the last minutes are then many short
ones, which fill every core to the end. `make quick` is the lane of a working minute: no browser, no server, no model,
nothing slow or thorough.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest

from archive.settings import usable_cores

QUICK = "quick"
WORKER = os.environ.get("PYTEST_XDIST_WORKER")
WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT") or 1)
REDIS_DATABASES = 16

# Two recognisers of as many threads as there are cores wait more for each other than they compute. Every library that
# counts cores asks this variable, and the archive's own engines do.
if WORKER is not None:
    os.environ["OMP_NUM_THREADS"] = str(max(1, usable_cores() // WORKERS))

# Modules of a minute and more on one core, the longest first. One that is not named, or is named out of its place,
# costs a little idle time at the end of a run and nothing else.
LONGEST = (
    "tests/leaks/test_two_worlds.py",
    "tests/faults/test_histories.py",
    "tests/archive/retrieval/test_found_histories.py",
    "tests/ingest/recognition/test_transcription_real.py",
    "tests/ingest/jobs/test_interrupted.py",
    "tests/e2e/test_studio.py",
    "tests/e2e/test_desk.py",
    "tests/faults/test_withdrawal_holds.py",
    "tests/faults/test_restore.py",
    "tests/ingest/jobs/test_taken_back_meanwhile.py",
    "tests/ingest/recognition/test_transcription.py",
    "tests/ingest/aligning/test_align.py",
    "tests/ingest/engines/test_conversion.py",
    "tests/e2e/test_recording.py",
    "tests/e2e/test_clock.py",
    "tests/e2e/test_review.py",
    "tests/e2e/test_stage.py",
    "tests/ingest/intake/test_large_catalogue.py",
    "tests/web/test_lists_do_not_grow.py",
)

# What takes whole archives, processes or films and is left out of the lane of a working minute, slow in one or in sum.
THOROUGH = (
    "tests/archive/describing/test_random_tellings.py",
    "tests/archive/retrieval/test_found_histories.py",
    "tests/e2e/",
    "tests/faults/",
    "tests/ingest/engines/test_conversion.py",
    "tests/ingest/intake/test_hostile_transcripts.py",
    "tests/ingest/intake/test_large_catalogue.py",
    "tests/ingest/intake/test_taken_back_again.py",
    "tests/ingest/jobs/",
    "tests/ingest/packs/",
    "tests/ingest/recognition/",
    "tests/ingest/stages/test_redacted_sound.py",
    "tests/ingest/stages/test_transcribe.py",
    "tests/leaks/",
    "tests/media/test_broadcast.py",
    "tests/media/test_hostile_sound.py",
    "tests/media/test_offset.py",
    "tests/media/test_video.py",
    "tests/web/commands/test_ingest_hostile.py",
    "tests/web/server/",
    "tests/web/test_lists_do_not_grow.py",
)


class Node(Protocol):
    """What xdist tells of a worker that has ended."""

    workeroutput: dict[str, Any]


def own_redis(url: str) -> str:
    """The database of this worker on that server: spread over the sixteen there are, beginning at the one named."""
    parts = urlsplit(url)
    if WORKERS > REDIS_DATABASES:
        raise pytest.UsageError(f"Redis has {REDIS_DATABASES} databases, which is not enough for {WORKERS} workers.")
    first = int(parts.path.strip("/") or 0)
    number = int((WORKER or "gw0").removeprefix("gw")) * (REDIS_DATABASES // WORKERS)
    return parts._replace(path=f"/{(first + number) % REDIS_DATABASES}").geturl()


def mark_quick(items: Iterable[pytest.Item], needs: Iterable[str]) -> None:
    """Mark every test that needs nothing from outside, is not slow and in none of the thorough modules."""
    outside = {*needs, "slow"}
    for item in items:
        thorough = _module(item).startswith(THOROUGH)
        if not thorough and outside.isdisjoint(mark.name for mark in item.iter_markers()):
            item.add_marker(QUICK)


def longest_first(items: list[pytest.Item]) -> None:
    """Put the modules of `LONGEST` first; within a module, and among the others, the order stays."""
    rank = {module: number for number, module in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(_module(item), len(rank)))


def _module(item: pytest.Item) -> str:
    return PurePath(item.location[0]).as_posix()
