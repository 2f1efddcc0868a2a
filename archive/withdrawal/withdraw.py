"""Withdrawal: the narrator takes a testimony back, and the next request finds nothing.

`restrict` closes everything and keeps what was recorded, so that she may come back; `destroy` leaves nothing of it.

A withdrawal is first made to hold and then carried out. It holds when its line is in a file of withdrawals or its row
in the database, whichever can be written: the gate asks both. What could not be done at once is kept doing by
`archive.withdrawal.carrying_out`, which also purges what was made of the testimony.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import CompoundSelect, delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from archive.access.gate import Unknown, Viewer
from archive.access.rule import Grant
from archive.backends import Backends
from archive.consent import decisions, holds, releases, sealing
from archive.consent.decisions import ConsentGiven
from archive.errors import ArchiveError
from archive.in_force import CannotBeWritten
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import Recording, Release, Revoicing, StageRun, Testimony, Tombstone, now
from archive.tombstones import LIFTED, MODES, READMITTED, TombstoneLine
from archive.withdrawal import withdrawn_sound

_REMADE = ("derive", "index", "redact")  # the stages whose results a purge removes

PAGE = 20

log = logging.getLogger(__name__)


class NotAWithdrawal(ArchiveError, ValueError):
    """A withdrawal is neither `restrict` nor `destroy`."""


class NothingDone(ArchiveError, RuntimeError):
    """Neither the file of withdrawals nor the database can be written; nothing was withdrawn."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a withdrawal leaves to people.

    Attributes:
        songs: that drew on it, each for a decision: rewrite, retire, or keep on reconfirmed consent.
        released: what left before and cannot be called back.
        undone: what could not be written at once, `file` or `database`; it holds all the same, and is kept trying.
    """

    testimony_id: str
    mode: str
    songs: tuple[holds.SongUse, ...]
    released: tuple[Release, ...]
    undone: tuple[str, ...] = ()


def withdraw(backends: Backends, testimony_id: str, mode: str, given: ConsentGiven) -> Report:
    """Withdraw a testimony; on return the next request, in every process, finds nothing, and `purge` may begin.

    A testimony that was only restricted can still be destroyed.

    Raises:
        Unknown: there is no such testimony, or it was destroyed already.
        NotAWithdrawal: `mode` is neither.
        NothingDone: see there.
    """
    if mode not in MODES:
        raise NotAWithdrawal(Message("A testimony is withdrawn to {modes} it."), modes=" or ".join(MODES))
    decisions.check_method(given)
    with backends.database.read() as session:
        if session.get(Testimony, testimony_id) is None:
            raise Unknown("There is no such testimony.")
        stone = _stone(session, testimony_id, mode, given)
        report = _report(session, testimony_id, mode)
        session.expunge_all()
    undone = []
    try:
        undone += ["file"] if backends.withdrawals.write(stone) else []
    except CannotBeWritten as error:
        undone.append("file")
        why = str(error)
    try:
        with backends.database.write() as session:
            _close(session, stone, given)
    except SQLAlchemyError as error:
        if testimony_id not in backends.withdrawals.closed():
            raise NothingDone(
                Message(
                    "Nothing was done and the testimony is still open: the file of withdrawals cannot be written "
                    "({why}), nor can the database ({trouble}). Make room, or put back what was pulled out, and "
                    "withdraw it again."
                ),
                why=why,
                trouble=type(error).__name__,
            ) from error
        log.exception("a withdrawal holds by its file; the database is told when it can be written")
        undone.append("database")
    backends.withdrawals.ask_the_database_again()
    return Report(testimony_id, mode, report.songs, report.released, tuple(undone))


def _stone(session: Session, testimony_id: str, mode: str, given: ConsentGiven) -> TombstoneLine:
    recordings = list(session.scalars(select(Recording).where(Recording.id.in_(_recording_ids(testimony_id)))))
    once = any(entry.action == "sound.sealed" for entry in audit.entries_of(session, f"testimony:{testimony_id}"))
    sealed = [one.id for one in recordings if once or sealing.sealed(one)]
    sounds = withdrawn_sound.marks(session, recordings) if withdrawn_sound.has_key(session) else []
    ids = sorted(one.id for one in recordings)
    said = {
        "method": given.method,
        "by": given.recorded_by_id,
        "evidence": given.evidence,
        "script": [given.script_version, given.script_language],
    }
    return TombstoneLine(testimony_id, mode, now(), tuple(ids), tuple(sorted(sealed)), tuple(sounds), said)


def _report(session: Session, testimony_id: str, mode: str) -> Report:
    songs = holds.songs_from(session, testimony_id)
    return Report(testimony_id, mode, tuple(songs), tuple(releases.releases_of(session, testimony_id)))


def _close(session: Session, stone: TombstoneLine, given: ConsentGiven) -> None:
    decisions.withdraw(session, stone.testimony_id, given)
    recordings = _recordings(session, stone.testimony_id)
    row = session.get(Tombstone, stone.testimony_id)
    if row is None:
        row = Tombstone(testimony_id=stone.testimony_id, mode=stone.mode, recordings=[], sealed=[], sounds=[])
        session.add(row)
    else:
        row.mode, row.purged_at = ("destroy" if row.mode == "destroy" else stone.mode), None
    row.recordings = sorted({*row.recordings, *stone.recordings, *(one.id for one in recordings)})
    row.sealed = sorted({*row.sealed, *stone.sealed})
    row.sounds = sorted({*row.sounds, *stone.sounds, *withdrawn_sound.marks(session, recordings)})
    unwanted = StageRun.stage.in_(_REMADE) | StageRun.state.in_(("waiting", "running"))
    for recording in recordings:
        recording.state, recording.reason = "cancelled", "withdrawn"
        session.execute(delete(StageRun).where(StageRun.recording_id == recording.id, unwanted))
    session.flush()


def _recordings(session: Session, testimony_id: str) -> list[Recording]:
    """Her own recording and the one that stands in for it, locked for what is done to them."""
    both = select(Recording).where(Recording.id.in_(_recording_ids(testimony_id))).order_by(Recording.id)
    return list(session.scalars(both.with_for_update()))


def _recording_ids(testimony_id: str) -> CompoundSelect[str]:
    hers = select(Testimony.recording_id).where(Testimony.id == testimony_id)
    return hers.union(select(Revoicing.recording_id).where(Revoicing.testimony_id == testimony_id))


def reopen(backends: Backends, testimony_id: str, grants: Iterable[Grant], given: ConsentGiven) -> None:
    """The narrator of a restricted testimony confirms again; its recordings go through the stages once more,
    which whoever calls this asks of the queue. Until the file of withdrawals says so too, it stays closed.

    Raises:
        archive.consent.decisions.Destroyed: nothing is left of it.
        archive.consent.decisions.Withdrawn: no grants are named.
        archive.in_force.CannotBeWritten: the file cannot be written; say it again when it can.
        Unknown: there is no such testimony.
    """
    with backends.database.write() as session:
        decisions.reconfirm(session, testimony_id, given, grants)
        for recording in _recordings(session, testimony_id):
            if recording.state == "cancelled":
                recording.state, recording.reason = "waiting", ""
        backends.withdrawals.write(TombstoneLine(testimony_id, LIFTED, now()))


def readmit(backends: Backends, testimony_id: str, given: ConsentGiven) -> None:
    """The narrator of a destroyed testimony wants its sound to be taken in again one day. What was destroyed stays so;
    the sound is no longer refused when somebody brings it, and her word is an event of the ledger.

    Raises:
        Unknown: nothing of this id was destroyed.
        archive.in_force.CannotBeWritten: see `reopen`.
    """
    decisions.check_method(given)
    with backends.database.write() as session:
        row = session.get(Tombstone, testimony_id)
        if row is None or row.mode != "destroy":
            raise Unknown("There is no such thing here.")
        row.sounds = []
        decisions.readmit(session, testimony_id, given)
        detail = {"method": given.method}
        audit.note(session, given.recorded_by_id, "withdrawal.readmitted", f"testimony:{testimony_id}", detail)
        ids, sealed = tuple(row.recordings), tuple(row.sealed)
        backends.withdrawals.write(TombstoneLine(testimony_id, READMITTED, now(), ids, sealed))


def replay(backends: Backends, stones: Iterable[TombstoneLine]) -> list[str]:
    """Withdraw again what the database does not know to be withdrawn.

    Returns:
        Ids of the testimonies that wait for a purge, these and any whose purge was broken off.
    """
    with backends.database.write() as session:
        for stone in stones:
            if stone.mode != LIFTED:
                _replay(session, stone)
        session.flush()
        waiting = list(session.scalars(select(Tombstone.testimony_id).where(Tombstone.purged_at.is_(None))))
    backends.withdrawals.ask_the_database_again()
    return waiting


def _replay(session: Session, stone: TombstoneLine) -> None:
    mode = "destroy" if stone.mode == READMITTED else stone.mode
    known = session.get(Tombstone, stone.testimony_id)
    there = session.get(Testimony, stone.testimony_id)
    said = known is not None and known.mode in {mode, "destroy"}
    if there is not None and not (said and there.withdrawn_at is not None):
        words = TombstoneLine(stone.testimony_id, mode, stone.at, stone.recordings, stone.sealed, stone.sounds)
        _close(session, words, _given(stone))
        audit.note(session, None, "withdrawal.replayed", f"testimony:{stone.testimony_id}")
        known = session.get_one(Tombstone, stone.testimony_id)
    elif known is None:
        known = Tombstone(testimony_id=stone.testimony_id, mode=mode, at=stone.at, recordings=[], sealed=[], sounds=[])
        session.add(known)
    known.recordings = sorted({*known.recordings, *stone.recordings})
    known.sealed = sorted({*known.sealed, *stone.sealed})
    known.sounds = [] if stone.mode == READMITTED else sorted({*known.sounds, *stone.sounds})


def _given(stone: TombstoneLine) -> ConsentGiven:
    """Her word as the file has it, for a ledger that could not be written then or does not know it any more."""
    said = stone.given
    evidence, script = said.get("evidence"), said.get("script")
    version, language = script if isinstance(script, list) and len(script) == 2 else ("", "km")
    by = said.get("by")
    return ConsentGiven(
        str(said.get("method") or "witnessed"),
        str(by) if by else None,
        {**(evidence if isinstance(evidence, dict) else {}), "replayed": True},
        script_version=str(version),
        script_language=str(language),
    )


def destroyed(session: Session, viewer: Viewer, page: int = 1) -> list[Tombstone]:
    """A page of what was destroyed, newest first, and one more if there is more. Raises Unknown as `withdrawn`."""
    if viewer.role != "steward":
        raise Unknown("There is no such thing here.")
    query = select(Tombstone).where(Tombstone.mode == "destroy").order_by(Tombstone.at.desc(), Tombstone.testimony_id)
    return list(session.scalars(query.offset((page - 1) * PAGE).limit(PAGE + 1)))
