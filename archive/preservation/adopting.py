"""Taking up again what the store holds and the database does not know, one by one and at somebody's word.

What is adopted comes back closed: at most the band may work on it, and never more than the description beside it says
its narrator allowed, until a steward has confirmed it with her. What was withdrawn or destroyed is not adopted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive import tombstones
from archive.access import sound
from archive.access.rule import Grant
from archive.backends import Backends
from archive.consent import decisions
from archive.consent.effective import NotAGrant
from archive.consent.effective import read as read_grant
from archive.days import Day
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import ConsentEvent, Narrator, Recording, StageRun, Testimony, Tombstone, now
from archive.originals.unclaimed import unclaimed, unclaimed_files
from archive.ports import BlobStore
from archive.preservation import sidecars
from archive.withdrawal import withdrawn_sound

ASIDE = "lost-and-found/"
_METHOD = "witnessed"


_NO_ORIGINAL = Message("There is no original of {recording}, only what was made of it.")
_TAKEN_BACK = Message("Recording {recording} was taken back by its narrator; only she opens it again.")
_NOT_ASIDE = Message("The lost-and-found holds no recording {recording}.")
_NOT_THERE = Message("The store holds no recording {recording} that the database does not know.")
_READING = Message("Recording {recording} is a reading; hand it in again in the steward's room.")
_KNOWN = Message("The database knows testimony {testimony} already, with another recording.")
_UNDESCRIBED = Message("The original is sealed and nothing says which it is; put the database back instead.")
_DAMAGED = Message("The sound is not the one that its description names; it may be damaged.")


class CannotAdopt(ArchiveError, ValueError):
    """This recording cannot be taken up; its code is `gone`, `taken-back`, `reading`, `known`, `no-original`,
    `undescribed` or `damaged`."""


@dataclass(frozen=True, slots=True)
class Unadopted:
    """A recording in the store that the database does not know.

    Attributes:
        original: the key under which its sound lies; empty where only things made of it are left.
        title: from the description beside it, empty where there is none.
    """

    recording_id: str
    keys: tuple[str, ...]
    original: str
    size: int
    title: str
    recorded_on: str
    described: bool


def found(session: Session, store: BlobStore) -> list[Unadopted]:
    """Everything that waits to be adopted or set aside."""
    return [_found(store, one, keys) for one, keys in sorted(unclaimed(session, store).items())]


def adopt(backends: Backends, recording_id: str, by_id: str | None = None) -> str | None:
    """Take one recording up; it goes through the stages like any other, which whoever calls this asks of the queue.

    Returns:
        The testimony's id; None for the recording of a song, which the studio lays under its song again.

    Raises:
        CannotAdopt: see there.
    """
    with backends.database.read() as session:
        keys = _files_of(session, backends.store, recording_id)
        one, said = _found(backends.store, recording_id, keys), sidecars.read(backends.store, recording_id) or {}
        _refuse_what_was_taken_back(backends, session, recording_id, said)
    if not one.original:
        raise CannotAdopt(_NO_ORIGINAL, code="no-original", recording=recording_id)
    digest, size = _as_described(backends.store, one.original, said)
    with backends.database.write() as session:
        if withdrawn_sound.whose(session, digest) is not None:
            raise CannotAdopt(_TAKEN_BACK, code="taken-back", recording=recording_id)
        sealed = one.original == sound.sealed_key(recording_id)
        recording = Recording(
            id=recording_id,
            kind="song" if said.get("kind") == "song" else "testimony",
            sha256=digest,
            size=size,
            original_key=one.original if sealed else "",
            language=str(said.get("language") or ""),
            recorded_on=day_said(said),
            state="waiting",
        )
        session.add(recording)
        session.flush()
        if sealed:  # it was received when it came in, and cannot be read here without its key
            session.add(StageRun(recording_id=recording_id, stage="receive", version=1, state="done", progress=1.0))
        testimony_id = _testimony(session, recording, said) if recording.kind == "testimony" else None
        detail = {"testimony": testimony_id or "", "described": one.described}
        audit.note(session, by_id, "recording.adopted", f"recording:{recording_id}", detail)
    backends.queue.enqueue(recording_id)
    return testimony_id


def set_aside(backends: Backends, recording_id: str, by_id: str | None = None) -> list[str]:
    """Move everything of one recording into the store's lost-and-found, where nothing looks for sound. Raises
    CannotAdopt; can be repeated after a kill, since each file is removed only after its copy was written."""
    with backends.database.read() as session:
        keys = _files_of(session, backends.store, recording_id)
    moved = _move(backends.store, {key: ASIDE + key for key in keys})
    with backends.database.write() as session:
        audit.note(session, by_id, "recording.set-aside", f"recording:{recording_id}", {"files": len(keys)})
    return moved


def put_back(backends: Backends, recording_id: str, by_id: str | None = None) -> list[str]:
    """Move one recording out of the lost-and-found again, to wait as before. Raises and repeats as `set_aside`."""
    keys = list(backends.store.keys(f"{ASIDE}recordings/{recording_id}/"))
    keys += [key for key in (f"{ASIDE}quarantine/{recording_id}",) if backends.store.exists(key)]
    if not keys:
        raise CannotAdopt(_NOT_ASIDE, code="gone", recording=recording_id)
    moved = _move(backends.store, {key: key.removeprefix(ASIDE) for key in keys})
    with backends.database.write() as session:
        audit.note(session, by_id, "recording.put-back", f"recording:{recording_id}", {"files": len(keys)})
    return moved


def _move(store: BlobStore, ways: Mapping[str, str]) -> list[str]:
    for key, target in ways.items():
        with store.local_path(key) as path:
            store.put_file(target, path)
        store.delete(key)
    return list(ways.values())


def _files_of(session: Session, store: BlobStore, recording_id: str) -> list[str]:
    keys = unclaimed_files(session, store, recording_id)
    if not keys:
        raise CannotAdopt(_NOT_THERE, code="gone", recording=recording_id)
    return keys


def one_found(session: Session, store: BlobStore, recording_id: str) -> Unadopted:
    """One that waits. Raises CannotAdopt where there is none of this name."""
    return _found(store, recording_id, _files_of(session, store, recording_id))


def _found(store: BlobStore, recording_id: str, keys: list[str]) -> Unadopted:
    wanted = (sound.original_key(recording_id), sound.sealed_key(recording_id), sound.quarantine_key(recording_id))
    original = next((key for key in wanted if key in keys), "")
    said = sidecars.read(store, recording_id) or {}
    title = str(said.get("title_km") or said.get("title_en") or "")
    size = store.size(original) if original else 0
    return Unadopted(recording_id, tuple(keys), original, size, title, str(said.get("recorded_on") or ""), bool(said))


def _refuse_what_was_taken_back(backends: Backends, session: Session, recording_id: str, said: dict[str, Any]) -> None:
    told = str(said.get("testimony") or said.get("reading_of") or "")
    backends.withdrawals.readable()
    stones = [one for one in backends.withdrawals.stones().values() if one.mode in tombstones.MODES]
    there = session.get(Tombstone, told) is not None if told else False
    if there or any(one.testimony_id == told or recording_id in one.recordings for one in stones):
        raise CannotAdopt(_TAKEN_BACK, code="taken-back", recording=recording_id)
    if said.get("reading_of"):
        raise CannotAdopt(_READING, code="reading", recording=recording_id)
    events = select(ConsentEvent.seq).where(ConsentEvent.testimony_id == told).limit(1)
    if told and (session.get(Testimony, told) is not None or session.scalar(events) is not None):
        raise CannotAdopt(_KNOWN, code="known", testimony=told)


def _as_described(store: BlobStore, key: str, said: dict[str, Any]) -> tuple[str, int]:
    """Hash and length of the original; a sealed one's are believed, since nobody can look without its key."""
    if Path(key).suffix == ".age":
        if not said:
            raise CannotAdopt(_UNDESCRIBED, code="undescribed")
        return str(said["sha256"]), int(said["size"])
    digest, size = hashlib.sha256(), 0
    for piece in store.read(key):
        digest.update(piece)
        size += len(piece)
    if said and said.get("sha256") != digest.hexdigest():
        raise CannotAdopt(_DAMAGED, code="damaged")
    return digest.hexdigest(), size


