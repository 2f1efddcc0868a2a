"""A database that is not the one of the sound beside it: another, a lost one, an older one. No original is lost."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.access import sound
from archive.backends import Backends
from archive.consent import decisions
from archive.db import Database, open_engine
from archive.models import Discarded, Recording, Revoicing, Testimony, new_id
from archive.originals import archive_identity
from archive.originals.unclaimed import unclaimed
from archive.preservation import adopting
from archive.schema import migrate
from archive.settings import Settings
from archive.withdrawal import purge, withdraw
from ingest.intake.revoicing import take_out
from tests.archive.testimonies import GIVEN, a_testimony
from web.serving import make_ready


@pytest.fixture
def backends(settings: Settings, sqlite_database: Database) -> Backends:
    return Backends(settings, sqlite_database)


def _taken_in(backends: Backends) -> tuple[str, str]:
    """A testimony with an original and a listening copy; its id and its recording's."""
    with backends.database.write() as session:
        made = a_testimony(session)
        decisions.grant(session, made.id, decisions.PRESETS["public"], GIVEN)
        recording = made.recording
        recording.state, recording.original_key = "ready", sound.original_key(recording.id)
        keys = sound.whole_keys(recording.id)
        recording.listening_key, recording.peaks_key = keys.listening, keys.peaks
    for key in (recording.original_key, keys.listening, keys.peaks):
        backends.store.put_bytes(key, f"{key} of {recording.id}".encode())
    return made.id, recording.id


def test_purging_removes_nothing_that_nobody_named(backends: Backends) -> None:
    for _ in range(3):
        _taken_in(backends)
    backends.store.put_bytes("quarantine/waiting", b"handed in and not looked at yet")
    before = sorted(backends.store.keys())
    with backends.database.write() as session:
        for one in session.scalars(select(Testimony)):
            session.delete(one)
        session.flush()
        for recording in session.scalars(select(Recording)):
            session.delete(recording)
    purge.purge_waiting(backends)
    assert sorted(backends.store.keys()) == before
    with backends.database.read() as session:
        assert len(unclaimed(session, backends.store)) == 4


def test_a_start_over_another_database_removes_nothing(backends: Backends, settings: Settings, tmp_path: Path) -> None:
    _taken_in(backends)
    before = sorted(backends.store.keys())
    backends.database.engine.dispose()
    (settings.data / "archive.db").rename(tmp_path / "moved away.db")
    other = Backends(settings, Database(open_engine(settings.database_url)))
    migrate(other.database.engine)
    with pytest.raises(archive_identity.StoreMismatch):
        make_ready(other)
    assert sorted(other.store.keys()) == before


def test_a_destroyed_recording_is_known_by_its_tombstone_when_its_rows_are_gone(backends: Backends) -> None:
    told, recording = _taken_in(backends)
    withdraw.withdraw(backends, told, "destroy", GIVEN)
    purge.purge(backends, told)
    backends.store.put_bytes(sound.original_key(recording), b"written late")
    with backends.database.read() as session:
        assert unclaimed(session, backends.store) == {}
    purge.purge_waiting(backends)
    assert list(backends.store.keys()) == []


def test_a_reading_that_was_taken_out_is_removed_after_a_kill_in_between(
    backends: Backends, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, _ = _taken_in(backends)
    with backends.database.write() as session:
        session.add(Recording(id="reading", kind="revoiced", sha256="0" * 64, size=1))
        session.flush()
        session.add(Revoicing(testimony_id=told, recording_id="reading"))
    backends.store.put_bytes(sound.original_key("reading"), b"a member reads")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as trapped:
        trapped.setattr(purge, "sweep", killed)
        with pytest.raises(KeyboardInterrupt):
            take_out(backends, told, None)
    assert backends.store.exists(sound.original_key("reading"))
    purge.purge_waiting(backends)
    assert not backends.store.exists(sound.original_key("reading"))
    with backends.database.read() as session:
        assert session.get(Discarded, "reading") is not None


@pytest.mark.parametrize("described", [False, True], ids=["undescribed", "described under other ids"])
def test_sound_that_was_taken_back_is_not_adopted_under_another_id(backends: Backends, described: bool) -> None:
    testimony_id, recording_id = _taken_in(backends)
    sounded = backends.store.get_bytes(sound.original_key(recording_id))
    with backends.database.write() as session:
        session.get_one(Recording, recording_id).sha256 = hashlib.sha256(sounded).hexdigest()
    withdraw.withdraw(backends, testimony_id, "destroy", GIVEN)
    purge.purge(backends, testimony_id)
    stranger = new_id()
    backends.store.put_bytes(sound.original_key(stranger), sounded)
    if described:
        said = {"recording": stranger, "testimony": new_id(), "kind": "testimony", "size": len(sounded)}
        said["sha256"] = hashlib.sha256(sounded).hexdigest()
        backends.store.put_bytes(f"{sound.folder(stranger)}description.json", json.dumps(said).encode())
    with pytest.raises(adopting.CannotAdopt, match="taken back by its narrator"):
        adopting.adopt(backends, stranger)
    with backends.database.read() as session:
        assert session.get(Recording, stranger) is None
        assert stranger in unclaimed(session, backends.store)
    backends.store.put_bytes(sound.original_key(other := new_id()), b"somebody else's")
    assert adopting.adopt(backends, other) is not None
