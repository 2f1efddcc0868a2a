"""Taken in by mistake: a test, the wrong file, the same telling twice. It is discarded, as if it had never come.

That is no withdrawal, and nobody is said to have asked for it: no tombstone, nothing in the file of withdrawals, and
the sound may come in again. The audit log says that a recording was discarded, by whom and for which reason. Whoever
brought it in may do so for a day, while nobody decided anything of it; later a steward does.

It is closed in one transaction, in which the recording is named as one of which nothing is to stay
(`archive.originals.discarding`). What was made of it is then removed in steps that can be repeated; a process that dies
in between leaves the row, by which the next start goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive import in_force
from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.backends import Backends
from archive.catalogue.incoming import REMEMBERED
from archive.consent import decisions, vault
from archive.ledgers import audit, chain
from archive.models import (
    ConsentEvent,
    Narrator,
    OwnDecision,
    Recording,
    Revoicing,
    Source,
    StageRun,
    Testimony,
    Tombstone,
    VaultEntry,
    now,
)
from archive.originals import discarding
from archive.withdrawal import purge
from archive.withdrawal.purged_rows import Purge

REASONS = ("test", "wrong-file", "twice")
DISCARDED = "discarded"
"""The reason in a recording's row from when it is closed until nothing of it is left."""


class CannotDiscard(ValueError):
    """It is no mistake any more; `why` is `late`, `decided`, `hers` or `sung`: see `against`."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This recording is not discarded as a mistake: {why}.")
        self.why = why


@dataclass(frozen=True, slots=True)
class Mistake:
    """A recording that is to be discarded, for the page that asks whether one is sure.

    Attributes:
        against: why it cannot be; empty where it can.
    """

    recording_id: str
    testimony_id: str
    title_km: str
    title_en: str
    original_name: str
    against: str


def mistake(session: Session, viewer: Viewer, recording_id: str) -> Mistake:
    """What would be discarded.

    Raises:
        Unknown: there is no such recording of a testimony, or this viewer did not bring it and is no steward.
    """
    testimony, recording = _found(session, viewer, recording_id)
    return Mistake(
        recording_id,
        testimony.id,
        testimony.title_km,
        testimony.title_en,
        recording.original_name,
        against(session, viewer, testimony, recording),
    )


def _found(session: Session, viewer: Viewer, recording_id: str) -> tuple[Testimony, Recording]:
    asked = (
        select(Testimony, Recording)
        .join(Recording, Recording.id == Testimony.recording_id)
        .where(Recording.id == recording_id, Testimony.withdrawn_at.is_(None))
    )
    found = session.execute(asked).one_or_none() if viewer.inside and viewer.account_id else None
    if found is None or in_force.closes(session, found[0].id):
        raise Unknown("There is no such thing here.")
    testimony, recording = found
    steward = viewer.role == "steward" and gate.may(session, viewer, testimony.id, "existence")
    if not steward and recording.submitted_by_id != viewer.account_id:
        raise Unknown("There is no such thing here.")
    return testimony, recording


def against(session: Session, viewer: Viewer, testimony: Testimony, recording: Recording) -> str:
    """Why it is no mistake any more, or empty.

    `sung`: lines of songs were drawn from it. `hers`: its narrator decided something by her own code. `late`: a day is
    over, and `decided`: something was decided after it came in; both are no matter for a steward.
    """
    if session.scalar(select(Source.id).where(Source.testimony_id == testimony.id).limit(1)) is not None:
        return "sung"
    if session.scalar(select(OwnDecision.id).where(OwnDecision.testimony_id == testimony.id).limit(1)) is not None:
        return "hers"
    if viewer.role == "steward":
        return ""
    if recording.created_at <= now() - REMEMBERED:
        return "late"
    later = select(ConsentEvent.seq).where(
        ConsentEvent.testimony_id == testimony.id, ConsentEvent.note.not_in((decisions.AS_STATED, decisions.NOT_ASKED))
    )
    return "decided" if session.scalar(later.limit(1)) is not None else ""


def discard(backends: Backends, viewer: Viewer, recording_id: str, reason: str) -> None:
    """Close it; from the next request on it is not there. `finish` then removes what is left of it.

    Raises:
        Unknown: as `mistake`.
        CannotDiscard: see there.
        ValueError: `reason` is none of `REASONS`.
    """
    if reason not in REASONS:
        raise ValueError(f"A mistake is one of {', '.join(REASONS)}.")
    with backends.database.write() as session:
        testimony, recording = _found(session, viewer, recording_id)
        chain.take_turn(session)
        session.get_one(Recording, recording.id, with_for_update=True)
        if why := against(session, viewer, testimony, recording):
            raise CannotDiscard(why)
        testimony.withdrawn_at = now()
        recording.state, recording.reason = "cancelled", DISCARDED
        session.execute(delete(StageRun).where(StageRun.recording_id == recording.id, StageRun.state != "done"))
        discarding.discard(session, recording.id)
        audit.note(session, viewer.account_id, "recording.discarded", f"recording:{recording.id}", {"reason": reason})


def finish(backends: Backends) -> list[str]:
    """Remove everything of recordings that were closed as mistakes; returns their ids.

    Raises:
        Exception: the first that something stumbled over, after the others have been done; it is tried again.
    """
    with backends.database.read() as session:
        closed = (
            select(Recording.id)
            .join(Testimony, Testimony.recording_id == Recording.id)
            .where(Testimony.withdrawn_at.is_not(None), Recording.id.in_(sorted(discarding.discarded(session))))
        )
        waiting = list(session.scalars(closed))
    failed: list[Exception] = []
    for recording_id in waiting:
        try:
            _remove(backends, recording_id)
        except Exception as error:  # the others do not wait for it
            failed.append(error)
    if failed:
        raise failed[0]
    return waiting


def _remove(backends: Backends, recording_id: str) -> None:
    wanted = _wanted(backends, recording_id)
    if wanted is None:
        return
    steps: tuple[Callable[[Backends, Purge], object], ...] = (_keys, *purge.OF_MISTAKES)
    for step in steps:  # bytes before rows, since the rows say that something is to be done
        step(backends, wanted)
    backends.database.compact()


def _wanted(backends: Backends, recording_id: str) -> Purge | None:
    with backends.database.read() as session:
        testimony = session.scalars(select(Testimony).where(Testimony.recording_id == recording_id)).one_or_none()
        if testimony is None or session.get(Tombstone, testimony.id) is not None:
            return None
        read = session.scalar(select(Revoicing.recording_id).where(Revoicing.testimony_id == testimony.id))
        her = None if _is_known(session, testimony.narrator) else testimony.narrator_id
        return Purge(testimony.id, "destroy", recording_id, her, (), read)


def _is_known(session: Session, narrator: Narrator) -> bool:
    """Whether she is somebody beside this recording: she has a code, or something of hers lies in the vault."""
    kept = select(VaultEntry.id).where(VaultEntry.narrator_id == narrator.id).limit(1)
    return narrator.code_hash is not None or session.scalar(kept) is not None


def _keys(backends: Backends, wanted: Purge) -> None:
    """Keys that cannot be reached open nothing any more: what they sealed goes with the blobs."""
    for one in wanted.ids:
        with suppress(OSError):
            vault.destroy_sound_key(backends.settings, one)
