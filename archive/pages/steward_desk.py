"""What a steward looks after: consent at a glance, each ledger, the marks, and who waits for an answer.

Dates here are days in Cambodia, since that is how they were said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access import clock, gate
from archive.access.gate import Unknown, Viewer
from archive.access.rule import Grant
from archive.accounts import access_requests
from archive.accounts.accounts import people
from archive.catalogue.cards import TestimonyCard, card, cards
from archive.consent import decisions, redaction, releases, revoicing, sealing, wording
from archive.consent.effective import EffectiveConsent
from archive.models import (
    AccessRequest,
    ConsentEvent,
    Redaction,
    Release,
    Revoicing,
    StageRun,
    Testimony,
    Tombstone,
)
from archive.withdrawal import withdraw


@dataclass(frozen=True, slots=True)
class TestimonyRow:
    """A testimony in the steward's list.

    Attributes:
        reach: the widest audience that may have anything of it: `public`, `researcher`, `group`, `band` or `nobody`;
            `listed` where everyone may know of it, and nobody outside the band has more.
        until: the next day on which something closes.
        method: how the narrator last gave her word; empty where no event is known.
        unheard: marks that nobody has listened to.
        unlistened: the voice may be heard outside the band as soon as somebody has listened to the end.
        asked: requests without an answer.
    """

    card: TestimonyCard
    reach: str
    suspended: bool
    until: date | None
    method: str
    unheard: int
    unlistened: bool
    asked: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """All a steward needs to decide with a narrator."""

    card: TestimonyCard
    testimony: Testimony
    standing: EffectiveConsent
    sentences: tuple[str, ...]
    events: tuple[ConsentEvent, ...]
    marks: tuple[Redaction, ...]
    released: tuple[Release, ...]
    let_in: tuple[AccessRequest, ...]
    reading: Revoicing | None
    sealed: bool
    people: dict[str, str]

    @property
    def unlistened(self) -> bool:
        """The narrator lets her voice be heard outside the band, and nobody of it has listened to the end."""
        return self.testimony.heard_through_at is None and sounds_outside(self.standing.grants)

    @property
    def unheard(self) -> bool:
        return any(mark.heard_at is None for mark in self.marks)

    @property
    def last_seq(self) -> int:
        return self.events[-1].seq if self.events else 0


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request with who asks and for what."""

    request: AccessRequest
    name: str
    card: TestimonyCard | None


def kept(session: Session, viewer: Viewer) -> list[TestimonyRow]:
    """Every testimony that is not withdrawn, by title."""
    ids = list(session.scalars(gate.permitted(viewer, "existence")))
    unheard = _counts(
        session,
        select(Redaction.testimony_id, func.count())
        .where(Redaction.heard_at.is_(None))
        .group_by(Redaction.testimony_id),
    )
    asked = _counts(
        session,
        select(AccessRequest.testimony_id, func.count())
        .where(AccessRequest.state == "open")
        .group_by(AccessRequest.testimony_id),
    )
    unlistened = set(session.scalars(select(Testimony.id).where(Testimony.heard_through_at.is_(None))))
    found = []
    for one in cards(session, viewer, ids).values():
        events = decisions.events_of(session, one.id)
        holds = decisions.standing_of(session, one.id)
        method = events[-1].method if events else ""
        found.append(
            TestimonyRow(
                one,
                _reach(holds.grants),
                holds.suspended,
                _closes(session, holds.grants),
                method,
                unheard.get(one.id, 0),
                one.id in unlistened and sounds_outside(holds.grants),
                asked.get(one.id, 0),
            )
        )
    return sorted(found, key=_what_waits_first)


def _what_waits_first(one: TestimonyRow) -> tuple[bool, bool, str]:
    return not one.asked, not (one.unheard or one.unlistened), one.card.title_en or one.card.title_km


def _counts(session: Session, query: object) -> dict[str, int]:
    return {row[0]: row[1] for row in session.execute(query)}  # type: ignore[call-overload]


def sounds_outside(grants: Iterable[Grant]) -> bool:
    """Whether the narrator's voice may be heard outside the band."""
    return any(grant.form == "original_sound" and grant.audience not in {"band", "MB"} for grant in grants)


def _reach(grants: Iterable[Grant]) -> str:
    grants = tuple(grants)
    audiences = {grant.audience for grant in grants}
    if "public" in audiences:
        opened = any(grant.form != "existence" and grant.audience not in {"band", "MB"} for grant in grants)
        return "public" if opened else "listed"
    if "researcher" in audiences:
        return "researcher"
    return "group" if audiences - {"band", "MB"} else "band" if audiences else "nobody"


def _closes(session: Session, grants: Iterable[Grant]) -> date | None:
    moment = clock.moment(session)
    ends = [grant.end for grant in grants if grant.end and not moment.ended(grant.end)]
    return last_day(min(ends)) if ends else None


