"""Invitations to record: a link that lets somebody without an account send recordings, and see nothing.

It holds for some days and for as many recordings as are made with it. The database has only the SHA-256 of its token.
Whoever takes it back ends it with the next request; what has come by then stays.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.language.normalise import tidy
from archive.ledgers import audit
from archive.models import RecorderInvitation, now
from archive.models.account import GROUPS

MOST_DAYS = 60
LONGEST_LABEL = 120


class NotAnInvitation(ArchiveError, ValueError):
    """An invitation says not for how long it holds, or who collects with it."""


def owner_of(invitation: RecorderInvitation) -> str:
    """Whose what comes with it is on its way: as an account's id stands elsewhere."""
    return f"invitation:{invitation.id}"


def invite(session: Session, label: str, days: int, group: str, by_id: str) -> str:
    """Make an invitation.

    Returns:
        The token of its link; it is kept nowhere else.

    Raises:
        NotAnInvitation: see there.
    """
    if not 1 <= days <= MOST_DAYS or group not in GROUPS:
        raise NotAnInvitation(Message("Say for how many days it holds, {n} at most, and for which group."), n=MOST_DAYS)
    token = secrets.token_urlsafe(24)
    made = RecorderInvitation(
        token_hash=_hash(token),
        label=tidy(" ".join(label.split()))[:LONGEST_LABEL],
        group=group,
        made_by_id=by_id,
        expires_at=now() + timedelta(days=days),
    )
    session.add(made)
    session.flush()
    audit.note(session, by_id, "invitation.made", f"invitation:{made.id}", {"days": days, "group": group})
    return token


def held_with(session: Session, token: str, at: datetime | None = None) -> RecorderInvitation:
    """The invitation of a link. Raises Unknown for one that is over, was taken back, or never was: alike."""
    found = session.scalars(select(RecorderInvitation).where(RecorderInvitation.token_hash == _hash(token))).first()
    if found is None or found.taken_back_at is not None or found.expires_at <= (at or now()):
        raise Unknown("There is no such invitation.")
    return found


def take_back(session: Session, invitation_id: str, by_id: str) -> None:
    """End one at once. Raises Unknown."""
    found = session.get(RecorderInvitation, invitation_id)
    if found is None:
        raise Unknown("There is no such invitation.")
    if found.taken_back_at is None:
        found.taken_back_at = now()
        audit.note(session, by_id, "invitation.taken-back", f"invitation:{found.id}")


def holding(session: Session, at: datetime | None = None) -> list[RecorderInvitation]:
    """Those with which something may still be sent, the newest first."""
    there = RecorderInvitation.expires_at > (at or now())
    query = select(RecorderInvitation).where(there, RecorderInvitation.taken_back_at.is_(None))
    return list(session.scalars(query.order_by(RecorderInvitation.made_at.desc(), RecorderInvitation.id)))


def came_with(session: Session, owner: str) -> None:
    """Count a recording that came with one."""
    kind, _, invitation_id = owner.partition(":")
    found = session.get(RecorderInvitation, invitation_id) if kind == "invitation" else None
    if found is not None:
        found.came += 1
        session.flush()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
