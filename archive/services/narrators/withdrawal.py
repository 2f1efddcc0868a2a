"""Withdrawal: the narrator takes a testimony back, and the next request finds nothing.

`restrict` closes everything and keeps what was recorded, so that she may come back; `destroy` leaves nothing of it.
Either way a tombstone is written first, the ledger and the holding of the lines follow in one transaction, and what was
made of the testimony is purged afterwards (`archive.services.narrators.purging`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import CompoundSelect, delete, select
from sqlalchemy.orm import Session

from archive.db import Database
from archive.models import Narrator, Recording, Release, Revoicing, StageRun, Testimony, Tombstone, new_id, now
from archive.services import audit, hashing
from archive.services.access import Unknown, Viewer
from archive.services.custody import releases
from archive.services.gate import Grant
from archive.services.narrators import consent, held, tombstones
from archive.services.narrators.consent import Given
from archive.services.narrators.tombstones import MODES

_GROUP, _GROUPS = 4, 4
_DIGITS = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789")
_REMADE = ("derive", "index", "redact")  # the stages whose results a purge removes


class NotAWithdrawal(ValueError):
    """A withdrawal is neither `restrict` nor `destroy`."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a withdrawal leaves to people.

    Attributes:
        songs: that drew on it, each for a decision: rewrite, retire, or keep on reconfirmed consent.
        released: what left before and cannot be called back.
    """

    testimony_id: str
    mode: str
    songs: tuple[held.SongUse, ...]
    released: tuple[Release, ...]


def withdraw(database: Database, testimony_id: str, mode: str, given: Given, stones: Path) -> Report:
    """Withdraw a testimony; on return the next request finds nothing, and `purge` may begin.

    A testimony that was only restricted can still be destroyed.

    Args:
        stones: the file of tombstones outside the data folder, `tombstones.tombstone_file(settings)`.

    Raises:
        Unknown: there is no such testimony, or it was destroyed already.
        NotAWithdrawal: `mode` is neither.
    """
    if mode not in MODES:
        raise NotAWithdrawal(f"A testimony is withdrawn to {' or '.join(MODES)} it.")
    with database.read() as session:
        if session.get(Testimony, testimony_id) is None:
            raise Unknown("There is no such testimony.")
        recordings = [str(one) for one in session.scalars(_recording_ids(testimony_id))]
    tombstones.write(stones, testimony_id, mode, now(), recordings)
    with database.write() as session:
        return _close(session, testimony_id, mode, given)


def _close(session: Session, testimony_id: str, mode: str, given: Given) -> Report:
    songs = held.songs_from(session, testimony_id)
    consent.withdraw(session, testimony_id, given)
    recordings = _recordings(session, testimony_id)
    ids = {one.id for one in recordings}
    stone = session.get(Tombstone, testimony_id)
    if stone is None:
        session.add(Tombstone(testimony_id=testimony_id, mode=mode, recordings=sorted(ids)))
    else:
        stone.mode, stone.purged_at = ("destroy" if stone.mode == "destroy" else mode), None
        stone.recordings = sorted({*stone.recordings, *ids})
    unwanted = StageRun.stage.in_(_REMADE) | StageRun.state.in_(("waiting", "running"))
    for recording in recordings:
        recording.state, recording.reason = "cancelled", "withdrawn"
        session.execute(delete(StageRun).where(StageRun.recording_id == recording.id, unwanted))
    session.flush()
    return Report(testimony_id, mode, tuple(songs), tuple(releases.of(session, testimony_id)))


def _recordings(session: Session, testimony_id: str) -> list[Recording]:
    """Her own recording and the one that stands in for it, locked for what is done to them."""
    both = select(Recording).where(Recording.id.in_(_recording_ids(testimony_id))).order_by(Recording.id)
    return list(session.scalars(both.with_for_update()))


def _recording_ids(testimony_id: str) -> CompoundSelect[str]:
    hers = select(Testimony.recording_id).where(Testimony.id == testimony_id)
    return hers.union(select(Revoicing.recording_id).where(Revoicing.testimony_id == testimony_id))


def reopen(database: Database, testimony_id: str, grants: Iterable[Grant], given: Given, stones: Path) -> None:
    """The narrator of a restricted testimony confirms again; its recordings go through the stages once more,
    which whoever calls this asks of the queue.

    Raises:
        archive.services.narrators.consent.Destroyed: nothing is left of it.
        archive.services.narrators.consent.Withdrawn: no grants are named.
        Unknown: there is no such testimony.
    """
    with database.write() as session:
        consent.reconfirm(session, testimony_id, given, grants)
        for recording in _recordings(session, testimony_id):
            if recording.state == "cancelled":
                recording.state, recording.reason = "waiting", ""
    tombstones.lift(stones, testimony_id, now())


def replay(database: Database, stones: Path) -> list[str]:
    """Withdraw again what a restored backup brought back; to be called before anything is served.

    Returns:
        Ids of the testimonies that wait for a purge, these and any whose purge was broken off.

    Raises:
        archive.services.narrators.tombstones.TombstonesUnreadable: nothing may be served.
    """
    given = Given("witnessed", None, {"replayed": True})
    with database.write() as session:
        for stone in tombstones.read(stones):
            known = session.get(Tombstone, stone.testimony_id)
            there = session.get(Testimony, stone.testimony_id)
            said = known is not None and known.mode in {stone.mode, "destroy"}
            if said and (there is None or there.withdrawn_at is not None):
                continue
            if there is not None:
                _close(session, stone.testimony_id, stone.mode, given)
                audit.note(session, None, "withdrawal.replayed", f"testimony:{stone.testimony_id}")
            elif known is None:
                recordings = list(stone.recordings)
                session.add(
                    Tombstone(testimony_id=stone.testimony_id, mode=stone.mode, at=stone.at, recordings=recordings)
                )
        session.flush()
        return list(session.scalars(select(Tombstone.testimony_id).where(Tombstone.purged_at.is_(None))))


def withdrawn(session: Session, viewer: Viewer) -> list[Tombstone]:
    """Everything that was taken back, newest first, as ids and dates; for stewards.

    Raises:
        Unknown: for anybody else there is no such list.
    """
    if viewer.role != "steward":
        raise Unknown("There is no such thing here.")
    return list(session.scalars(select(Tombstone).order_by(Tombstone.at.desc())))


def issue_code(session: Session, narrator_id: str, by_id: str | None = None) -> str:
    """A code by which a narrator can withdraw by herself, to be written down for her; an earlier one stops working.

    Returns:
        Sixteen letters and digits in four groups, about 58 secret bits; only its hash is kept.
    """
    narrator = session.get(Narrator, narrator_id)
    if narrator is None:
        raise Unknown("There is no such narrator.")
    letters = (new_id() + new_id())[: _GROUP * _GROUPS]
    groups = [letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP)]
    # The first group only finds the narrator, so that one slow hash is made for a code and not one for everybody.
    narrator.code_hash = f"{groups[0]}:{hashing.hashed(letters)}"
    session.flush()
    audit.note(session, by_id, "code.issued", f"narrator:{narrator.id}")
    return "-".join(groups)


def told_by_code(session: Session, code: str) -> list[str]:
    """Ids of the testimonies that the code's owner can withdraw, oldest first; empty for any other code."""
    plain = "".join(char for char in code.lower().translate(_DIGITS) if char.isascii() and char.isalnum())
    finder = plain[:_GROUP]
    narrators = session.scalars(select(Narrator).where(Narrator.code_hash.startswith(f"{finder}:"))).all()
    hashes = [(one.id, (one.code_hash or "").partition(":")[2]) for one in narrators] or [("", _nobodys())]
    owners = [narrator_id for narrator_id, kept in hashes if hashing.matches(kept, plain)]
    told = select(Testimony.id).where(Testimony.narrator_id.in_(owners)).order_by(Testimony.created_at)
    return list(session.scalars(told)) if owners else []


def by_code(database: Database, code: str, testimony_id: str, mode: str, stones: Path) -> Report:
    """The narrator withdraws with her code.

    Raises:
        Unknown: the code is not hers, or the testimony is not; nothing tells which.
    """
    with database.read() as session:
        if testimony_id not in told_by_code(session, code):
            raise Unknown("There is no such thing here.")
    return withdraw(database, testimony_id, mode, Given("signed", None, {"code": True}), stones)


_NOBODY: list[str] = []


def _nobodys() -> str:
    if not _NOBODY:
        _NOBODY.append(hashing.hashed(secrets.token_urlsafe(16)))
    return _NOBODY[0]
