"""Where workers are elsewhere, whoever brings a recording in looks on and does none of the work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from archive.backends import Backends
from archive.catalogue.descriptions import Description
from archive.models import Recording
from ingest.intake.submit import submit
from ingest.jobs import beside, pipeline
from ingest.stages.contract import Nobody


def test_who_brings_a_recording_to_workers_elsewhere_waits_for_them(
    backends: Backends, speech: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    recording_id = submit(backends, speech(), Description(language="en")).recording_id
    monkeypatch.setattr(pipeline, "run", lambda *_, **__: pytest.fail("it worked alone"))
    monkeypatch.setattr(beside, "UNTAKEN_S", 0.0)
    monkeypatch.setattr(beside, "LOOK_S", 0.01)
    said: list[str] = []

    def work() -> None:
        while not said:
            time.sleep(0.01)
        with backends.database.write() as session:
            session.get_one(Recording, recording_id).state = "ready"

    elsewhere = Backends(replace(backends.settings, queue_url="redis://nowhere"), backends.database)
    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    beside.finish(elsewhere, recording_id, Nobody(), said.append)
    worker.join(5)
    assert said == [beside.NOBODY]


def test_a_queue_that_cannot_be_reached_keeps_what_comes_in(backends: Backends, speech: Callable[..., Path]) -> None:
    away = Backends(replace(backends.settings, queue_url="redis://127.0.0.1:1/0"), backends.database)
    receipt = submit(away, speech(), Description(language="en"))
    assert receipt.new
    assert not receipt.handed_out
    assert pipeline.unfinished(away) == [receipt.recording_id]
    assert away.queue.take() is None  # type: ignore[attr-defined]
