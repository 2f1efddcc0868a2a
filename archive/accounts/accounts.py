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
from archive.errors import ArchiveError
from archive.language.dictionary_order import sort_key
from archive.language.messages import Message, languages
from archive.language.normalise import tidy
from archive.ledgers import audit
from archive.models import Account, AccountLink, AccountSession, ApiToken
from archive.models.account import GROUPS, ROLES

SHORTEST = 10
LONGEST_NAME = 120
PAGE = 50
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,79}")


class NotAnAccount(ArchiveError, ValueError):
    """A name, role, group or password that an account cannot have, or a name that another has."""


class NoSuchAccount(ArchiveError, LookupError):
    """Nobody has an account of that name."""


class LastSteward(ArchiveError, ValueError):
    """It would leave the archive without a steward who can sign in."""


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
    account = add(session, name, hashed(password), role, groups, display_name=display_name, language=language)
    detail = {"role": account.role, "groups": account.groups}
    audit.note(session, by_id, "account.made", f"account:{account.id}", detail)
    return account


def add(
    session: Session,
    name: str,
    password_hash: str,
    role: str,
    groups: Iterable[str],
    *,
    display_name: str,
    language: str,
) -> Account:
    """The row of a new account; an empty hash is for one that waits for its owner. Raises NotAnAccount."""
    name = name.strip().lower()
    if not _NAME.fullmatch(name):
        raise NotAnAccount(Message("An account name is 2 to 80 small Latin letters, digits, dots or dashes."))
    groups = _known(role, groups)
    if language not in languages():
        raise _no_language(language)
    if session.scalar(select(Account.id).where(Account.name == name)):
        raise NotAnAccount(Message("There is an account of this name already."))
    account = Account(
        name=name,
        display_name=_shown(display_name) or name,
        password_hash=password_hash,
        role=role,
        groups=groups,
        language=language,
    )
    session.add(account)
    session.flush()
    return account


def _known(role: str, groups: Iterable[str]) -> list[str]:
    """The groups, sorted, when they and the role are known ones. Raises NotAnAccount."""
    if role not in ROLES:
        raise NotAnAccount(Message("Choose what they do here."))
    if unknown := set(groups) - set(GROUPS):
        raise NotAnAccount(
            Message("There is no group {names}; the groups are {groups}."),
            names=", ".join(sorted(unknown)),
            groups=", ".join(GROUPS),
        )
    return sorted(set(groups))


def _no_language(language: str) -> NotAnAccount:
    return NotAnAccount(
        Message("The site does not speak “{language}”; it speaks {languages}."),
        language=language,
        languages=", ".join(languages()),
    )


def _shown(display_name: str) -> str:
    """A name as it is shown, in one line. Raises NotAnAccount."""
    name = " ".join(tidy(display_name).split())
    if len(name) > LONGEST_NAME:
        raise NotAnAccount(Message("The name that is shown has at most {n} characters."), n=LONGEST_NAME)
    return name


def everyone(session: Session) -> list[Account]:
    """All accounts, by name."""
    return list(session.scalars(select(Account).order_by(Account.name)))


def some(session: Session, after: str = "") -> list[Account]:
    """The accounts whose names come after `after`, by name: a page of them, and one more where there are more."""
    return list(session.scalars(select(Account).where(Account.name > after).order_by(Account.name).limit(PAGE + 1)))


def named(session: Session, name: str) -> Account:
    """The account of that name. Raises NoSuchAccount."""
    account = session.scalars(select(Account).where(Account.name == name.strip().lower())).one_or_none()
    if account is None:
        raise NoSuchAccount(Message("Nobody has an account named {name}."), name=name.strip())
    return account


def disable(session: Session, account: Account, by_id: str | None = None) -> None:
    """Shut somebody out at once, in every browser they are signed in. Raises LastSteward."""
    _leave_a_steward(session, account)
    account.disabled = True
    sign_out_everywhere(session, account.id)
    end_tokens(session, account.id)
    session.execute(delete(AccountLink).where(AccountLink.account_id == account.id))
    audit.note(session, by_id, "account.disabled", f"account:{account.id}")


def enable(session: Session, account: Account, by_id: str | None = None) -> None:
    """Let somebody sign in again, with the password they had."""
    account.disabled = False
    audit.note(session, by_id, "account.enabled", f"account:{account.id}")


def change_role(session: Session, account: Account, role: str, groups: Iterable[str], by_id: str | None = None) -> None:
    """Give somebody other work or other groups; it holds from their next request. Raises NotAnAccount, LastSteward."""
    groups = _known(role, groups)
    if role != "steward":
        _leave_a_steward(session, account)
    account.role, account.groups = role, groups
    audit.note(session, by_id, "account.role-changed", f"account:{account.id}", {"role": role, "groups": groups})


def present(session: Session, account: Account, display_name: str, language: str) -> None:
    """Change how the site addresses somebody, by their own wish. Raises NotAnAccount."""
    if language not in languages():
        raise _no_language(language)
    account.display_name, account.language = _shown(display_name) or account.name, language
    audit.note(session, account.id, "account.presented", f"account:{account.id}", {"language": language})


def change_password(session: Session, account: Account, password: str, by_id: str | None = None) -> None:
    """Give an account another password and end all of its sessions. Raises NotAnAccount."""
    account.password_hash = hashed(password)
    sign_out_everywhere(session, account.id)
    audit.note(session, by_id, "account.password-changed", f"account:{account.id}")


def take_password(session: Session, account: Account) -> None:
    """Leave an account without a password, signed in nowhere, until its owner chooses one. Raises LastSteward."""
    _leave_a_steward(session, account)
    account.password_hash = ""
    sign_out_everywhere(session, account.id)
    end_tokens(session, account.id)


def _leave_a_steward(session: Session, account: Account) -> None:
    """Make sure that another steward can sign in when this account cannot, or is none, any more.

    The stewards' rows are locked, so that two who shut each other out at one moment take turns.
    """
    if account.role != "steward" or account.disabled or not account.password_hash:
        return
    stewards = select(Account).where(Account.role == "steward").order_by(Account.id).with_for_update()
    others = (one for one in session.scalars(stewards) if one.id != account.id)
    if not any(one.password_hash and not one.disabled for one in others):
        raise LastSteward(Message("This is the only steward who can sign in. Let another steward in first."))


def sign_out_everywhere(session: Session, account_id: str) -> None:
    """End every session of the account."""
    session.execute(delete(AccountSession).where(AccountSession.account_id == account_id))


def end_tokens(session: Session, account_id: str) -> None:
    """End every token of the account."""
    session.execute(delete(ApiToken).where(ApiToken.account_id == account_id))


def hashed(password: str) -> str:
    """Argon2id hash of a password, in NFC so that it is the same from every keyboard.

    Raises:
        NotAnAccount: the password is too short to keep anybody out.
    """
    password = unicodedata.normalize("NFC", password)
    if len(password) < SHORTEST or len(set(password)) < 4:
        raise NotAnAccount(
            Message("A password has at least {n} characters, and more than three different ones."), n=SHORTEST
        )
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
    return sorted(((row[0], row[1]) for row in session.execute(inside)), key=lambda one: (sort_key(one[1]), one[0]))
