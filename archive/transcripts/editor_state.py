"""A draft as the editor draws it, and who is writing where in it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, Select, Text, cast, delete, select
from sqlalchemy.orm import Session

from archive.consent import redaction
from archive.models import Account, RivalText, Segment, SegmentLock, SegmentTranslation, TranscriptVersion, now
from archive.transcripts import reviewing

LEASE = timedelta(seconds=20)  # an editor says every few seconds that it is still there
_AT_ONCE = 400


def drawn(session: Session, version: TranscriptVersion, ids: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Segments for the editor, in order: all of a version or those of these ids.

    Each as `{id, rev, s, e, who, text, flags, conf, words: [[text, start, end, confidence]], tr: {version: text},
    rivals: [{id, text, tr, by}], after}`; `after` is the id of the segment before it, where only some were asked for.
    """
    wanted = _rows(session, version.id, ids)
    texts = _translated(session, version, ids)
    rivals = _rivals(session, version.id)
    found = []
    for segment in wanted:
        row = _drawn(segment, texts.get(segment.id, {}), rivals.get(segment.id, []))
        if ids is not None:
            row["after"] = _before(session, segment)
        found.append(row)
    return found


def written(session: Session, version: TranscriptVersion) -> str:
    """Every segment of a version as `drawn` gives them, as the text of a JSON array.

    Words and flags are passed on as the database keeps them: read and written again, the seventy thousand words of
    three hours cost most of a second.
    """
    texts = _translated(session, version, None)
    rivals = _rivals(session, version.id)
    query: Select[*tuple[Any, ...]] = select(
        Segment.id,
        Segment.revision,
        Segment.start_ms,
        Segment.end_ms,
        Segment.speaker,
        Segment.text,
        Segment.confidence,
        cast(Segment.flags, Text).label("flags"),
        cast(Segment.word_rows, Text).label("words"),
    ).where(Segment.version_id == version.id)
    found = []
    for row in session.execute(query.order_by(Segment.position)):
        plain = _plain(row, texts.get(row.id, {}), rivals.get(row.id, []))
        begun = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))[:-1]
        found.append(f'{begun},"flags":{row.flags},"words":{row.words}}}')
    return f"[{','.join(found)}]"


def _rows(session: Session, version_id: str, ids: Collection[str] | None) -> Iterable[Segment]:
    query = select(Segment).where(Segment.version_id == version_id).order_by(Segment.position)
    if ids is None:
        return session.scalars(query).all()
    asked = sorted(ids)
    found: list[Segment] = []
    for at in range(0, len(asked), _AT_ONCE):
        found.extend(session.scalars(query.where(Segment.id.in_(asked[at : at + _AT_ONCE]))))
    return sorted(found, key=lambda one: one.position)


def _drawn(segment: Segment, texts: dict[str, str], rivals: list[dict[str, Any]]) -> dict[str, Any]:
    return {**_plain(segment, texts, rivals), "flags": segment.flags, "words": segment.word_rows}


def _plain(
    segment: Segment | Row[*tuple[Any, ...]], texts: dict[str, str], rivals: list[dict[str, Any]]
) -> dict[str, Any]:
    """What is drawn of a segment without its flags and words."""
    row: dict[str, Any] = {
        "id": segment.id,
        "rev": segment.revision,
        "s": segment.start_ms,
        "e": segment.end_ms,
        "who": segment.speaker,
        "text": segment.text,
        "conf": segment.confidence,
    }
    if texts:
        row["tr"] = texts
    if rivals:
        row["rivals"] = rivals
    return row


def _translated(session: Session, version: TranscriptVersion, ids: Collection[str] | None) -> dict[str, dict[str, str]]:
    query = select(SegmentTranslation).where(
        SegmentTranslation.version_id.in_([one.id for one in reviewing.beside(session, version).values()])
    )
    if ids is not None and len(ids) <= _AT_ONCE:
        query = query.where(SegmentTranslation.segment_id.in_(sorted(ids)))
    found: dict[str, dict[str, str]] = {}
    for row in session.scalars(query):
        found.setdefault(row.segment_id, {})[row.version_id] = row.text
    return found


def _rivals(session: Session, version_id: str) -> dict[str, list[dict[str, Any]]]:
    query = (
        select(RivalText, Account.display_name)
        .outerjoin(Account, Account.id == RivalText.by_id)
        .where(RivalText.version_id == version_id)
        .order_by(RivalText.at, RivalText.id)
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for rival, name in session.execute(query):
        row = {"id": rival.id, "text": rival.text, "tr": rival.translation_id, "by": name or ""}
        found.setdefault(rival.segment_id, []).append(row)
    return found


def _before(session: Session, segment: Segment) -> str | None:
    query = select(Segment.id).where(Segment.version_id == segment.version_id, Segment.position < segment.position)
    return session.scalar(query.order_by(Segment.position.desc()).limit(1))


def marks(session: Session, testimony_id: str, account_id: str | None) -> list[dict[str, Any]]:
    """The redactions of a testimony, for the editor; `mine` may be taken back by whoever set it."""
    return [
        {"id": one.id, "s": one.start_ms, "e": one.end_ms, "why": one.reason, "mine": one.marked_by_id == account_id}
        for one in redaction.marks_of(session, testimony_id)
    ]


def must_hold(
    session: Session, version: TranscriptVersion, account_id: str, window: str, segment_id: str | None
) -> bool:
    """Whether `hold` has anything to do: a lock that is fresh is not written again every few seconds."""
    held_now = session.scalars(
        select(SegmentLock).where(
            SegmentLock.version_id == version.id, SegmentLock.account_id == account_id, SegmentLock.window == window
        )
    ).all()
    if segment_id is None:
        return bool(held_now)
    fresh = [lock for lock in held_now if lock.segment_id == segment_id and lock.until - now() > LEASE / 2]
    return len(held_now) != 1 or not fresh


def hold(session: Session, version: TranscriptVersion, account_id: str, window: str, segment_id: str | None) -> None:
    """Say in which segment a window writes; None for in none. Who was there first keeps it until the lease runs out."""
    mine = SegmentLock.version_id == version.id, SegmentLock.account_id == account_id, SegmentLock.window == window
    old = delete(SegmentLock).where(*mine)
    session.execute(old if segment_id is None else old.where(SegmentLock.segment_id != segment_id))
    if segment_id is None:
        return
    segment = session.get(Segment, segment_id)
    if segment is None or segment.version_id != version.id:
        return
    lock = session.get(SegmentLock, segment_id)
    if lock is None:
        lock = SegmentLock(segment_id=segment_id, version_id=version.id)
        session.add(lock)
    elif (lock.account_id, lock.window) != (account_id, window) and lock.until > now():
        return
    lock.account_id, lock.window, lock.until = account_id, window, now() + LEASE
    session.flush()


def locks_held(session: Session, version_id: str, account_id: str, window: str) -> dict[str, str]:
    """Segment id -> the name of whoever else writes there now; empty for another window of the same person."""
    query = (
        select(SegmentLock, Account.display_name)
        .join(Account, Account.id == SegmentLock.account_id)
        .where(SegmentLock.version_id == version_id, SegmentLock.until > now())
    )
    found = {}
    for lock, name in session.execute(query):
        if (lock.account_id, lock.window) != (account_id, window):
            found[lock.segment_id] = "" if lock.account_id == account_id else name
    return found
