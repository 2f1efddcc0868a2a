"""A description beside each original, so that sound whose database is lost can be told apart and taken up again.

It holds what is needed to catalogue the recording anew and nothing more: never a legal name, never a word that was
said, no synopsis, and the place only as far as somebody outside may know it. A sealed original's says only which one it
is. No route serves it, and it goes with the sound when that is destroyed.

The descriptions follow the audit log: whatever was written down since the store was last marked is described anew, and
then the mark moves on. A kill in between describes a second time.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access import sound
from archive.backends import Backends
from archive.consent import decisions, sealing
from archive.consent.effective import write
from archive.models import Arrangement, AuditEntry, ConsentEvent, Narrator, Recording, Revoicing, Testimony
from archive.originals import archive_identity
from archive.ports import BlobMissing, BlobStore

SCHEMA = 1


def follow(backends: Backends) -> int:
    """Describe anew whatever changed since the last time; returns how many descriptions were looked at.

    Does nothing before the archive has its id.
    """
    mark = archive_identity.read_mark(backends.store)
    with backends.database.read() as session:
        archive = archive_identity.archive_id(session)
        if archive is None or mark is None or mark.archive != archive:
            return 0
        upto = archive_identity.newest(session, archive)
        changed = _changed(session, mark.seq) if upto.seq > mark.seq else set()
    for recording_id in sorted(changed):
        describe_one(backends, recording_id)
    if upto.seq > mark.seq:
        archive_identity.write_mark(backends.store, upto)
    return len(changed)


def describe_one(backends: Backends, recording_id: str) -> None:
    """Write a recording's description as it is now, or remove it where there is to be none."""
    with backends.database.read() as session:
        said = description(session, recording_id)
    if said is not None:
        backends.store.put_bytes(
            sound.description_key(recording_id), json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
        )
        with backends.database.read() as session:  # it may have been taken back meanwhile
            said = description(session, recording_id)
    if said is None:
        backends.store.delete(sound.description_key(recording_id))


def close_what_was_decided_later(backends: Backends) -> list[str]:
    """Suspend every testimony about which something was decided that this database does not know.

    To be called when an older database is joined to newer sound: what a narrator narrowed since would be open again.

    Returns:
        Ids of the testimonies, which stay closed until a steward has asked the narrator.
    """
    with backends.database.read() as session:
        told = session.execute(select(Testimony.id, Testimony.recording_id).where(Testimony.withdrawn_at.is_(None)))
        known = [(one, recording, _last_event(session, one)) for one, recording in told]
    closed = []
    for testimony_id, recording_id, seq in known:
        said = read(backends.store, recording_id) or {}
        if int(said.get("consent_seq") or 0) > seq:
            closed.append(testimony_id)
    note = decisions.PUT_BACK_OLDER
    with backends.database.write() as session:
        for testimony_id in closed:
            decisions.suspend(session, testimony_id, decisions.ConsentGiven("witnessed", None, note=note))
    return closed


def read(store: BlobStore, recording_id: str) -> dict[str, Any] | None:
    """What lies beside an original; None where nothing does, or nothing that can be read."""
    try:
        said = json.loads(store.get_bytes(sound.description_key(recording_id)))
    except (BlobMissing, ValueError):
        return None
    return said if isinstance(said, dict) and said.get("schema") == SCHEMA else None


def description(session: Session, recording_id: str) -> dict[str, Any] | None:
    """What is kept beside an original; None for a recording that is gone or was taken back."""
    recording = session.get(Recording, recording_id)
    told = session.scalars(select(Testimony).where(Testimony.recording_id == recording_id)).one_or_none()
    read_for = session.scalar(select(Revoicing.testimony_id).where(Revoicing.recording_id == recording_id))
    if recording is None or (told is not None and told.withdrawn_at is not None):
        return None
    if read_for is not None and session.get_one(Testimony, read_for).withdrawn_at is not None:
        return None
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "archive": archive_identity.archive_id(session) or "",
        "recording": recording.id,
        "kind": recording.kind,
        "sha256": recording.sha256,
        "size": recording.size,
        "sealed": sealing.sealed(recording),
        "testimony": told.id if told else None,
        "reading_of": read_for,
    }
    if found["sealed"]:
        return found
    found["language"], found["recorded_on"] = recording.language, _day(recording.recorded_on)
    if told is not None:
        found |= _told(session, told)
    elif recording.kind == "song":
        sung = session.scalars(select(Arrangement).where(Arrangement.recording_id == recording_id)).all()
        found["songs"] = [{"song": one.song_id, "role": one.kind} for one in sung]
    return found


def _told(session: Session, told: Testimony) -> dict[str, Any]:
    who, standing = told.narrator, decisions.standing_of(session, told.id)
    level = {one.level for one in standing.grants if one.form == "place"}
    return {
        "title_km": told.title_km,
        "title_en": told.title_en,
        "language": told.language,
        "recorded_on": _day(told.recorded_on),
        "collected_by": told.collected_by,
        "sample": told.sample,
        "narrator": {
            "id": who.id,
            "pseudonym_km": who.pseudonym_km,
            "pseudonym_en": who.pseudonym_en,
            "community": who.community,
            "province": who.province if level & {"province", "district", ""} else None,
            "district": who.district if level & {"district"} else None,
        },
        "consent": [write(one) for one in standing.grants],
        "consent_seq": _last_event(session, told.id),
    }


def _last_event(session: Session, testimony_id: str) -> int:
    """Number of the newest decision about a testimony; 0 where there is none."""
    return session.scalar(select(func.max(ConsentEvent.seq)).where(ConsentEvent.testimony_id == testimony_id)) or 0


def _changed(session: Session, since: int) -> set[str]:
    """Recordings that the log names since a line, or all of them when nothing was seen yet."""
    if since == 0:
        return set(session.scalars(select(Recording.id)))
    subjects = set(session.scalars(select(AuditEntry.subject).where(AuditEntry.seq > since)))
    ids: dict[str, set[str]] = {}
    for subject in subjects:
        kind, _, one = subject.partition(":")
        ids.setdefault(kind, set()).add(one)
    told = select(Testimony.recording_id)
    found = set(session.scalars(select(Recording.id).where(Recording.id.in_(ids.get("recording", ())))))
    found |= set(session.scalars(told.where(Testimony.id.in_(ids.get("testimony", ())))))
    found |= set(session.scalars(told.join(Narrator).where(Narrator.id.in_(ids.get("narrator", ())))))
    read_for = select(Revoicing.recording_id).where(Revoicing.testimony_id.in_(ids.get("testimony", ())))
    sung = select(Arrangement.recording_id).where(Arrangement.song_id.in_(ids.get("song", ())))
    return found | set(session.scalars(read_for)) | set(session.scalars(sung))


def _day(day: object) -> str | None:
    return str(day) if day else None
