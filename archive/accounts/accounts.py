"""Accounts: who may sign in, as what, and how somebody is shut out.

A role says what work somebody does here (`band`, `researcher`, `steward`); a group says to whom of the alliance a
narrator's words may reach through them. A member of an alliance group who is not of the band is a researcher with that
group: they read what was given to the group, and ask for the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.accounts import hashing
from archive.ledgers import audit
from archive.models import (
    Account,
    AccountSession,
)
from archive.models.account import GROUPS, ROLES

SHORTEST = 10
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,79}")


class NotAnAccount(ValueError):
    """A name, role, group or password that an account cannot have, or a name that another has."""


class NoSuchAccount(LookupError):
    """Nobody has an account of that name."""


def create(
    session: Session,
    name: str,
    password: str,
    role: str,
    groups: Iterable[str] = (),
    *,
    display_name: str = "",
    language: str = "km",
    by_id: str | None = None,
) -> Account:
    """Make an account. Raises NotAnAccount."""
    name, groups = name.strip().lower(), sorted(set(groups))
    if not _NAME.fullmatch(name):
        raise NotAnAccount("A name is 2 to 80 small Latin letters, digits, dots or dashes.")
    if role not in ROLES:
        raise NotAnAccount(f"{role!r} is no role; it is one of {', '.join(ROLES)}.")
    if unknown := set(groups) - set(GROUPS):
        raise NotAnAccount(f"{', '.join(sorted(unknown))} is no group; the groups are {', '.join(GROUPS)}.")
    if session.scalar(select(Account.id).where(Account.name == name)):
        raise NotAnAccount(f"There is an account named {name} already.")
    account = Account(
        name=name,
        display_name=display_name.strip() or name,
        password_hash=hashed(password),
        role=role,
        groups=groups,
        language=language,
    )
    session.add(account)
    session.flush()
    audit.note(session, by_id, "account.made", f"account:{account.id}", {"role": role, "groups": groups})
    return account


def everyone(session: Session) -> list[Account]:
    """All accounts, by name."""
    return list(session.scalars(select(Account).order_by(Account.name)))


def named(session: Session, name: str) -> Account:
    """The account of that name. Raises NoSuchAccount."""
    account = session.scalars(select(Account).where(Account.name == name.strip().lower())).one_or_none()
    if account is None:
        raise NoSuchAccount(f"Nobody has an account named {name.strip()!r}.")
    return account


def disable(session: Session, account: Account, by_id: str | None = None) -> None:
    """Shut somebody out at once, in every browser they are signed in."""
    account.disabled = True
    sign_out_everywhere(session, account.id)
    audit.note(session, by_id, "account.disabled", f"account:{account.id}")


def change_password(session: Session, account: Account, password: str, by_id: str | None = None) -> None:
    """Give an account another password and end all of its sessions. Raises NotAnAccount."""
    account.password_hash = hashed(password)
    sign_out_everywhere(session, account.id)
    audit.note(session, by_id, "account.password-changed", f"account:{account.id}")


def sign_out_everywhere(session: Session, account_id: str) -> None:
    """End every session of the account."""
    session.execute(delete(AccountSession).where(AccountSession.account_id == account_id))


def hashed(password: str) -> str:
    """Argon2id hash of a password, in NFC so that it is the same from every keyboard.

    Raises:
        NotAnAccount: the password is too short to keep anybody out.
    """
    password = unicodedata.normalize("NFC", password)
    if len(password) < SHORTEST or len(set(password)) < 4:
        raise NotAnAccount(f"A password has at least {SHORTEST} characters, and more than three different ones.")
    return hashing.hashed(password)


def matches(password_hash: str, password: str) -> bool:
    """Whether the password is the one that was hashed."""
    return hashing.matches(password_hash, unicodedata.normalize("NFC", password))


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return hashing.outdated(password_hash)


def people(session: Session, ids: Iterable[str | None]) -> dict[str, str]:
    """Account id -> the name shown."""
    wanted = [one for one in ids if one]
    rows = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def members(session: Session) -> list[tuple[str, str]]:
    """(account id, name) of the people who could read a testimony aloud, by name."""
    inside = select(Account.id, Account.display_name).where(
        Account.role.in_(("band", "steward")), Account.disabled.is_(False)
    )
    return [(row[0], row[1]) for row in session.execute(inside.order_by(Account.display_name))]
