"""Workers in processes of their own: one that is killed has a successor, and the recording is finished once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

from archive.backends import Backends, open_backends
from archive.catalogue.descriptions import Description
from archive.models import Recording, StageRun, TranscriptVersion
from archive.settings import read_settings
from ingest.intake.submit import submit

LONG_S = 90.0

KEEPING = """
import os, sys
from web.supervisor import Kept, Supervisor
alive, parent = os.pipe()
worker = ["-m", "tests.ingest.working", sys.argv[1], "--parent", str(alive), "--idle", "0.5"]
Supervisor([Kept(worker, (alive,), apart=True)]).run()
"""


def test_a_worker_that_is_killed_has_a_successor_that_finishes_the_recording_once(
    tmp_path: Path, speech: Callable[..., Path]
) -> None:
    env = {"MESSENGER_DATA": str(tmp_path / "var"), "HOME": str(tmp_path)}
    backends = open_backends(read_settings(env))
    flag = tmp_path / "killed"
    receipt = submit(backends, speech(), Description(language="en"))  # by another process than the one that works
    keeper = subprocess.Popen([sys.executable, "-c", KEEPING, str(flag)], env=os.environ | env)
    try:
        state = _ended(lambda: _state(backends, receipt.recording_id))
        assert state == "ready"
        assert flag.exists()
        with backends.database.read() as session:
            assert session.scalar(select(func.count()).select_from(TranscriptVersion)) == 1
            assert set(session.scalars(select(StageRun.state))) == {"done"}
    finally:
        keeper.send_signal(signal.SIGTERM)
        assert keeper.wait(30) == 0
        backends.database.engine.dispose()


def _state(backends: Backends, recording_id: str) -> str:
    with backends.database.read() as session:
        return str(session.get_one(Recording, recording_id).state)


def _ended(state: Callable[[], str]) -> str:
    until = time.monotonic() + LONG_S
    while time.monotonic() < until and state() in {"waiting", "working"}:
        time.sleep(0.2)
    return state()
