"""Full, read-only, locked, damaged and away: a sentence each, on the command line and the site; nothing half-done."""

from __future__ import annotations

import errno
import os
import sqlite3
import wave
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from sqlalchemy import func, select

from archive import db
from archive.backends import open_backends
from archive.catalogue.descriptions import Description
from archive.db import open_engine
from archive.language.messages import gettext_in
from archive.models import Discarded, Recording
from archive.settings import Settings, read_settings
from archive.troubles import SENTENCES, trouble_of
from ingest.intake.submit import submit
from tests.faults.disks import small_disk
from web import cli
from web.app import create_app

Sound = Callable[..., Path]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("MESSENGER_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("MESSENGER_VAULT_KEY", str(tmp_path / "keys" / "vault.key"))
    monkeypatch.setattr(db, "BUSY_MS", 50)
    return read_settings()


@pytest.fixture
def made(settings: Settings) -> Settings:
    assert cli.run(["init"]) == 0
    return settings


def _three_times(source: Path, target: Path) -> Path:
    with wave.open(str(source), "rb") as told, wave.open(str(target), "wb") as longer:
        longer.setparams(told.getparams())
        longer.writeframes(told.readframes(told.getnframes()) * 3)
    return target


@pytest.fixture
def five_megabytes(tmp_path: Path) -> Iterator[None]:
    with small_disk(tmp_path / "var", 5):
        yield


@pytest.mark.mounts
@pytest.mark.usefixtures("five_megabytes")
def test_a_full_disk_during_an_upload_leaves_neither_files_nor_rows(
    settings: Settings, speech: Sound, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["init"]) == 0
    recording = _three_times(speech(seconds=60.0), settings.vault_key.parent.parent / "long.wav")
    assert recording.stat().st_size > 5_000_000
    assert cli.run(["ingest", str(recording)]) == 1
    assert SENTENCES["full"].text in capsys.readouterr().err
    backends = open_backends(settings)
    assert list(backends.store.keys("quarantine/")) == list(backends.store.keys("recordings/")) == []
    assert not list((settings.data / "blobs").glob(".unfinished*"))
    with backends.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Recording)) == 0
        assert session.scalar(select(func.count()).select_from(Discarded)) == 0
    assert cli.run(["check"]) in {0, 1}
    receipt = submit(backends, speech("small.wav", 3.0), Description())
    assert receipt.new, "with room again it goes on"


def test_a_locked_database_is_told(made: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(made.data / "archive.db", isolation_level=None)) as holding:
        holding.execute("BEGIN EXCLUSIVE")
        assert cli.run(["users", "disable", "nobody"]) == 1
    assert capsys.readouterr().err == f"messenger: {SENTENCES['locked'].text}\n"


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be looked at" * 20, None])
def test_a_damaged_database_is_told_and_left_as_it_is(
    made: Settings, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made.data / "archive.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damaged = content or path.read_bytes()[:4096] + os.urandom(path.stat().st_size - 4096)
    path.write_bytes(damaged)
    capsys.readouterr()
    assert cli.run(["users", "list"]) == 1
    assert capsys.readouterr().err == f"messenger: {SENTENCES['damaged'].text}\n"
    assert path.read_bytes() == damaged


def test_a_read_only_database_is_told(made: Settings, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///file:{made.data / 'archive.db'}?mode=ro&uri=true")
    with pytest.raises(Exception) as raised, db.Database(engine).write() as session:  # noqa: PT011, PT012
        session.add(Discarded(recording_id="x"))
        session.flush()
    assert trouble_of(raised.value) == "read-only"
    engine.dispose()


@pytest.mark.parametrize(
    ("error", "known"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "full"),
        (EndpointConnectionError(endpoint_url="http://store:1"), "store-away"),
        (NoCredentialsError(), "store-refuses"),
        (PermissionError(errno.EACCES, "Permission denied", "/somewhere/else/song.mp4"), None),
        (ValueError("something of ours"), None),
    ],
)
def test_troubles_are_told_apart(settings: Settings, error: Exception, known: str | None) -> None:
    assert trouble_of(error) == known
    wrapped = RuntimeError("while working")
    wrapped.__cause__ = error
    assert trouble_of(wrapped) == known


def test_a_server_that_does_not_answer_is_told(
    made: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MESSENGER_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    assert cli.run(["users", "list"]) == 1
    assert capsys.readouterr().err == f"messenger: {SENTENCES['database-away'].text}\n"


@pytest.mark.postgres
def test_a_read_only_postgresql_is_told(postgres_database: db.Database) -> None:
    with pytest.raises(Exception) as raised, postgres_database.write() as session:  # noqa: PT011, PT012
        session.connection().exec_driver_sql("SET TRANSACTION READ ONLY")
        session.add(Discarded(recording_id="x"))
        session.flush()
    assert trouble_of(raised.value) == "read-only"


def test_the_site_answers_with_a_page_and_no_traceback(made: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    backends = open_backends(made)
    app = create_app(backends)

    def full() -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    def away() -> str:
        raise EndpointConnectionError(endpoint_url="http://store:1")

    app.add_url_rule("/full", "full", full)
    app.add_url_rule("/away", "away", away)
    client = app.test_client()
    said = client.get("/full", headers={"Accept-Language": "en"})
    assert said.status_code == 507
    assert gettext_in("km", "There is no room left") in said.text
    assert client.get("/away").status_code == 503
    backends.database.engine.dispose()
    (made.data / "archive.db").write_bytes(b"torn" * 5000)
    for extra in ("-wal", "-shm"):
        (made.data / f"archive.db{extra}").unlink(missing_ok=True)
    said = client.get("/")
    assert said.status_code == 503
    assert "Traceback" not in said.text
