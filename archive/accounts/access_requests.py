"""A researcher asks for a testimony, and a steward answers.

A granted request makes them a *named* researcher for that testimony, until the day that the steward gave: they then
have what its narrator allows to researchers, and no more. Only what they may know of can be asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from archive import time_zone
from archive.access import gate
from archive.access.gate import Unknown
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import AccessRequest, Account, now

LONGEST_PROJECT = 200
TOLD_BEFORE = timedelta(days=14)
"""So long before it ends a researcher is told that it does."""


class CannotAsk(ArchiveError, ValueError):
    """The request has no purpose, or the same one is waiting or granted already, or the asker is no researcher."""


class CannotAnswer(ArchiveError, PermissionError):
    """Only a steward answers, and only a request that is there."""


class AlreadyOver(ArchiveError, ValueError):
    """Somebody is to be let in until a day that is over."""


def ask(
    session: Session,
    account: Account,
    testimony_id: str,
    purpose: str,
    *,
    project: str = "",
    until: date | None = None,
) -> AccessRequest:
    """Ask to be let in by name.

    Args:
        project: in a line, what it is wanted for.
        until: the last day on which it is wanted; None for as long as may be.

    Raises:
        CannotAsk: see there.
        AlreadyOver: that day is over.
        Unknown: there is no such testimony, or this researcher may not know of it.
    """
    if account.role != "researcher":
        raise CannotAsk(Message("Only researchers ask for access."))
    gate.require(session, gate.viewer_of(session, account), testimony_id, "existence")
    if not purpose.strip():
        raise CannotAsk(Message("Say what you want to use the testimony for. A steward of the archive will read it."))
    waiting = select(AccessRequest.id).where(
        AccessRequest.account_id == account.id,
        AccessRequest.testimony_id == testimony_id,
        AccessRequest.state.in_(["open", "granted"]),
        or_(AccessRequest.until.is_(None), AccessRequest.until > now() + TOLD_BEFORE),
    )
    if session.scalar(waiting.limit(1)):
        raise CannotAsk(Message("You have asked for this testimony already. Wait for the answer."))
    _not_over(until)
    request = AccessRequest(
        account_id=account.id,
        testimony_id=testimony_id,
        purpose=purpose.strip(),
        project=" ".join(project.split())[:LONGEST_PROJECT],
        wanted_until=until,
    )
    session.add(request)
    session.flush()
    audit.note(session, account.id, "request.asked", f"testimony:{testimony_id}", {"request": request.id})
    return request


def _not_over(day: date | None) -> None:
    if day is not None and time_zone.closes_after(day) <= now():
        raise AlreadyOver(Message("That day is over. Choose a later one, or leave it empty."))


def answer(
    session: Session, request_id: str, by: Account, *, granted: bool, words: str = "", until: date | None = None
) -> AccessRequest:
    """Grant or decline a request; a granted one can be declined later, which shuts the researcher out at once.

    Args:
        words: the terms, and what else is said to who asked.
        until: the last day of what is granted; None where it does not end.

    Raises:
        CannotAnswer: see there.
        AlreadyOver: that day is over.
    """
    request = session.get(AccessRequest, request_id)
    if by.role != "steward" or by.disabled or request is None:
        raise CannotAnswer(Message("Only a steward can answer, and only a request that is there."))
    if granted:
        _not_over(until)
        _replace(session, request)
    request.state = "granted" if granted else "declined"
    request.answer, request.answered_at, request.answered_by_id = words.strip(), now(), by.id
    request.until = time_zone.closes_after(until) if granted and until else None
    session.flush()
    audit.note(session, by.id, f"request.{request.state}", f"testimony:{request.testimony_id}", {"request": request.id})
    return request


def _replace(session: Session, request: AccessRequest) -> None:
    """What was granted earlier ends where the same is granted anew, so that the new day and terms hold."""
    earlier = select(AccessRequest).where(
        AccessRequest.account_id == request.account_id,
        AccessRequest.testimony_id == request.testimony_id,
        AccessRequest.state == "granted",
        AccessRequest.id != request.id,
        or_(AccessRequest.until.is_(None), AccessRequest.until > now()),
    )
    for one in session.scalars(earlier):
        one.until = now()


def unanswered(session: Session, most: int) -> tuple[list[AccessRequest], int]:
    """Requests nobody has answered, the oldest first and so many at most, and how many there are."""
    waiting = AccessRequest.state == "open"
    oldest = select(AccessRequest).where(waiting).order_by(AccessRequest.asked_at, AccessRequest.id).limit(most)
    count = session.scalar(select(func.count()).select_from(AccessRequest).where(waiting)) or 0
    return list(session.scalars(oldest)), count


def asked_by(session: Session, account: Account) -> list[AccessRequest]:
    """An account's own requests, newest first, with their answers."""
    mine = select(AccessRequest).where(AccessRequest.account_id == account.id)
    return list(session.scalars(mine.order_by(AccessRequest.asked_at.desc())))


def last_of(requests: Sequence[AccessRequest], testimony_id: str) -> AccessRequest | None:
    """Of an account's requests, the newest first: the one that says how it stands with a testimony.

    One that is granted and holds counts before a newer one that waits or was declined.
    """
    mine = [one for one in requests if one.testimony_id == testimony_id]
    holds = [one for one in mine if one.state == "granted" and not one.ended]
    return next(iter(holds or mine), None)


def may_ask_again(request: AccessRequest | None) -> bool:
    """Whether there is anything to ask for: nothing waits, and nothing is granted that lasts a while yet."""
    if request is None or request.state == "declined":
        return True
    return request.state == "granted" and request.until is not None and request.until <= now() + TOLD_BEFORE


def asked_for(session: Session, account: Account, wanted: ListRequest) -> ListPage[AccessRequest]:
    """A page of an account's own requests, newest first: those of testimonies that it may know of now."""
    known = gate.permitted(gate.viewer_of(session, account), "existence")
    mine = (AccessRequest.account_id == account.id, AccessRequest.testimony_id.in_(known))
    total = session.scalar(select(func.count()).select_from(AccessRequest).where(*mine)) or 0
    order = (AccessRequest.asked_at.desc(), AccessRequest.id)
    here = select(AccessRequest).where(*mine).order_by(*order).offset(wanted.offset).limit(PAGE)
    return ListPage(wanted, session.scalars(here).all(), total, total)


def ends_soon(session: Session, account: Account) -> datetime | None:
    """When the next of what an account was let into ends, where that is soon and nothing later was granted."""
    known = gate.permitted(gate.viewer_of(session, account), "existence")
    return session.scalar(
        select(func.min(AccessRequest.until)).where(
            AccessRequest.account_id == account.id,
            AccessRequest.state == "granted",
            AccessRequest.until > now(),
            AccessRequest.until <= now() + TOLD_BEFORE,
            AccessRequest.testimony_id.in_(known),
        )
    )


__all__ = [
    "AlreadyOver",
    "CannotAnswer",
    "CannotAsk",
    "Unknown",
    "answer",
    "ask",
    "asked_by",
    "asked_for",
    "ends_soon",
    "last_of",
    "may_ask_again",
    "unanswered",
]
