"""Several processes: kept running, ended together, and of one mind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from archive.backends import Backends
from archive.consent import decisions
from archive.db import Database, open_engine
from archive.retrieval import indexing
from tests.archive.testimonies import GIVEN, a_testimony, a_version
from tests.web.filling import Filling
from web.app import create_app
from web.site.shared_limits import SharedStorage, SharedTable, open_shared

SOON_S = 30.0

KEEPING = """
import os, sys
from web.supervisor import Kept, Supervisor
alive, parent = os.pipe()
child = '''
import os, sys, time
from ingest.jobs import child_process
child_process.end_with(int(sys.argv[1]), child_process.end_at_once)
with open(sys.argv[2], "a") as file: file.write(f"{os.getpid()}\\\\n")
time.sleep(60)
'''
Supervisor([Kept(["-c", child, str(alive), sys.argv[1]], (alive,), apart=True)]).run()
"""


def _until(found: Callable[[], object]) -> None:
    until = time.monotonic() + SOON_S
    while not found():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.05)


def _pids(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def keeper(tmp_path: Path) -> tuple[subprocess.Popen[bytes], Path]:
    path = tmp_path / "pids"
    process = subprocess.Popen([sys.executable, "-c", KEEPING, str(path)])
    _until(lambda: _pids(path))
    return process, path


def test_what_was_killed_is_started_anew(keeper: tuple[subprocess.Popen[bytes], Path]) -> None:
    process, path = keeper
    os.kill(_pids(path)[0], signal.SIGKILL)
    _until(lambda: len(_pids(path)) == 2)
    process.send_signal(signal.SIGINT)
    assert process.wait(SOON_S) == 0
    assert not any(_runs(pid) for pid in _pids(path))


def test_nothing_outlives_a_parent_that_was_killed(keeper: tuple[subprocess.Popen[bytes], Path]) -> None:
    process, path = keeper
    process.kill()
    process.wait()
    _until(lambda: not _runs(_pids(path)[0]))


def test_processes_count_requests_together() -> None:
    shared = open_shared()
    try:
        one, other = (SharedStorage(f"shared://{shared}") for _ in range(2))
        assert [one.incr("a", 60), other.incr("a", 60), one.incr("b", 60)] == [1, 2, 1]
        assert other.get("a") == 2
        assert 0 < one.get_expiry("a") - time.time() <= 60
        other.clear("a")
        assert one.get("a") == 0
        assert SharedTable(shared).salt() == one.table.salt()
        one.reset()
        assert other.get("b") == 0
    finally:
        os.close(shared)


def test_a_count_ends_with_its_time_and_a_full_table_forgets_what_would_end_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shared = open_shared()
    try:
        table = SharedTable(shared)
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now)
        for number in range(60_000):  # more than it has room for
            table.add(f"stranger {number}", 10, 1)
        assert table.add("member", 60, 1) == 1
        assert table.add("member", 60, 1) == 2
        monkeypatch.setattr(time, "monotonic", lambda: now + 61)
        assert table.add("member", 60, 1) == 1
    finally:
        os.close(shared)


@pytest.fixture
def two(filled: Filling) -> tuple[Flask, Flask, Backends]:
    """Two sites over one data folder, which share nothing else, as two processes do."""
    backends = [Backends(filled.backends.settings, Database(open_engine(filled.backends.settings.database_url)))
                for _ in range(2)]  # fmt: skip
    return create_app(backends[0]), create_app(backends[1]), backends[0]


def test_one_process_finds_at_once_what_another_has_approved_and_hides_what_it_withdrew(
    two: tuple[Flask, Flask, Backends],
) -> None:
    first, second, backends = two
    indexing.ensure(backends.database, backends.index)
    assert second.test_client().get("/search?q=Kralanh&lang=en").status_code == 200  # its index is open now
    with backends.database.write() as session:
        testimony = a_testimony(session)
        a_version(session, testimony.id, text="Kralanh")
        decisions.grant(session, testimony.id, decisions.PRESETS["public"], GIVEN)
        testimony_id = testimony.id
    indexing.index_testimony(backends.database, backends.index, testimony_id)
    before = time.monotonic()
    address = f"/testimony/{testimony_id}"
    assert address in second.test_client().get("/search?q=Kralanh&lang=en").get_data(as_text=True)
    assert time.monotonic() - before < 2
    with backends.database.write() as session:
        decisions.suspend(session, testimony_id, GIVEN)
    for app in (first, second):
        assert address not in app.test_client().get("/search?q=Kralanh&lang=en").get_data(as_text=True)
        assert app.test_client().get(address).status_code == 404
