"""An archive with a fake recogniser, and small sounds to hand in."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from archive.backends import Backends
from archive.db import Database
from archive.settings import Settings
from ingest.engines import loader
from ingest.samples import COLLECTION_FOLDER
from media.decode import read_mono
from tests.ingest.fake_recogniser import FakeRecogniser

RATE = 16_000


def write_speech(path: Path, seconds: float = 6.0, start_s: float = 0.0) -> Path:
    """A few seconds of the sample collection's synthetic speech, as a wave file."""
    start_ms = int(start_s * 1000)
    heard = read_mono(COLLECTION_FOLDER / "the-day-the-line-fell.ogg", start_ms, start_ms + int(seconds * 1000), RATE)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.clip(heard, -1, 1) * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture
def speech(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str = "told.wav", seconds: float = 6.0, start_s: float = 0.0) -> Path:
        return write_speech(tmp_path / name, seconds, start_s)

    return make


@pytest.fixture
def backends(settings: Settings, sqlite_database: Database) -> Iterator[Backends]:
    opened = Backends(settings, sqlite_database)
    yield opened
    opened.index.close()


@pytest.fixture
def fake_recogniser(monkeypatch: pytest.MonkeyPatch) -> FakeRecogniser:
    recogniser = FakeRecogniser()
    monkeypatch.setattr(loader, "load", lambda *_, **__: recogniser)
    return recogniser
