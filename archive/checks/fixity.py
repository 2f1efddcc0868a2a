"""Fixity: whether each original is still byte for byte what came in, looked at a share at a time.

An archive of hundreds of gigabytes is not read through in a night. Each look takes the originals that were looked at
longest ago: a look every day has read every one of them within `DAYS`. What is found is kept, so that a steward sees
when each was last whole, and how long nobody has looked; and so that whoever looks again on the same day, after a
restart or from another machine, reads what is left of that day's share and no more.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from archive.access import sound
from archive.backends import Backends
from archive.consent import sealing
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import OriginalLook, Recording, Testimony, now
from archive.ports import BlobMissing, BlobStore

DAYS = 30
"""Within so many days of daily looks every original is read."""
WHOLE, CHANGED, MISSING, SEALED = "whole", "changed", "missing", "sealed"
WRONG = (CHANGED, MISSING)


@dataclass(frozen=True, slots=True)
class FixityReport:
    """How the originals stand.

    Attributes:
        originals: how many there are; `looked` of them at least once within `DAYS`, `sealed` encrypted when looked at.
        wrong: how many are not what came in, or not there.
        oldest: the longest ago that one was looked at; None where some never were, or there are none.
    """

    originals: int
    looked: int
    sealed: int
    wrong: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class WrongOriginal:
    """An original that is not what came in; `testimony_id` is empty for a song's recording."""

    look: OriginalLook
    testimony_id: str


def look(
    backends: Backends,
    *,
    everything: bool = False,
    progress: Callable[[int, int], None] | None = None,
    rest: Callable[[float], bool] = lambda _seconds: False,
) -> list[OriginalLook]:
    """Read what is left of today's share, or everything, and keep what was found; returns those that are wrong.

    Args:
        rest: called after each with the seconds that it took; true ends the look there.
    """
    with backends.database.read() as session:
        due = list(session.scalars(_due(session, everything)))
    wrong = []
    for number, recording_id in enumerate(due):
        if progress:
            progress(number, len(due))
        with backends.database.read() as session:
            recording = session.get(Recording, recording_id)
            session.expunge_all()
        if recording is None:  # taken back meanwhile
            continue
        began = time.monotonic()
        found = _found(backends.store, recording)
        with backends.database.write() as session:
            if session.get(Recording, recording_id) is None:
                continue
            kept = session.get(OriginalLook, recording_id) or OriginalLook(recording_id=recording_id)
            session.add(kept)
            kept.found, kept.looked_at = found, now()
            if found == WHOLE:
                kept.whole_at = kept.looked_at
            session.flush()
            session.expunge(kept)
        if found in WRONG:
            wrong.append(kept)
        if rest(time.monotonic() - began):
            break
    return wrong


def _kept_originals() -> tuple[ColumnElement[bool], ...]:
    """Of a recording: it has an original, and nobody took it back."""
    gone = select(Testimony.recording_id).where(Testimony.withdrawn_at.is_not(None))
    return (Recording.original_key != "", Recording.id.not_in(gone))


def _due(session: Session, everything: bool) -> Select[str]:
    """Ids of what is to be read now: first what never was, then what was read longest ago."""
    query = (
        select(Recording.id)
        .outerjoin(OriginalLook, OriginalLook.recording_id == Recording.id)
        .where(*_kept_originals())
        .order_by(OriginalLook.looked_at.is_not(None), OriginalLook.looked_at, Recording.id)
    )
    if everything:
        return query
    day_ago = now() - timedelta(days=1)
    total = session.scalar(select(func.count()).select_from(Recording).where(*_kept_originals())) or 0
    today = session.scalar(select(func.count()).select_from(OriginalLook).where(OriginalLook.looked_at >= day_ago)) or 0
    rested = or_(OriginalLook.looked_at.is_(None), OriginalLook.looked_at < day_ago)
    return query.where(rested).limit(max(0, -(-total // DAYS) - today))


def _found(store: BlobStore, recording: Recording) -> str:
    if sealing.sealed(recording):
        return SEALED if store.exists(sound.sealed_key(recording.id)) else MISSING
    digest = hashlib.sha256()
    try:
        for piece in store.read(recording.original_key):
            digest.update(piece)
    except BlobMissing:
        return MISSING
    return WHOLE if digest.hexdigest() == recording.sha256 else CHANGED


def report(session: Session) -> FixityReport:
    """How the originals stand now."""
    recent = OriginalLook.looked_at > now() - timedelta(days=DAYS)
    row = session.execute(
        select(
            func.count(Recording.id),
            func.count(OriginalLook.recording_id).filter(recent),
            func.count(OriginalLook.recording_id).filter(OriginalLook.found == SEALED),
            func.count(OriginalLook.recording_id).filter(OriginalLook.found.in_(WRONG)),
            func.min(OriginalLook.looked_at),
            func.count(OriginalLook.recording_id),
        )
        .select_from(Recording)
        .outerjoin(OriginalLook, OriginalLook.recording_id == Recording.id)
        .where(*_kept_originals())
    ).one()
    originals, looked, sealed, wrong, oldest, ever = row
    return FixityReport(originals, looked, sealed, wrong, oldest if ever == originals else None)


def wrong_originals(session: Session, wanted: ListRequest) -> ListPage[WrongOriginal]:
    """A page of the originals that are not what came in, the last look first."""
    wrong = and_(OriginalLook.found.in_(WRONG), *_kept_originals())
    query = select(OriginalLook, Testimony.id).join(Recording, Recording.id == OriginalLook.recording_id)
    query = query.outerjoin(Testimony, Testimony.recording_id == Recording.id).where(wrong)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    order = (OriginalLook.looked_at.desc(), OriginalLook.recording_id)
    rows = session.execute(query.order_by(*order).offset(wanted.offset).limit(PAGE))
    found = [WrongOriginal(one, testimony_id or "") for one, testimony_id in rows]
    return ListPage(wanted, found, total, total)