def _testimony(session: Session, recording: Recording, said: dict[str, Any]) -> str:
    who = said.get("narrator") or {}
    narrator = session.get(Narrator, str(who.get("id") or ""))
    if narrator is None:
        narrator = Narrator(
            pseudonym_km=str(who.get("pseudonym_km") or ""),
            pseudonym_en=str(who.get("pseudonym_en") or ""),
            community=str(who.get("community") or "garment-worker"),
            province=who.get("province"),
            district=who.get("district"),
        )
        if who.get("id"):
            narrator.id = str(who["id"])
        session.add(narrator)
        session.flush()
    made = Testimony(
        recording_id=recording.id,
        narrator_id=narrator.id,
        title_km=str(said.get("title_km") or ""),
        title_en=str(said.get("title_en") or ""),
        language=recording.language,
        recorded_on=recording.recorded_on,
        collected_by=str(said.get("collected_by") or "MB"),
        sample=bool(said.get("sample")),
    )
    if said.get("testimony"):
        made.id = str(said["testimony"])
    session.add(made)
    session.flush()
    given = decisions.ConsentGiven(_METHOD, None, note=decisions.FOUND_IN_STORE)
    decisions.grant(session, made.id, _closed_to_the_band(said), given)
    return made.id


def allowed_by(said: Mapping[str, Any]) -> tuple[Grant, ...]:
    """What a description says that the narrator allowed; what cannot be read allows nothing."""
    found = []
    for row in said.get("consent") or ():
        with suppress(NotAGrant):
            found.append(read_grant(row))
    return tuple(found)


def _closed_to_the_band(said: dict[str, Any]) -> list[Grant]:
    """What the band may do at most, and of that what the description says the narrator allowed."""
    allowed = {
        one.form
        for one in allowed_by(said)
        if (one.start is None or one.start <= now()) and one.end is None and not one.purpose
        if one.audience in {"band", "public"}
    }
    return [one for one in decisions.BAND_ONLY if one.form in allowed]


def day_said(said: Mapping[str, Any]) -> Day | None:
    """The day of a recording, as far as a description says one."""
    try:
        return Day.of(str(said["recorded_on"])) if said.get("recorded_on") else None
    except ValueError:
        return None
