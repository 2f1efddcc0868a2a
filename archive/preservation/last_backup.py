"""When this archive was last backed up, and where to: noted in the audit log, which goes with the database."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from archive.backends import Backends
from archive.ledgers import audit
from archive.models import AuditEntry, Recording, now

MADE, RESTORED = "backup.made", "backup.restored"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The newest backup that was made and read back, as the steward's room shows it.

    Attributes:
        at, where: None and empty where there never was one.
        old: it is older than the settings allow, or there is something to lose and no backup.
        originals_only: what can be made again is not in it.
    """

    at: datetime | None
    where: str
    old: bool
    originals_only: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """This archive was put back from a backup: what was decided after `made` is known only to people."""

    at: datetime
    made: datetime


def note(backends: Backends, where: str, *, originals_only: bool) -> bool:
    """Write down that a backup was made; False where the database cannot be written, which leaves the backup whole."""
    try:
        with backends.database.write() as session:
            audit.note(session, None, MADE, "", {"where": where, "originals only": originals_only})
    except SQLAlchemyError:
        log.exception("a backup was made and could not be noted")
        return False
    return True


def last_backup(session: Session, days: int) -> LastBackup:
    """What to tell stewards; `days` is how old a backup may be."""
    entry = _newest(session, MADE)
    if entry is None:
        something = session.scalar(select(Recording.id).limit(1)) is not None
        return LastBackup(None, "", something)
    old = entry.at < now() - timedelta(days=days)
    return LastBackup(entry.at, str(entry.detail.get("where", "")), old, bool(entry.detail.get("originals only")))


def restored(session: Session) -> Restored | None:
    """That the archive was put back from a backup, as long as no newer one was made of it."""
    entry, made = _newest(session, RESTORED), _newest(session, MADE)
    if entry is None or (made is not None and made.seq > entry.seq):
        return None
    try:
        return Restored(entry.at, datetime.fromisoformat(str(entry.detail.get("made"))))
    except ValueError:
        return None


def _newest(session: Session, action: str) -> AuditEntry | None:
    query = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq.desc()).limit(1)
    return session.scalars(query).one_or_none()
