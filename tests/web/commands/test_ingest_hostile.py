"""`messenger ingest` over sounds that are none, and over a stage that breaks: one sentence each, and nothing left."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.backends import Backends
from archive.models import Recording, Testimony
from archive.settings import Settings
from ingest.stages import derive
from tests.ingest.fake_recogniser import FakeRecogniser
from tests.media import hostile_sound
from tests.media.test_hostile_sound import SEED
from web.cli import run

ALWAYS = ("nan-32.wav", "inf-64.wav", "rate-1.wav", "rate-2147483647.wav", "hole.wav", "bombs.mp3", "many-data.wav")
A_FEW = 18


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A folder of hostile sounds, as it came."""
    folder = tmp_path / "stick"
    folder.mkdir()
    cases = dict(hostile_sound.sounds(SEED, hostile_sound.real_sounds(tmp_path)))
    for name in {*ALWAYS, *random.Random().sample(sorted(cases), A_FEW)}:
        hostile_sound.write(folder / name, cases[name])
    return folder


def _left(settings: Settings, backends: Backends) -> set[str]:
    """Ids of the recordings of which anything is kept, in the store, the scratch folders or the database."""
    found = {key.split("/")[1] for key in backends.store.keys("") if "/" in key}
    work = settings.data / "work"
    found |= {one.name for one in work.iterdir()} if work.is_dir() else set()
    with backends.database.read() as session:
        return found | {one.id for one in session.query(Recording)}


def test_each_hostile_file_is_one_sentence_and_leaves_nothing(
    settings: Settings,
    stick: Path,
    backends: Backends,
    fake_recogniser: FakeRecogniser,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MESSENGER_DATA", str(settings.data))
    assert run(["ingest", str(stick)]) == 2
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    taken = {Path(line.split(": ")[0]).name for line in said.out.splitlines()}
    for path in stick.iterdir():
        complaints = [line for line in said.err.splitlines() if f"/{path.name}:" in line]
        assert len(complaints) + (path.name in taken) == 1, path.name
        assert all(line.startswith("messenger: ") and line.endswith(".") for line in complaints)
    assert not taken.intersection(ALWAYS) - {"bombs.mp3"}
    with backends.database.read() as session:
        kept = {one.id: one.original_name for one in session.query(Recording)}
        assert set(kept.values()) == taken
        assert {one.recording_id for one in session.query(Testimony)} == set(kept)
    assert _left(settings, backends) == set(kept)
    assert not (settings.data / "errors.log").exists()


def test_a_stage_that_breaks_is_one_sentence_and_a_second_try_goes_on(
    settings: Settings,
    speech: Callable[..., Path],
    backends: Backends,
    fake_recogniser: FakeRecogniser,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MESSENGER_DATA", str(settings.data))
    path = speech(seconds=2.0)
    with monkeypatch.context() as broken:
        broken.setattr(derive, "make_in_time", lambda *_, **__: {}["nothing"])
        assert run(["ingest", str(path)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith(f"messenger: {path}: The stage “derive” failed: KeyError")
    assert said[0].endswith("errors.log.")
    assert "KeyError" in (settings.data / "errors.log").read_text()
    assert not list((settings.data / "work").glob("*/*"))
    assert run(["ingest", "--retry"]) == 0
    with backends.database.read() as session:
        assert session.query(Recording).one().state in {"ready", "needs-a-person"}


def test_as_a_person_types_it(tmp_path: Path) -> None:
    path = hostile_sound.write(tmp_path / "x.wav", hostile_sound.wav(1))
    told = {"MESSENGER_DATA": str(tmp_path / "var"), "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    command = [sys.executable, "-c", "from web.cli import main; main()", "ingest", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **told}, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"messenger: {path}: The file tells of 1 samples a second")
    assert "Traceback" not in done.stderr


def test_what_is_logged_on_the_command_line_is_one_line(tmp_path: Path) -> None:
    said = "import logging; from web import tracebacks; tracebacks.on_the_command_line()\n"
    said += "try: {}['secret']\nexcept KeyError: logging.getLogger('x').exception('it is tried again')"
    done = subprocess.run(
        [sys.executable, "-c", said],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "MESSENGER_DATA": str(tmp_path)},
    )
    assert done.stderr == f"messenger: it is tried again; where is written in {tmp_path / 'errors.log'}.\n"
    assert "KeyError" in (tmp_path / "errors.log").read_text()
