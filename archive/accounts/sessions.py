"""Signing in and out.

Sessions live on the server; the cookie holds a random token, the database only its hash. On a shared computer, as in a
drop-in centre, a session ends after half an hour in which nobody used it. A failed sign-in tells nothing: not which
part was wrong, not by how long the answer took, and it is written down nowhere, since people type passwords into the
wrong field.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.accounts import accounts
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import Account, AccountLink, AccountSession, now

LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=30)
HANDLE = 20
KNOWN_AFTER = timedelta(days=1)
"""How long a session that ended by itself is known, so that a form sent too late is not lost."""
_TOUCH = timedelta(minutes=1)
_SLACK = timedelta(minutes=2)  # clocks that are set by the network are put back by moments all the time


class NotSignedIn(ArchiveError, PermissionError):
    """The name and the password do not belong together."""


@cache
def _nobody() -> str:
    """A hash that no password matches, for names that nobody has: checking it takes as long as a real one."""
    return accounts.hashed(secrets.token_urlsafe(32))


def sign_in(session: Session, name: str, password: str, *, shared: bool = True, at: datetime | None = None) -> str:
    """Begin a session.

    Args:
        shared: the computer is used by others too, so the session ends when it lies idle.

    Returns:
        The token for the cookie; it is kept nowhere else.

    Raises:
        NotSignedIn: always with the same words.
    """
    at = at or now()
    account = session.scalars(select(Account).where(Account.name == name.strip().lower())).one_or_none()
    right = accounts.matches((account and account.password_hash) or _nobody(), password)
    if account is None or account.disabled or not right:
        raise NotSignedIn(
            Message("The name and the password do not belong together. Try again, or ask a steward of the archive.")
        )
    if accounts.outdated(account.password_hash):
        account.password_hash = accounts.hashed(password)
    session.execute(delete(AccountSession).where(AccountSession.expires_at <= at - KNOWN_AFTER))
    token = secrets.token_urlsafe(32)
    session.add(
        AccountSession(
            token_hash=_hash(token),
            account_id=account.id,
            created_at=at,
            seen_at=at,
            expires_at=at + (IDLE if shared else LONGEST),
        )
    )
    session.flush()
    return token


def signed_in(session: Session, token: str, at: datetime | None = None) -> Account | None:
    """Whose session the token opens; None when it has ended, or never was. Only reads."""
    found = session.get(AccountSession, _hash(token))
    if found is None or found.account.disabled:
        return None
    # The clock alone is asked, not the ledger's mark: a laptop whose clock went astray must still let a steward in.
    # Put back to before the session was last seen, it ends it.
    return found.account if found.seen_at - _SLACK <= (at or now()) < found.expires_at else None


def ended(session: Session, token: str, at: datetime | None = None) -> str | None:
    """The id of the account whose session this token opened until a short while ago.

    None where it is still open, and where somebody ended it: by signing out, from another browser, or by closing the
    account. It opens nothing.
    """
    found = session.get(AccountSession, _hash(token))
    if found is None or found.account.disabled or signed_in(session, token, at) is not None:
        return None
    return found.account_id if found.expires_at <= (at or now()) < found.expires_at + KNOWN_AFTER else None


def needs_touch(session: Session, token: str, at: datetime | None = None) -> bool:
    """Whether the session is in use and has not been seen for a minute, so that `touch` is worth a write."""
    found = session.get(AccountSession, _hash(token))
    return found is not None and (at or now()) - found.seen_at >= _TOUCH


def touch(session: Session, token: str, at: datetime | None = None) -> None:
    """Note that the session is in use; one on a shared computer goes on for another half hour, twelve hours at most."""
    at = at or now()
    found = session.get(AccountSession, _hash(token))
    if found is None or signed_in(session, token, at) is None:
        return
    full = found.created_at + LONGEST
    if found.expires_at < full:
        found.expires_at = min(at + IDLE, full)
    found.seen_at = at


def sign_out(session: Session, token: str) -> None:
    """End the session for good; a page from the browser's history finds nothing."""
    session.execute(delete(AccountSession).where(AccountSession.token_hash == _hash(token)))


def begun(session: Session, account_id: str, at: datetime | None = None) -> list[AccountSession]:
    """The sessions of an account that have not ended, the one used last first."""
    mine = select(AccountSession).where(
        AccountSession.account_id == account_id, AccountSession.expires_at > (at or now())
    )
    return list(session.scalars(mine.order_by(AccountSession.seen_at.desc(), AccountSession.token_hash)))


def handle(token: str) -> str:
    """What names a session on its owner's page: the beginning of its hash, from which nobody can sign in."""
    return _hash(token)[:HANDLE]


def end(session: Session, account_id: str, named: str) -> None:
    """End the session of this account that `handle` names so; another account's is not touched."""
    mine = AccountSession.account_id == account_id, AccountSession.token_hash.startswith(named, autoescape=True)
    if (
        len(named) == HANDLE
        and session.execute(delete(AccountSession).where(*mine).returning(AccountSession.token_hash)).all()
    ):
        audit.note(session, account_id, "account.session-ended", f"account:{account_id}")


def end_others(session: Session, account_id: str, token: str) -> None:
    """End every session of the account but the one that the token opens."""
    others = AccountSession.account_id == account_id, AccountSession.token_hash != _hash(token)
    session.execute(delete(AccountSession).where(*others))
    audit.note(session, account_id, "account.sessions-ended", f"account:{account_id}")


def change_own_password(session: Session, account: Account, token: str, old: str, new: str) -> None:
    """Change one's own password; the session of `token` goes on and every other ends.

    Raises:
        NotSignedIn: `old` is not the password.
        archive.accounts.accounts.NotAnAccount: `new` cannot be one.
    """
    if not accounts.matches(account.password_hash or _nobody(), old):
        raise NotSignedIn(Message("This is not your present password."))
    account.password_hash = accounts.hashed(new)
    session.execute(delete(AccountLink).where(AccountLink.account_id == account.id))
    audit.note(session, account.id, "account.password-changed", f"account:{account.id}")
    end_others(session, account.id, token)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
