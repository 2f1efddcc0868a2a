"""Links with which somebody chooses their own password: the first one when they are invited, another after a reset.

No mail is sent. The link is shown once to whoever made it, who hands it over; it holds once and for some days. The
database has only the SHA-256 of its token, which 32 random bytes need no salt for, and looking for a hash takes no time
that would tell anything of the token. Nobody who opens a link learns whose account it was when it is void.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.accounts import accounts
from archive.accounts.accounts import NotAnAccount
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import Account, AccountLink, now

HOLDS = timedelta(days=7)


class LinkVoid(ArchiveError, LookupError):
    """The link was used, replaced or taken back, is too old, or never was one."""


def invite(
    session: Session,
    name: str,
    role: str,
    groups: Iterable[str] = (),
    *,
    display_name: str = "",
    language: str = "km",
    by_id: str | None = None,
) -> str:
    """Make an account that waits for its owner.

    Returns:
        The token of the link; it is kept nowhere else.

    Raises:
        archive.accounts.accounts.NotAnAccount: see there.
    """
    account = accounts.add(session, name, "", role, groups, display_name=display_name, language=language)
    detail = {"role": account.role, "groups": account.groups}
    audit.note(session, by_id, "account.invited", f"account:{account.id}", detail)
    return _make(session, account)


def reset(session: Session, account: Account, by_id: str | None = None) -> str:
    """Take somebody's password, end their sessions, and make a link with which they choose another.

    Who was invited and lost the link gets another one so; the old link is void.

    Returns:
        The token of the link; it is kept nowhere else.

    Raises:
        NotAnAccount: the account is disabled; enable it first.
        archive.accounts.accounts.LastSteward: nobody could let them in again if the link were lost.
    """
    if account.disabled:
        raise NotAnAccount(Message("This account is disabled. Enable it first."))
    accounts.take_password(session, account)
    audit.note(session, by_id, "account.reset", f"account:{account.id}")
    return _make(session, account)


def _make(session: Session, account: Account) -> str:
    session.execute(
        delete(AccountLink).where((AccountLink.account_id == account.id) | (AccountLink.expires_at <= now()))
    )
    token = secrets.token_urlsafe(32)
    session.add(AccountLink(account_id=account.id, token_hash=_hash(token), expires_at=now() + HOLDS))
    session.flush()
    return token


def owner(session: Session, token: str, at: datetime | None = None) -> Account:
    """Whose link it is. Raises LinkVoid."""
    found = session.scalars(
        select(Account)
        .join(AccountLink, AccountLink.account_id == Account.id)
        .where(AccountLink.token_hash == _hash(token), AccountLink.expires_at > (at or now()))
    ).one_or_none()
    if found is None or found.disabled:
        raise LinkVoid(Message("This link holds no more."))
    return found


def use(session: Session, token: str, password: str, display_name: str, language: str) -> Account:
    """Choose the password that the link is for; the link is void after it.

    Raises:
        LinkVoid: see there.
        NotAnAccount: no such password, name or language; the link still holds.
    """
    account = owner(session, token)
    spent = delete(AccountLink).where(AccountLink.token_hash == _hash(token)).returning(AccountLink.account_id)
    if session.scalars(spent).one_or_none() is None:
        raise LinkVoid(Message("This link holds no more."))
    accounts.present(session, account, display_name, language)
    accounts.change_password(session, account, password, account.id)
    return account


def pending(session: Session, account_ids: Iterable[str], at: datetime | None = None) -> dict[str, datetime]:
    """Those of the accounts that have a link to follow, and until when it holds."""
    links = select(AccountLink.account_id, AccountLink.expires_at).where(
        AccountLink.account_id.in_(list(account_ids)), AccountLink.expires_at > (at or now())
    )
    return {row[0]: row[1] for row in session.execute(links)}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
