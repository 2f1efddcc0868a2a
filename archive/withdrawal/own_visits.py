"""A narrator comes back by herself: she sees what is kept and what became of it, narrows it, or takes it back.

Her code opens a visit of twenty minutes in one browser, no account. What she may see there is hers: every testimony of
hers that was not taken back. What she decides goes the way of every decision, into the ledger and at once into force;
its evidence says that it was given by her own code, and the stewards are told.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.backends import Backends
from archive.consent import decisions
from archive.consent.decisions import PRESETS, ConsentGiven
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.models import OwnDecision, OwnVisit, Recording, Testimony, now
from archive.withdrawal import codes, withdraw
from archive.withdrawal.withdraw import Report

LASTS = timedelta(minutes=20)
NARROWER = ("band-songs", "heard-not-quoted", "band-only")
"""Answers that she can narrow to, the widest first; what is narrowed opens nothing that was closed."""
TAKING_BACK = ("restrict", "destroy")
DEEDS = (*NARROWER, *TAKING_BACK)
GIVEN = ConsentGiven("signed", None, {"code": True})
TOLD = timedelta(days=60)
MOST_TOLD = 20
AS_KEPT = Viewer(None, "steward")
"""Of her own testimonies she sees what a steward sees of them; of others nothing is asked."""
_NOBODYS = Message("This code opens nothing. Look at the card again, and write slowly.")


class WrongCode(ArchiveError, PermissionError):
    """It is nobody's code; nothing tells in what."""


@dataclass(frozen=True, slots=True)
class OwnNews:
    """A narrator's own decision, as stewards are told of it; `there` says whether anything of the testimony is left.

    Of what was destroyed `testimony_id` is empty.
    """

    testimony_id: str
    kind: str
    at: datetime
    there: bool


def refuse_made_up(session: Session, code: str) -> None:
    """Refuse a code that was not made here, by reading alone: whoever guesses keeps nobody's writing waiting.

    Raises:
        WrongCode: as `begin`.
    """
    if not codes.made_here(session, code):
        raise WrongCode(_NOBODYS)


def begin(session: Session, code: str, at: datetime | None = None) -> str:
    """Begin a visit.

    Returns:
        The token for the cookie; it is kept nowhere else.

    Raises:
        WrongCode: always with the same words.
    """
    at = at or now()
    narrator_id = codes.owner_of(session, code)
    if narrator_id is None:
        raise WrongCode(_NOBODYS)
    session.execute(delete(OwnVisit).where(OwnVisit.expires_at <= at))
    token = secrets.token_urlsafe(32)
    session.add(OwnVisit(token_hash=_hash(token), narrator_id=narrator_id, expires_at=at + LASTS))
    session.flush()
    return token


def visitor(session: Session, token: str, at: datetime | None = None) -> str | None:
    """The id of the narrator whose visit it is; None when it has ended, or never was."""
    found = session.get(OwnVisit, _hash(token))
    at = at or now()
    return found.narrator_id if found and found.expires_at - LASTS <= at < found.expires_at else None


def end(session: Session, token: str) -> None:
    """End a visit for good."""
    session.execute(delete(OwnVisit).where(OwnVisit.token_hash == _hash(token)))


def hers(session: Session, narrator_id: str) -> list[str]:
    """Ids of what she told and did not take back, oldest first."""
    mine = select(Testimony.id).where(
        Testimony.narrator_id == narrator_id, Testimony.id.in_(gate.permitted(AS_KEPT, "existence"))
    )
    return list(session.scalars(mine.order_by(Testimony.created_at, Testimony.id)))


def tellings(session: Session, narrator_id: str) -> list[tuple[str, ...]]:
    """What she told and did not take back, by telling: the parts of one in their order, or a testimony by itself."""
    parts: dict[str, list[tuple[int, str]]] = {}
    found: list[tuple[str, ...]] = []
    mine = hers(session, narrator_id)
    rows = {one.id: one for one in session.scalars(select(Testimony).where(Testimony.id.in_(mine)))}
    for one in (rows[testimony_id] for testimony_id in mine):
        if one.whole:
            parts.setdefault(one.whole, []).append((one.part_number or 0, one.id))
    for testimony_id in mine:
        of = sorted(parts.get(rows[testimony_id].whole, [(0, testimony_id)]), key=lambda part: part[0])
        telling = tuple(one for _number, one in of)
        found += [telling] if telling not in found else []
    return found


def telling_of(session: Session, narrator_id: str, testimony_id: str) -> tuple[str, ...]:
    """The telling that a testimony of hers is part of, or itself alone. Raises Unknown: see `require_hers`."""
    for telling in tellings(session, narrator_id):
        if testimony_id in telling:
            return telling
    raise Unknown("There is no such thing here.")


def require_hers(session: Session, narrator_id: str, testimony_id: str) -> None:
    """Raises Unknown: it is not hers, or she took it back."""
    if testimony_id not in hers(session, narrator_id):
        raise Unknown("There is no such thing here.")


def sound_of(session: Session, narrator_id: str, testimony_id: str) -> str | None:
    """The key of the sound of her own voice; None where it is not made yet.

    Raises:
        Unknown: see `require_hers`.
    """
    require_hers(session, narrator_id, testimony_id)
    told = select(Recording.listening_key).join(Testimony, Testimony.recording_id == Recording.id)
    return session.scalar(told.where(Testimony.id == testimony_id))


def narrow(session: Session, narrator_id: str, testimony_id: str, answer: str) -> None:
    """Keep only what one of `NARROWER` allows of what was allowed before.

    Raises:
        KeyError: it is none of them.
        Unknown: see `require_hers`.
    """
    require_hers(session, narrator_id, testimony_id)
    decisions.narrow(session, testimony_id, PRESETS[answer], GIVEN)
    session.add(OwnDecision(testimony_id=testimony_id, kind="narrow"))


def take_back(backends: Backends, narrator_id: str, testimony_id: str, mode: str) -> Report:
    """Take a testimony back; on return the next request finds nothing of it.

    Raises:
        Unknown: see `require_hers`.
        archive.withdrawal.withdraw.NothingDone: see there.
    """
    with backends.database.read() as session:
        require_hers(session, narrator_id, testimony_id)
    report = withdraw.withdraw(backends, testimony_id, mode, GIVEN)
    if "database" not in report.undone:
        with backends.database.write() as session:
            named = "" if mode == "destroy" else testimony_id  # what is destroyed is named by its tombstone alone
            session.add(OwnDecision(testimony_id=named, kind=mode))
    return report


def news(session: Session, viewer: Viewer, at: datetime | None = None) -> list[OwnNews]:
    """What narrators decided by themselves lately, the newest first; for stewards.

    Raises:
        Unknown: for anybody else there is no such list.
    """
    if viewer.role != "steward":
        raise Unknown("There is no such thing here.")
    lately = select(OwnDecision).where(OwnDecision.at > (at or now()) - TOLD)
    rows = list(session.scalars(lately.order_by(OwnDecision.at.desc()).limit(MOST_TOLD)))
    open_ = gate.permitted(viewer, "existence").where(Testimony.id.in_([row.testimony_id for row in rows]))
    there = set(session.scalars(open_))
    return [OwnNews(row.testimony_id, row.kind, row.at, row.testimony_id in there) for row in rows]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
