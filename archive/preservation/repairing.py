"""Putting back from a backup what fixity found changed or missing: the original alone, by the hash it came in with.

The copy of the backup is used only where it is byte for byte what came in. What lay in the store under the original's
name is kept beside it, named for its own hash, since nothing that may be an original is thrown away; it goes with its
recording when that is withdrawn. What was taken back is not put back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive import in_force
from archive.access import sound
from archive.backends import Backends
from archive.consent import sealing
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import OriginalLook, Recording, Testimony, Tombstone, now
from archive.originals import archive_identity
from archive.ports import BlobMissing
from archive.preservation.backup_place import BLOBS, BackupPlace, Manifest, NotABackup, read_manifest
from archive.withdrawal import purge

WRONG = ("changed", "missing")
_OTHER = Message("{place} holds a backup of another archive; nothing was changed there. Name another place.")


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of one original; `aside` is where what lay there lies now, empty where nothing lay there.

    Attributes:
        done: it is whole now; else the backup has no copy of it that is what came in.
    """

    recording_id: str
    done: bool
    aside: str = ""


def repair(backends: Backends, place: BackupPlace) -> list[Repair]:
    """Put back every original that the last look found changed or missing.

    Raises:
        archive.preservation.backup_place.NotABackup: there is no whole backup of this archive.
        archive.preservation.backup_place.PlaceTrouble: see there.
    """
    manifest = read_manifest(place)
    with backends.database.read() as session:
        if (archive_identity.archive_id(session) or "") != manifest.archive:
            raise NotABackup(_OTHER, place=place.name)
        found = select(OriginalLook.recording_id).where(OriginalLook.found.in_(WRONG))
        wrong = list(session.scalars(found.order_by(OriginalLook.recording_id)))
    return [one for recording_id in wrong if (one := _put_back(backends, place, manifest, recording_id)) is not None]


def _put_back(backends: Backends, place: BackupPlace, manifest: Manifest, recording_id: str) -> Repair | None:
    """None where it is gone or taken back meanwhile."""
    with backends.database.read() as session:
        recording = _kept(session, recording_id)
        if recording is None:
            return None
        key, sealed, wanted = recording.original_key, sealing.sealed(recording), recording.sha256
    name = BLOBS + key
    entry = manifest.files.get(name)
    if entry is None or place.size(name) is None:
        return Repair(recording_id, done=False)
    try:
        with place.fetched(name) as path:
            # A sealed original's own hash is of what is inside; outside, the backup says what it wrote.
            if _digest(path) != (entry.sha256 if sealed else wanted):
                return Repair(recording_id, done=False)
            return _replace(backends, place, recording_id, path)
    except BlobMissing:
        return Repair(recording_id, done=False)


def _replace(backends: Backends, place: BackupPlace, recording_id: str, whole: Path) -> Repair | None:
    with backends.database.write() as session:
        recording = _kept(session, recording_id)
        look = session.get(OriginalLook, recording_id)
        if recording is None or look is None:
            return None
        aside = _set_aside(backends, recording)
        backends.store.put_file(recording.original_key, whole)
        detail = {"from": place.name, "was": look.found, "aside": aside}
        look.found, look.looked_at = "sealed" if sealing.sealed(recording) else "whole", now()
        look.whole_at = look.whole_at if sealing.sealed(recording) else look.looked_at
        audit.note(session, None, "original.repaired", f"recording:{recording_id}", detail)
    _unless_taken_back(backends, recording_id)
    return Repair(recording_id, done=True, aside=aside)


def _set_aside(backends: Backends, recording: Recording) -> str:
    """Copy what lies under the original's name beside it; empty where nothing does."""
    try:
        with backends.store.local_path(recording.original_key) as path:
            aside = f"{sound.folder(recording.id)}original.damaged-{_digest(path)[:16]}"
            backends.store.put_file(aside, path)
    except BlobMissing:
        return ""
    return aside


def _kept(session: Session, recording_id: str) -> Recording | None:
    """The recording, unless it was taken back."""
    recording = session.get(Recording, recording_id)
    told = session.scalars(select(Testimony).where(Testimony.recording_id == recording_id)).first()
    if recording is None or not recording.original_key:
        return None
    if told is not None and (told.withdrawn_at is not None or in_force.closes(session, told.id)):
        return None
    return recording


def _unless_taken_back(backends: Backends, recording_id: str) -> None:
    """A withdrawal that came while the file was put is carried out on it as well."""
    with backends.database.read() as session:
        stones = session.scalars(select(Tombstone)).all()
        gone = [one.testimony_id for one in stones if recording_id in one.recordings]
    for testimony_id in gone:
        purge.purge(backends, testimony_id)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
