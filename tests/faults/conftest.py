"""Recordings to be taken in, without a model: the same as where taking in itself is tested."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.engines import loader
from tests.ingest.conftest import write_speech
from tests.ingest.fake_recogniser import FakeRecogniser


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
