"""The queue carries ids, in memory or through Redis; what it forgets is found again in the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from archive.backends import Backends
from archive.catalogue.descriptions import Description
from archive.models import Recording
from ingest.intake.submit import submit
from ingest.jobs.queue import HueyQueue, open_inline, open_redis
from ingest.jobs.worker import Workers
from tests.conftest import REDIS


@pytest.fixture
def _empty_redis() -> Iterator[None]:
    with Redis.from_url(REDIS) as server:
        server.flushdb()
        yield
        server.flushdb()


@pytest.fixture(params=["inline", pytest.param("redis", marks=pytest.mark.redis)])
def queue(request: pytest.FixtureRequest, backends: Backends) -> HueyQueue:
    if request.param == "inline":
        return open_inline("inline:", backends.settings)
    request.getfixturevalue("_empty_redis")
    return open_redis(REDIS, backends.settings)


def test_ids_come_out_in_the_order_they_went_in(queue: HueyQueue) -> None:
    assert queue.take() is None
    queue.enqueue("first")
    queue.enqueue("second")
    assert queue.depth() == 2
    assert [queue.take(), queue.take(), queue.take()] == ["first", "second", None]


@pytest.mark.redis
@pytest.mark.usefixtures("_empty_redis")
def test_another_machine_s_worker_takes_what_the_site_put_in(backends: Backends) -> None:
    open_redis(REDIS, backends.settings).enqueue("recording")
    assert open_redis(REDIS, backends.settings).take() == "recording"


def _wait_until_ready(backends: Backends, recording_id: str) -> str:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        with backends.database.read() as session:
            state = session.get_one(Recording, recording_id).state
        if state not in {"waiting", "working"}:
            return state
        time.sleep(0.1)
    return "never"


@pytest.mark.usefixtures("fake_recogniser")
@pytest.mark.parametrize("forgotten", [False, True])
def test_a_worker_takes_what_waits_even_what_the_queue_forgot(
    backends: Backends, speech: Callable[..., Path], forgotten: bool
) -> None:
    receipt = submit(backends, speech(), Description(language="en"))
    if forgotten:
        assert backends.queue.take() == receipt.recording_id  # type: ignore[attr-defined]
    workers = Workers(backends, 1)
    workers.start()
    try:
        assert _wait_until_ready(backends, receipt.recording_id) == "ready"
    finally:
        workers.stop()
