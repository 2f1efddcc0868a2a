"""Upgrades: only by the commands that start the archive, and never without a copy of what was there before."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from archive import private, schema
from archive.backends import open_backends
from archive.consent import decisions
from archive.db import open_engine
from archive.settings import Settings, read_settings
from archive.withdrawal import purge, withdraw
from tests.archive.testimonies import GIVEN, a_testimony
from web import cli

CANARY = "kept-in-the-copy-7f3k"


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An archive one schema version back, in the modes that an older version left."""
    monkeypatch.setenv("MESSENGER_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("MESSENGER_VAULT_KEY", str(tmp_path / "keys" / "vault.key"))
    settings = read_settings()
    known = schema.revisions()
    monkeypatch.setattr(schema, "revisions", lambda: known[:-1])
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    settings.data.mkdir(mode=0o755)
    config.attributes["engine"] = open_engine(settings.database_url)
    command.upgrade(config, known[-2])
    config.attributes["engine"].dispose()
    monkeypatch.setattr(schema, "revisions", lambda: known)
    (settings.data / "archive.db").chmod(0o644)
    return settings


def _revision(settings: Settings, name: str = "archive.db") -> str:
    with closing(sqlite3.connect(settings.data / name)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


@pytest.mark.parametrize("command", [["check"], ["search", "ដី"], ["users", "list"], ["reindex"], ["worker"]])
def test_no_other_command_changes_an_older_database(
    older: Settings, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = _revision(older)
    assert cli.run(command) == 1
    said = capsys.readouterr()
    assert said.err == (
        "messenger: This archive's database is of an earlier version; `messenger init` brings it up to date, and keeps "
        "a copy.\n"
    )
    assert _revision(older) == before


def test_init_upgrades_and_keeps_a_private_copy(older: Settings) -> None:
    before, newest = _revision(older), schema.revisions()[-1]
    assert cli.run(["init"]) == 0
    assert _revision(older) == newest
    copy = older.data / f"archive.db.before-{newest}"
    assert _revision(older, copy.name) == before
    assert copy.stat().st_mode & 0o777 == 0o600
    assert schema.copies(older.data / "archive.db") == [copy]


def test_a_copy_that_cannot_be_kept_stops_the_upgrade(older: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _revision(older)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert cli.run(["init"]) == 1
    assert _revision(older) == before
    assert schema.copies(older.data / "archive.db") == []


def test_what_is_destroyed_does_not_go_on_in_a_copy(older: Settings) -> None:
    assert cli.run(["init"]) == 0
    backends = open_backends(older)
    with backends.database.write() as session:
        made = a_testimony(session)
        made.title_en = CANARY
        decisions.grant(session, made.id, decisions.PRESETS["public"], GIVEN)
        told = made.id
    path = older.data / "archive.db"
    kept = schema.keep_copy(path, "9999")
    assert kept is not None
    assert CANARY.encode() in kept.read_bytes()
    withdraw.withdraw(backends, told, "destroy", GIVEN)
    purge.purge(backends, told)
    assert schema.copies(path) == []


def test_wide_modes_are_put_right_when_the_archive_starts(older: Settings) -> None:
    (older.data / "blobs").mkdir(mode=0o755)
    (older.data / "blobs" / "sound").write_bytes(b"a voice")
    (older.data / "blobs" / "sound").chmod(0o644)
    assert private.open_to_others(older.data) != []
    assert cli.run(["init"]) == 0
    assert private.open_to_others(older.data) == []


def test_the_database_is_private_where_only_a_command_opens_it(older: Settings) -> None:
    cli.run(["check"])
    assert (older.data / "archive.db").stat().st_mode & 0o777 == 0o600


def test_a_database_that_is_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom archive.backends import open_backends\nfrom archive.settings import read_settings\n"
        f"settings = read_settings({{'MESSENGER_DATA': {str(tmp_path / 'var')!r}, 'HOME': {str(tmp_path)!r}}})\n"
        "open_backends(settings)\nprint('alembic' in sys.modules)"
    )
    said = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert [one.stdout.split()[-1] for one in said] == ["True", "False"]


def test_a_worker_makes_no_archive_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MESSENGER_DATA", str(tmp_path / "var"))
    assert cli.run(["worker"]) == 1
    assert "`messenger init` makes one" in capsys.readouterr().err
