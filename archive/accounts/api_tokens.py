"""Tokens for programs: made and ended by the account's owner, shown once, kept as a hash.

A token opens what its account may read, as it may at that moment, and writes nothing. It ends on its last day, when its
owner ends it, when the account is closed, and when a steward takes the account's password. Who has a token has no
session: no password can be changed with it, and no other token made.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive import time_zone
from archive.access.gate import Unknown
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.language.normalise import tidy
from archive.ledgers import audit
from archive.models import Account, ApiToken, now

DAYS = (30, 90, 365)
"""For how many days a token may be made."""
LONGEST_NAME = 80
MOST = 20
BEGINS = "messenger_"
"""What every token begins with, so that whoever finds one in a file knows what it opens."""
_SLACK = timedelta(minutes=2)


class NotAToken(ArchiveError, ValueError):
    """A token cannot be as it was asked for; says what to do."""


def make(session: Session, account: Account, name: str, days: int, at: datetime | None = None) -> str:
    """Make a token for an account.

    Returns:
        The token; it is kept nowhere else.

    Raises:
        NotAToken: it has no name, no length that there is, or there are too many.
    """
    at = at or now()
    called = tidy(" ".join(name.split()))
    if not called or len(called) > LONGEST_NAME:
        raise NotAToken(Message("Write what the token is for, in {n} characters at most."), n=LONGEST_NAME)
    if days not in DAYS:
        raise NotAToken(Message("Choose how long it holds."))
    holding = select(func.count()).select_from(ApiToken).where(ApiToken.account_id == account.id)
    if (session.scalar(holding.where(ApiToken.expires_at > at)) or 0) >= MOST:
        raise NotAToken(Message("You have {n} tokens, which is the most. End one first."), n=MOST)
    token = BEGINS + secrets.token_urlsafe(32)
    last = time_zone.day_of(at + timedelta(days=days))
    made = ApiToken(
        account_id=account.id,
        name=called,
        token_hash=_hash(token),
        made_at=at,
        expires_at=time_zone.opens_on(last + timedelta(days=1)),
    )
    session.add(made)
    session.flush()
    audit.note(session, account.id, "account.token-made", f"account:{account.id}", {"token": made.id, "days": days})
    return token


def held_with(session: Session, token: str, at: datetime | None = None) -> ApiToken:
    """The token with its account. Raises Unknown for one that ended, that is of a closed account, or never was."""
    at = at or now()
    found = session.scalars(select(ApiToken).where(ApiToken.token_hash == _hash(token))).one_or_none()
    if found is None or found.account.disabled or not found.made_at - _SLACK <= at < found.expires_at:
        raise Unknown("There is no such token.")
    return found


def used(session: Session, token_id: str, at: datetime | None = None) -> None:
    """Note the day on which it was used; the moment is nobody's business."""
    found = session.get(ApiToken, token_id)
    if found is not None:
        found.used_on = time_zone.day_of(at or now())


def needs_note(token: ApiToken, at: datetime | None = None) -> bool:
    """Whether this is the first use of its day."""
    return token.used_on != time_zone.day_of(at or now())


def tokens_of(session: Session, account_id: str) -> list[ApiToken]:
    """The tokens of an account, also those that ended by themselves, the newest first."""
    mine = select(ApiToken).where(ApiToken.account_id == account_id)
    return list(session.scalars(mine.order_by(ApiToken.made_at.desc(), ApiToken.id)))


def end(session: Session, account: Account, token_id: str) -> str:
    """End one of an account's own tokens, from its next request; returns its name. Raises Unknown."""
    found = session.get(ApiToken, token_id)
    if found is None or found.account_id != account.id:
        raise Unknown("There is no such token.")
    name = found.name
    session.delete(found)
    audit.note(session, account.id, "account.token-ended", f"account:{account.id}", {"token": token_id})
    return name


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
