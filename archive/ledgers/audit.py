"""Who did what to which thing. No address, browser or query is ever written here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.ledgers import chain
from archive.models import AuditEntry


def note(
    session: Session,
    actor_id: str | None,
    action: str,
    subject: str = "",
    detail: Mapping[str, object] | None = None,
    at: datetime | None = None,
) -> AuditEntry:
    """Write one act into the audit log.

    Args:
        actor_id: the account; None for the system itself.
        action: a noun and a verb, such as `account.disabled`.
        subject: `KIND:ID`.
        at: when, if not now.
        detail: numbers, ids and codes; never what a narrator said or is called, since this log is kept for ever.
    """
    entry = AuditEntry(actor_id=actor_id, action=action, subject=subject, detail=dict(detail or {}), at=at)
    return chain.append(session, entry)


def recent(session: Session, limit: int = 100, before: int | None = None) -> list[AuditEntry]:
    """The newest entries first; `before` is the sequence number to go on from."""
    entries = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(limit)
    return list(session.scalars(entries if before is None else entries.where(AuditEntry.seq < before)))


def entries_of(session: Session, subject: str) -> list[AuditEntry]:
    """Every entry about one thing, oldest first."""
    return list(session.scalars(select(AuditEntry).where(AuditEntry.subject == subject).order_by(AuditEntry.seq)))
