"""A researcher asks for a testimony, and a steward answers.

A granted request makes them a *named* researcher for that testimony: they then have what its narrator allows to
researchers, and no more. Only what they may know of can be asked for.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown
from archive.ledgers import audit
from archive.models import AccessRequest, Account, now


class CannotAsk(ValueError):
    """The request has no purpose, or the same one is waiting or granted already, or the asker is no researcher."""


class CannotAnswer(PermissionError):
    """Only a steward answers, and only a request that is there."""


def ask(session: Session, account: Account, testimony_id: str, purpose: str) -> AccessRequest:
    """Ask to be let in by name.

    Raises:
        CannotAsk: see there.
        Unknown: there is no such testimony, or this researcher may not know of it.
    """
    if account.role != "researcher":
        raise CannotAsk("Only researchers ask for access.")
    gate.require(session, gate.viewer_of(session, account), testimony_id, "existence")
    if not purpose.strip():
        raise CannotAsk("Say what you want to use the testimony for; the narrator's steward will read it.")
    waiting = select(AccessRequest.id).where(
        AccessRequest.account_id == account.id,
        AccessRequest.testimony_id == testimony_id,
        AccessRequest.state.in_(["open", "granted"]),
    )
    if session.scalar(waiting.limit(1)):
        raise CannotAsk("You have asked for this testimony already.")
    request = AccessRequest(account_id=account.id, testimony_id=testimony_id, purpose=purpose.strip())
    session.add(request)
    session.flush()
    audit.note(session, account.id, "request.asked", f"testimony:{testimony_id}", {"request": request.id})
    return request


def answer(session: Session, request_id: str, by: Account, *, granted: bool, words: str = "") -> AccessRequest:
    """Grant or decline a request; a granted one can be declined later, which shuts the researcher out at once.

    Raises:
        CannotAnswer: see there.
    """
    request = session.get(AccessRequest, request_id)
    if by.role != "steward" or by.disabled or request is None:
        raise CannotAnswer("Only a steward can answer, and only a request that is there.")
    request.state = "granted" if granted else "declined"
    request.answer, request.answered_at, request.answered_by_id = words.strip(), now(), by.id
    session.flush()
    audit.note(session, by.id, f"request.{request.state}", f"testimony:{request.testimony_id}", {"request": request.id})
    return request


def unanswered(session: Session) -> list[AccessRequest]:
    """Requests nobody has answered, oldest first."""
    return list(
        session.scalars(select(AccessRequest).where(AccessRequest.state == "open").order_by(AccessRequest.asked_at))
    )


def asked_by(session: Session, account: Account) -> list[AccessRequest]:
    """An account's own requests, newest first, with their answers."""
    mine = select(AccessRequest).where(AccessRequest.account_id == account.id)
    return list(session.scalars(mine.order_by(AccessRequest.asked_at.desc())))


__all__ = ["CannotAnswer", "CannotAsk", "Unknown", "answer", "ask", "asked_by", "unanswered"]
