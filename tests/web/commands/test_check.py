"""`messenger check`: what it names after somebody had their hands on the data folder."""

from __future__ import annotations

import json
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from archive import private
from archive.backends import open_backends
from archive.consent import decisions
from archive.models import Recording, Tombstone
from archive.settings import read_settings
from archive.withdrawal import purge, withdraw
from tests.archive.testimonies import GIVEN, a_testimony
from web import cli

CANARY = "កាណារីលឿង"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MESSENGER_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("MESSENGER_VAULT_KEY", str(tmp_path / "keys" / "vault.key"))
    backends = open_backends(read_settings())
    with backends.database.write() as session:
        made = a_testimony(session)
        made.title_km = CANARY
        made.recording.state = "waiting"
        decisions.grant(session, made.id, decisions.PRESETS["public"], GIVEN)
    backends.index.rebuild([])
    return made.id


def _problems(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    capsys.readouterr()
    status = cli.run(["check", "--json", *options])
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert status == (1 if problems else 0)
    return [str(one) for one in problems]


def test_a_flipped_byte_in_the_database_file_is_named(told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _problems(capsys) == []
    path = read_settings().data / "archive.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(path.read_bytes())
    at = content.index(b"recorded-verbal")
    content[at] ^= 1
    path.write_bytes(content)
    assert _problems(capsys) == ["ledger: consent_event 1: this row was changed after it was written"]


def test_a_word_of_a_destroyed_testimony_is_looked_for_in_every_file(
    told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = read_settings()
    backends = open_backends(settings)
    assert _problems(capsys, "--deep") == []
    assert any("archive.db" in one for one in _problems(capsys, "--deep", "--word", CANARY))
    withdraw.withdraw(backends, told, "destroy", GIVEN)
    assert any(told in one for one in _problems(capsys, "--deep"))
    purge.purge(backends, told)
    assert _problems(capsys, "--deep", "--word", CANARY) == []
    with backends.database.write() as session:
        stone = session.get_one(Tombstone, told)
        marked, stone.sounds = stone.sounds, ["elsewhere:00"]
    assert _problems(capsys) == [
        f"withdrawals: the sound of {told} would not be known again, its marks are made with another secret"
    ]
    with backends.database.write() as session:
        session.get_one(Tombstone, told).sounds = marked
    (settings.data / "forgotten.tmp").write_text(CANARY, encoding="utf-8")
    found = _problems(capsys, "--deep", "--word", CANARY)
    assert found == ["withdrawn: file forgotten.tmp: a word that was looked for"]
    assert CANARY not in found[0]


def test_a_file_that_others_may_read_is_named_until_a_start_puts_it_right(
    told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = read_settings().data
    private.secure_tree(data)
    assert _problems(capsys) == []
    path = data / "copied-here.txt"
    path.write_text("by hand")
    path.chmod(0o644)
    sentence = f"modes: other accounts of this machine may read or write {path}; a start puts it right"
    assert _problems(capsys) == [sentence]
    open_backends(read_settings(), upgrade=True)
    assert _problems(capsys) == []


def test_an_original_is_put_back_from_a_backup(told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backends = open_backends(read_settings())
    with backends.database.write() as session:
        one = session.scalars(select(Recording)).one()
        one.sha256, key = sha256(b"what she said").hexdigest(), one.original_key
    backends.store.put_bytes(key, b"what she said")
    assert cli.run(["backup", str(tmp_path / "stick")]) == 0
    backends.store.put_bytes(key, b"something else")
    assert cli.run(["check", "--fixity", "--all"]) == 1
    assert cli.run(["check", "--repair-from", str(tmp_path / "stick")]) == 2
    capsys.readouterr()
    assert cli.run(["check", "--fixity", "--repair-from", str(tmp_path / "stick"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["wrong"], [one["done"] for one in said["repairs"]]) == (0, [True])
    assert backends.store.get_bytes(key) == b"what she said"
    assert cli.run(["check", "--fixity", "--repair-from", str(tmp_path / "nowhere")]) == 2
    assert "no folder" in capsys.readouterr().err
