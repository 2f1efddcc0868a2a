"""`messenger ingest` over a folder full of things that are no recordings: each is told, and the good one is taken."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.backends import Backends
from archive.models import Recording
from archive.settings import Settings
from tests.ingest.fake_recogniser import FakeRecogniser
from web.cli import run
from web.commands.ingest import shown


def test_a_name_is_one_line_of_text_whatever_its_bytes_are() -> None:
    assert shown(Path(os.fsdecode(b"caf\xe9\n.wav"))) == "caf\ufffd\ufffd.wav"
    assert shown(Path("ខ្ញុំ\u200bទៅ.wav")) == "ខ្ញុំ\u200bទៅ.wav"


def test_one_bad_file_ends_nothing(
    settings: Settings,
    tmp_path: Path,
    speech: Callable[..., Path],
    fake_recogniser: FakeRecogniser,
    backends: Backends,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "stick"
    folder.mkdir()
    speech("stick/z-good.wav", 2.0)
    (folder / os.fsdecode(b"caf\xe9.wav")).write_bytes(b"no sound")
    (folder / "two\nlines.wav").write_bytes(b"RIFF\0\0\0\0WAVE")
    (folder / "gone.mp3").symlink_to(folder / "nothing")
    (folder / "loop.mp3").symlink_to(folder / "loop.mp3")
    outside = tmp_path / "outside.wav"
    outside.write_bytes(b"x")
    (folder / "out.wav").symlink_to(outside)
    os.mkfifo(folder / "pipe.wav")
    monkeypatch.setenv("MESSENGER_DATA", str(settings.data))
    assert run(["ingest", str(folder)]) == 2
    said = capsys.readouterr()
    assert "z-good.wav: ready" in said.out or "z-good.wav: needs-a-person" in said.out
    complaints = said.err.splitlines()
    assert "Traceback" not in said.err
    for name in ("caf\ufffd.wav", "two\ufffdlines.wav", "gone.mp3", "loop.mp3", "out.wav", "pipe.wav"):
        assert sum(name in line for line in complaints) == 1, name
    with backends.database.read() as session:
        assert [one.original_name for one in session.query(Recording)] == ["z-good.wav"]
    assert list(backends.store.keys("quarantine/")) == []
