"""Recordings to be taken in, without a model: the same as where taking in itself is tested."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from archive.backends import Backends, open_backends
from ingest.engines import loader
from tests.faults.machine import Machine
from tests.ingest.conftest import write_speech
from tests.ingest.fake_recogniser import FakeRecogniser
from web import cli


@pytest.fixture
def speech(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str = "told.wav", seconds: float = 6.0, start_s: float = 0.0) -> Path:
        return write_speech(tmp_path / name, seconds, start_s)

    return make


@pytest.fixture
def fake_recogniser(monkeypatch: pytest.MonkeyPatch) -> FakeRecogniser:
    recogniser = FakeRecogniser()
    monkeypatch.setattr(loader, "load", lambda *_, **__: recogniser)
    return recogniser


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


@pytest.fixture
def here(machine: Machine) -> Iterator[Backends]:
    settings = machine.stands_in("here")
    assert cli.run(["init"]) == 0
    opened = open_backends(settings)
    yield opened
    opened.index.close()
    opened.database.engine.dispose()


@pytest.fixture
def bucket(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MESSENGER_S3_ENDPOINT", s3_address)
    for name, value in (("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    return "s3://copies"
