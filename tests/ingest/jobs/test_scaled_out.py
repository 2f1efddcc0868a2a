"""Two machines that share a database and an S3 store and no disk: a takeover, a withdrawal, what a kill leaves."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import func, select

from archive import troubles
from archive.backends import Backends
from archive.catalogue.descriptions import Description
from archive.checks import residue
from archive.db import Database
from archive.models import RecognisedWindow, RecognitionCheckpoint, Recording, Segment, Testimony
from archive.settings import Settings
from archive.timing import Utterance
from archive.withdrawal import purge, withdraw
from ingest.engines import loader
from ingest.engines.window import Window
from ingest.intake.submit import submit
from ingest.jobs import claims, pipeline, scratch
from ingest.jobs.worker import Workers
from media.store import s3
from tests.archive.testimonies import GIVEN
from tests.ingest.fake_recogniser import FakeRecogniser
from web import cli

Sound = Callable[..., Path]
UNTIL = 1


class Killed(BaseException):
    """What ends a worker at once: nothing after it is run that a kill would not run."""


class Dying(FakeRecogniser):
    """Its machine goes down in the second window."""

    def transcribe_windows(
        self,
        windows: Iterable[Window],
        language: str | None,
        prompt: str | None,
        usual: str | None = None,
        partly: Callable[[float], None] | None = None,
    ) -> Iterator[list[Utterance]]:
        for number, heard in enumerate(super().transcribe_windows(windows, language, prompt, usual, partly)):
            if number == UNTIL:
                raise Killed
            yield heard


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    yield f"http://127.0.0.1:{server.get_host_and_port()[1]}"
    server.stop()


@pytest.fixture
def machines(
    address: str, settings: Settings, sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Backends, Backends]]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    shared = replace(settings, store_url=f"s3://band/{tmp_path.name.lower().replace('_', '-')}", s3_endpoint=address)
    made = []
    for name in ("one", "two"):
        own = replace(shared, data=tmp_path / name, search_url=f"whoosh://{tmp_path / name / 'index'}")
        made.append(Backends(own, sqlite_database))
    yield made[0], made[1]
    for one in made:
        one.index.close()


def _killed_in_the_second_window(first: Backends, path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A worker of the first machine dies; its lease runs out and its folders stay."""
    receipt = submit(first, path, Description(language="en"))
    assert receipt.testimony_id is not None
    with monkeypatch.context() as dying:
        dying.setattr(loader, "load", lambda *_, **__: Dying())
        dying.setattr(claims, "worker_name", lambda: "one/1/1")
        with pytest.raises(Killed):
            pipeline.run(first, receipt.recording_id)
    left = scratch.work_folder(first, receipt.recording_id) / "stage-left"
    left.mkdir(parents=True)
    (left / "listening.m4a").write_bytes(b"her voice")
    monkeypatch.setattr(claims, "_alive", lambda *_: False)
    return receipt.recording_id, receipt.testimony_id


def _windows(backends: Backends) -> int:
    with backends.database.read() as session:
        return session.scalar(select(func.count()).select_from(RecognisedWindow)) or 0


def test_another_machine_goes_on_where_the_dead_one_was(
    machines: tuple[Backends, Backends], speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = machines
    recording_id, _ = _killed_in_the_second_window(first, speech(seconds=100.0), monkeypatch)
    assert _windows(second) == UNTIL
    taking_over = FakeRecogniser()
    monkeypatch.setattr(loader, "load", lambda *_, **__: taking_over)
    assert pipeline.run(second, recording_id)
    with second.database.read() as session:
        assert session.get_one(Recording, recording_id).state in {"ready", "needs-a-person"}
        written = session.scalar(select(func.count()).select_from(Segment))
        assert session.get(RecognitionCheckpoint, recording_id) is None
    assert written == UNTIL + len(taking_over.batches)
    assert len(taking_over.batches) > 0
    assert _windows(second) == 0
    assert residue.deep_check(second) == []


def test_a_destroy_on_one_machine_reaches_the_words_of_the_other_s_windows(
    machines: tuple[Backends, Backends],
    speech: Sound,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = machines
    recording_id, testimony_id = _killed_in_the_second_window(first, speech(seconds=100.0), monkeypatch)
    withdraw.withdraw(second, testimony_id, "destroy", GIVEN)
    assert any("recognition_checkpoint" in str(one) for one in residue.deep_check(second))
    purge.purge(second, testimony_id)
    assert _windows(first) == 0
    assert residue.deep_check(second) == []
    with first.database.read() as session:
        assert session.get(Testimony, testimony_id) is None
    assert [one.where for one in residue.deep_check(first)] == [f"folder work/{recording_id}"]
    with caplog.at_level(logging.WARNING):
        workers = Workers(first, 0)
        workers.start()
        workers.stop()
    assert "scratch of 1 recording(s)" in caplog.text
    assert residue.deep_check(first) == []


def test_a_worker_that_slept_through_a_withdrawal_writes_no_word(
    machines: tuple[Backends, Backends], speech: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = machines
    receipt = submit(first, speech(seconds=100.0), Description(language="en"))
    assert receipt.testimony_id is not None

    class Sleeping(FakeRecogniser):
        def heard(self, window: Window, language: str) -> Utterance:
            if window.start_ms and _windows(second):
                withdraw.withdraw(second, receipt.testimony_id or "", "restrict", GIVEN)
                purge.purge(second, receipt.testimony_id or "")
            return super().heard(window, language)

    monkeypatch.setattr(loader, "load", lambda *_, **__: Sleeping())
    pipeline.run(first, receipt.recording_id)
    assert _windows(first) == 0
    assert residue.deep_check(second) == []


def test_what_a_killed_process_had_fetched_goes_and_what_a_living_one_reads_stays(
    machines: tuple[Backends, Backends],
) -> None:
    first, _ = machines
    first.store.put_bytes("recordings/a/original", b"her voice")
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    with first.store.local_path("recordings/a/original") as path:
        assert path.parent == first.settings.data / s3.FETCHED
        left = path.with_name(path.name.replace(f"-{os.getpid()}-", f"-{int(dead.stdout)}-"))
        left.write_bytes(b"her voice")
        scratch.clear(first)
        assert path.exists()
        assert not left.exists()
    assert list(path.parent.iterdir()) == []


def test_a_store_that_is_away_is_named_with_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "MESSENGER_DATA": str(tmp_path / "var"),
        "MESSENGER_STORE_URL": "s3://band/sound",
        "MESSENGER_S3_ENDPOINT": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    assert cli.run(["check"]) == 1
    said = capsys.readouterr().err
    assert said == f"messenger: {troubles.sentence('store-away')}\n"
    assert "s3://band/sound at http://127.0.0.1:9" in said
    assert "MESSENGER_S3_ENDPOINT" in said
