"""Originals put back from a backup: only what is byte for byte what came in, and nothing that was taken back."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.backends import Backends
from archive.checks import fixity
from archive.db import Database
from archive.models import AuditEntry, OriginalLook, Recording, Testimony, now
from archive.originals import archive_identity
from archive.preservation import backup, backup_place, repairing
from archive.preservation.backup_place import BackupPlace, NotABackup
from archive.settings import Settings
from archive.withdrawal import purge, withdraw
from tests import factories
from tests.archive.testimonies import GIVEN

IDS = [f"recording{number:05}" for number in range(4)]


@pytest.fixture
def backends(settings: Settings, sqlite_database: Database) -> Backends:
    """Four recordings of testimonies, whole."""
    opened = Backends(settings, sqlite_database)
    with sqlite_database.write() as session:
        for one in IDS:
            sound = f"sound of {one}".encode()
            made = factories.recording(session, id=one, sha256=sha256(sound).hexdigest(), size=len(sound))
            opened.store.put_bytes(made.original_key, sound)
            factories.testimony(session, recording_id=one)
    archive_identity.confirm(opened)
    return opened


@pytest.fixture
def place(backends: Backends, tmp_path: Path) -> BackupPlace:
    found = backup_place.to_write(backends.settings, str(tmp_path / "stick"))
    backup.write(backends, found)
    return backup_place.to_read(backends.settings, str(tmp_path / "stick"))


def key(recording_id: str) -> str:
    return f"recordings/{recording_id}/original"


def test_what_is_changed_or_missing_is_put_back_and_what_lay_there_is_kept(
    backends: Backends, place: BackupPlace
) -> None:
    backends.store.put_bytes(key(IDS[0]), b"another sound")
    backends.store.delete(key(IDS[1]))
    assert len(fixity.look(backends, everything=True)) == 2
    repairs = {one.recording_id: one for one in repairing.repair(backends, place)}
    assert {name: one.done for name, one in repairs.items()} == {IDS[0]: True, IDS[1]: True}
    assert backends.store.get_bytes(repairs[IDS[0]].aside) == b"another sound"
    assert repairs[IDS[1]].aside == ""
    assert fixity.look(backends, everything=True) == []
    with backends.database.read() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "original.repaired")).all()
        assert {one.subject for one in noted} == {f"recording:{one}" for one in IDS[:2]}
    assert repairing.repair(backends, place) == []
    before = backup.write(backends, backup_place.to_write(backends.settings, place.name))
    assert before.damaged == []


def test_a_copy_that_is_not_what_came_in_is_not_used(backends: Backends, place: BackupPlace) -> None:
    place.put_bytes(backup_place.BLOBS + key(IDS[0]), b"sound of somebody else")
    place.delete(backup_place.BLOBS + key(IDS[1]))
    for one in IDS[:2]:
        backends.store.put_bytes(key(one), b"another sound")
    fixity.look(backends, everything=True)
    assert [one.done for one in repairing.repair(backends, place)] == [False, False]
    assert backends.store.get_bytes(key(IDS[0])) == b"another sound"
    assert [one for one in backends.store.keys("") if "damaged" in one] == []


def test_a_backup_of_another_archive_is_refused(backends: Backends, place: BackupPlace) -> None:
    manifest = place.get_bytes(backup_place.MANIFEST)
    assert manifest is not None
    with backends.database.read() as session:
        mine = archive_identity.archive_id(session) or ""
    place.put_bytes(backup_place.MANIFEST, manifest.replace(mine.encode(), b"somebodyelses0"))
    with pytest.raises(NotABackup):
        repairing.repair(backends, place)


def test_what_was_taken_back_is_not_put_back_and_its_damaged_copy_goes_too(
    backends: Backends, place: BackupPlace
) -> None:
    for one in IDS[:2]:
        backends.store.put_bytes(key(one), b"another sound")
    fixity.look(backends, everything=True)
    with backends.database.write() as session:
        told = session.scalars(select(Testimony.id).where(Testimony.recording_id == IDS[1])).one()
        session.get_one(Testimony, told).withdrawn_at = now()
    assert [one.recording_id for one in repairing.repair(backends, place)] == [IDS[0]]
    with backends.database.read() as session:
        first = session.scalars(select(Testimony.id).where(Testimony.recording_id == IDS[0])).one()
    withdraw.withdraw(backends, first, "destroy", GIVEN)
    purge.purge(backends, first)
    assert [one for one in backends.store.keys("") if IDS[0] in one] == []


def test_a_share_a_day_however_often_it_is_looked(backends: Backends) -> None:
    read: list[str] = []
    for _ in range(3):
        fixity.look(backends, rest=lambda _seconds: True)
        with backends.database.read() as session:
            read.append(",".join(session.scalars(select(OriginalLook.recording_id))))
    assert read == [IDS[0]] * 3, "one of four is the share of a day, read once"
    with backends.database.write() as session:
        session.add_all(
            factories.recording(session, id=f"more{number:010}", sha256="0" * 64, original_key="x")
            for number in range(60)
        )
    assert len(fixity.look(backends, rest=lambda _seconds: True)) == 1, "it ends where it is told to"
    assert len(fixity.look(backends)) <= 1, "the rest of the share of three"
    with backends.database.read() as session:
        assert session.query(OriginalLook).count() == 3
        assert session.query(Recording).count() == 64
