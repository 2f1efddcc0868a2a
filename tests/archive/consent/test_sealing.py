"""Originals under seal: nothing of the sound lies open, what is derived is made as before, and a lost key is final."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.access import sound
from archive.access.gate import PUBLIC, Unknown, Viewer
from archive.backends import Backends
from archive.checks import integrity, residue
from archive.consent import decisions, sealing, vault
from archive.db import Database
from archive.ledgers import audit
from archive.models import Recording, Testimony
from archive.settings import Settings
from archive.withdrawal import purge, withdraw
from tests.archive.testimonies import GIVEN, a_testimony

STEWARD = Viewer("s", "steward")
SOUND = b"RIFF" + bytes(range(256)) * 64


@pytest.fixture
def backends(sqlite_database: Database, settings: Settings) -> Backends:
    settings.data.mkdir(parents=True, exist_ok=True)
    vault.make_key(settings)
    return Backends(settings, sqlite_database)


@pytest.fixture
def told(backends: Backends, tmp_path: Path) -> tuple[str, str]:
    path = tmp_path / "told.wav"
    path.write_bytes(SOUND)
    with backends.database.write() as session:
        testimony = a_testimony(session)
        testimony.recording.sha256 = sealing.digest_of(path)
        decisions.grant(session, testimony.id, decisions.PRESETS["public"], GIVEN)
        ids = testimony.id, testimony.recording_id
    backends.store.put_bytes(sound.original_key(ids[1]), SOUND)
    return ids


def _files(backends: Backends) -> list[bytes]:
    return [path.read_bytes() for path in backends.settings.data.rglob("*") if path.is_file()]


def test_a_sealed_original_lies_nowhere_in_the_open(backends: Backends, told: tuple[str, str]) -> None:
    testimony, recording = told
    assert any(SOUND[:64] in content for content in _files(backends))
    sealing.seal(backends, testimony, STEWARD)
    assert not any(SOUND[:64] in content for content in _files(backends))
    assert list(backends.store.keys()) == [sound.sealed_key(recording)]
    with sealing.open_original(backends, recording, sound.sealed_key(recording)) as path:
        assert path.read_bytes() == SOUND
        assert path.stat().st_mode & 0o077 == 0 or path.parent.stat().st_mode & 0o077 == 0
        opened = path
    assert not opened.exists()
    assert not (backends.settings.data / "work" / recording).exists()
    with backends.database.read() as session:
        assert "sound.sealed" in [entry.action for entry in audit.entries_of(session, f"testimony:{testimony}")]
        assert not [one for one in integrity.deep(session, backends.store) if one.startswith("original")]


def test_sealing_can_be_taken_back_and_repeated(backends: Backends, told: tuple[str, str]) -> None:
    testimony, recording = told
    for _ in range(2):
        sealing.seal(backends, testimony, STEWARD)
    for _ in range(2):
        sealing.unseal(backends, testimony, STEWARD)
    assert backends.store.get_bytes(sound.original_key(recording)) == SOUND
    assert list(backends.store.keys()) == [sound.original_key(recording)]


def test_what_broke_off_between_the_two_files_is_named_and_finished(backends: Backends, told: tuple[str, str]) -> None:
    testimony, recording = told
    sealing.seal(backends, testimony, STEWARD)
    backends.store.put_bytes(sound.original_key(recording), SOUND)  # as if the process had been killed in between
    with backends.database.read() as session:
        assert any("lies open as well" in one for one in integrity.deep(session, backends.store))
    sealing.seal(backends, testimony, STEWARD)
    assert list(backends.store.keys()) == [sound.sealed_key(recording)]


def test_without_its_key_a_backup_is_noise(backends: Backends, told: tuple[str, str]) -> None:
    testimony, recording = told
    sealing.seal(backends, testimony, STEWARD)
    backup = backends.store.get_bytes(sound.sealed_key(recording))
    withdraw.withdraw(backends, testimony, "destroy", GIVEN)
    purge.purge(backends, testimony)
    assert list(backends.store.keys()) == []
    assert residue.deep_check(backends) == []
    backends.store.put_bytes(sound.sealed_key(recording), backup)
    with pytest.raises(vault.VaultClosed), sealing.open_original(backends, recording, sound.sealed_key(recording)):
        pass


def test_a_restricted_one_stays_sealed_and_keeps_its_key(backends: Backends, told: tuple[str, str]) -> None:
    testimony, recording = told
    sealing.seal(backends, testimony, STEWARD)
    withdraw.withdraw(backends, testimony, "restrict", GIVEN)
    purge.purge(backends, testimony)
    assert list(backends.store.keys()) == [sound.sealed_key(recording)]
    with sealing.open_original(backends, recording, sound.sealed_key(recording)) as path:
        assert path.read_bytes() == SOUND


def test_only_a_steward_seals_and_only_what_is_at_rest(backends: Backends, told: tuple[str, str]) -> None:
    testimony, recording = told
    with pytest.raises(vault.NotASteward):
        sealing.seal(backends, testimony, PUBLIC)
    with pytest.raises(Unknown):
        sealing.seal(backends, "nothing", STEWARD)
    with backends.database.write() as session:
        session.get_one(Recording, recording).state = "working"
    with pytest.raises(sealing.NotNow):
        sealing.seal(backends, testimony, STEWARD)
    assert list(backends.store.keys()) == [sound.original_key(recording)]


def test_an_original_that_was_changed_is_not_sealed_away(backends: Backends, told: tuple[str, str]) -> None:
    testimony, recording = told
    backends.store.put_bytes(sound.original_key(recording), SOUND + b"!")
    with pytest.raises(vault.VaultMismatch):
        sealing.seal(backends, testimony, STEWARD)
    assert list(backends.store.keys()) == [sound.original_key(recording)]
    with backends.database.read() as session:
        assert not sealing.sealed(session.get_one(Testimony, testimony).recording)


def test_without_the_vault_nothing_is_sealed(backends: Backends, told: tuple[str, str]) -> None:
    backends.settings.vault_key.unlink()
    with pytest.raises(vault.VaultClosed):
        sealing.seal(backends, told[0], STEWARD)
    assert list(backends.store.keys()) == [sound.original_key(told[1])]
