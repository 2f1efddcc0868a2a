"""What lies in the store and is claimed by nothing in the database: kept and reported, never removed by itself.

A database that was lost, replaced by another or put back from an older copy does not know sound that is there. It may
be the only copy of somebody's testimony.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.models import Recording, Tombstone
from archive.originals import discarding
from archive.ports import BlobStore

_OF_RECORDINGS = ("recordings/", "quarantine/")


def unclaimed_files(session: Session, store: BlobStore, recording_id: str) -> list[str]:
    """Blobs of one recording, where the database does not know it; looks at nothing else in the store."""
    known = session.get(Recording, recording_id) is not None or recording_id in discarding.discarded(session)
    if known or any(recording_id in named for named in session.scalars(select(Tombstone.recordings))):
        return []
    found = list(store.keys(f"recordings/{recording_id}/"))
    if recording_id not in discarding.uploads(session):
        found += [key for key in (f"quarantine/{recording_id}",) if store.exists(key)]
    return found


def unclaimed(session: Session, store: BlobStore) -> dict[str, list[str]]:
    """Blobs of recordings that the database does not know, by recording; without those that may be removed."""
    known = set(session.scalars(select(Recording.id))) | discarding.discarded(session)
    known.update(*session.scalars(select(Tombstone.recordings)))
    found: dict[str, list[str]] = {}
    uploads = discarding.uploads(session)
    for prefix in _OF_RECORDINGS:
        for key in store.keys(prefix):
            recording_id = key.split("/")[1]
            if recording_id not in known and not (prefix == "quarantine/" and recording_id in uploads):
                found.setdefault(recording_id, []).append(key)
    return found
