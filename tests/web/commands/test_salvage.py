"""`messenger ingest` over a file that was cut off: refused with the way on, and taken with `--salvage`."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from archive.backends import Backends
from archive.models import Recording
from archive.settings import Settings
from tests.ingest.fake_recogniser import FakeRecogniser
from tests.web.test_ingest import sound
from web.cli import run


def test_what_is_there_is_taken_at_a_word(
    settings: Settings,
    backends: Backends,
    fake_recogniser: FakeRecogniser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MESSENGER_DATA", str(settings.data))
    content = sound(6.0).read()
    path = tmp_path / "hen.wav"
    path.write_bytes(content[: len(content) // 2])
    assert run(["ingest", str(path)]) == 2
    assert "Or take in what is there, with --salvage." in capsys.readouterr().err
    assert run(["ingest", "--salvage", str(path)]) == 0
    with backends.database.read() as session:
        recording = session.scalars(select(Recording)).one()
        assert (recording.salvaged, bool(recording.listening_key)) == (True, True)
        assert 2900 < (recording.missing_ms or 0) < 3100