def last_day(end: datetime) -> date:
    """The last day in Cambodia on which something that ends at that moment still holds."""
    local = end.astimezone(clock.PHNOM_PENH)
    midnight = (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    return date.fromordinal(local.toordinal() - 1) if midnight else local.date()


def dossier(session: Session, viewer: Viewer, testimony_id: str, language: str) -> Dossier:
    """A testimony's dossier.

    Raises:
        Unknown: there is none, or it was withdrawn.
    """
    shown = card(session, viewer, testimony_id)
    if shown is None or viewer.role != "steward":
        raise Unknown("There is no such thing here.")
    events = tuple(decisions.events_of(session, testimony_id))
    holds = decisions.standing_of(session, testimony_id)
    marks = tuple(redaction.marks_of(session, testimony_id))
    granted = select(AccessRequest).where(AccessRequest.testimony_id == testimony_id, AccessRequest.state == "granted")
    let_in = tuple(session.scalars(granted.order_by(AccessRequest.asked_at)))
    reading = revoicing.reading_of(session, testimony_id)
    testimony = session.get_one(Testimony, testimony_id)
    named = {testimony.heard_through_by_id, *(event.recorded_by_id for event in events)}
    named |= {mark.heard_by_id for mark in marks}
    named |= {one.account_id for one in let_in} | ({reading.reader_id} if reading else set())
    return Dossier(
        shown,
        testimony,
        holds,
        tuple(wording.at_a_glance(holds.grants, language)),
        events,
        marks,
        tuple(releases.releases_of(session, testimony_id)),
        let_in,
        reading,
        sealing.sealed(testimony.recording),
        people(session, named),
    )


def proposed(preset: str, until: date | None) -> tuple[Grant, ...]:
    """The grants of one of the usual answers, until the end of a day.

    Raises:
        KeyError: there is no such answer.
    """
    end = clock.closes_after(until) if until else None
    return tuple(replace(grant, end=end) for grant in decisions.PRESETS[preset])


def pending_requests(session: Session, viewer: Viewer) -> list[PendingRequest]:
    """Requests nobody has answered, oldest first."""
    requests = access_requests.unanswered(session)
    names = people(session, (one.account_id for one in requests))
    known = cards(session, viewer, {one.testimony_id for one in requests})
    return [PendingRequest(one, names.get(one.account_id, ""), known.get(one.testimony_id)) for one in requests]


@dataclass(frozen=True, slots=True)
class TakenBackRow:
    """A testimony that was taken back and may be opened again on its narrator's word: an id, a day, and no more.

    Attributes:
        last_seq: of its ledger, so that nothing is written on what has moved on.
    """

    testimony_id: str
    on: datetime
    last_seq: int


def taken_back(session: Session, viewer: Viewer) -> tuple[list[TakenBackRow], int]:
    """What was restricted, newest first, and how many were destroyed. Raises Unknown for anybody but a steward."""
    stones = withdraw.withdrawn(session, viewer)
    restricted = [stone for stone in stones if stone.mode == "restrict" and _there(session, stone)]
    return [_taken_back(session, stone) for stone in restricted], sum(stone.mode == "destroy" for stone in stones)


def _there(session: Session, stone: Tombstone) -> bool:
    return session.get(Testimony, stone.testimony_id) is not None


def _taken_back(session: Session, stone: Tombstone) -> TakenBackRow:
    events = decisions.events_of(session, stone.testimony_id)
    return TakenBackRow(stone.testimony_id, stone.at, events[-1].seq if events else 0)


def one_taken_back(session: Session, viewer: Viewer, testimony_id: str) -> TakenBackRow:
    """One that was restricted.

    Raises:
        Unknown: there is none of this id, or it was destroyed.
    """
    found = next((one for one in taken_back(session, viewer)[0] if one.testimony_id == testimony_id), None)
    if found is None:
        raise Unknown("There is no such thing here.")
    return found


def sound_under_way(session: Session, testimony_id: str, stages: Collection[str]) -> float | None:
    """How far the sound that others hear is, 0 to 1; None when nothing of these stages is being made."""
    testimony = session.get(Testimony, testimony_id)
    if testimony is None or testimony.recording.state not in {"waiting", "working"}:
        return None
    runs = select(StageRun).where(StageRun.recording_id == testimony.recording_id, StageRun.stage.in_(stages))
    return max((run.progress for run in session.scalars(runs) if run.state == "running"), default=0.0)


def recordings_of(session: Session, testimony_id: str) -> list[str]:
    """Ids of the testimony's own recording, and of the one that stands in for it."""
    own = select(Testimony.recording_id).where(Testimony.id == testimony_id)
    read = select(Revoicing.recording_id).where(Revoicing.testimony_id == testimony_id)
    return [*session.scalars(own), *session.scalars(read)]
