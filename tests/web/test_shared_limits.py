"""Limits on requests where several processes count together, and where what they count in is away."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from flask import Flask
from redis import RedisError

from archive.backends import Backends
from archive.db import Database
from archive.settings import Settings
from tests.conftest import REDIS
from web.app import create_app
from web.site import security, shared_limits
from web.site.shared_limits import SharedTable, open_shared

NOBODY_THERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def limits() -> Iterator[None]:
    """As people have them, whatever earlier tests turned off; and nothing is left counted."""
    before, security.limiter.enabled = security.limiter.enabled, True
    yield
    with suppress(RedisError):
        security.limiter.reset()
    security.limiter.enabled = before


def _site(settings: Settings, database: Database, url: str) -> Flask:
    app = create_app(Backends(replace(settings, queue_url=url), database))
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def _sign_in(app: Flask, times: int) -> list[int]:
    client = app.test_client()
    return [client.post("/sign-in", data={"name": "nobody", "password": ""}).status_code for _ in range(times)]


@pytest.mark.redis
@pytest.mark.usefixtures("limits")
def test_machines_count_together_in_redis(settings: Settings, sqlite_database: Database) -> None:
    one = _site(settings, sqlite_database, REDIS)
    security.limiter.reset()
    assert _sign_in(one, 8) == [400] * 8
    assert _sign_in(_site(settings, sqlite_database, REDIS), 3) == [400, 400, 429]


@pytest.mark.usefixtures("limits")
def test_without_redis_each_process_keeps_the_limits_by_itself(settings: Settings, sqlite_database: Database) -> None:
    """Neither open to whoever tries passwords nor shut to everybody: the same limits, counted here."""
    app = _site(settings, sqlite_database, NOBODY_THERE)
    began = time.monotonic()
    assert app.test_client().get("/sign-in").status_code == 200
    assert _sign_in(app, 12) == [400] * 10 + [429] * 2
    assert time.monotonic() - began < 5, "nobody waits for what does not answer"


def test_a_process_that_hangs_with_the_table_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_limits, "_LONGEST_WAIT_S", 0.1)
    shared = open_shared()
    table = SharedTable(shared)
    assert table.add("somebody", 60, 1) == 1
    holds = f"import fcntl,time; fcntl.lockf({shared}, fcntl.LOCK_EX); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", holds], pass_fds=[shared], stdout=subprocess.PIPE) as hanging:
        assert hanging.stdout is not None
        hanging.stdout.readline()
        with pytest.raises(OSError, match=r"temporarily unavailable|denied"):
            fcntl.lockf(shared, fcntl.LOCK_EX | fcntl.LOCK_NB)
        began = time.monotonic()
        assert table.add("somebody", 60, 1) == 2
        assert time.monotonic() - began < 5
        hanging.kill()
    assert table.look("somebody")[0] == 2
