"""What a steward decides with a narrator: her ledger, the marks, and who waits for an answer.

Dates here are days where the archive is, since that is how they were said.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from archive import time_zone
from archive.access.gate import Unknown, Viewer
from archive.access.rule import Grant
from archive.accounts import access_requests
from archive.accounts.accounts import people
from archive.catalogue.cards import TestimonyCard, card, cards
from archive.consent import decisions, redaction, releases, revoicing, sealing, wording
from archive.consent.effective import EffectiveConsent, sounds_outside
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import (
    AccessRequest,
    ConsentEvent,
    Redaction,
    Release,
    Revoicing,
    StageRun,
    Testimony,
    Tombstone,
    now,
)
from archive.transcripts import marked_words

REQUESTS = 10


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
    opened_by_name: tuple[str, ...]
    reading: Revoicing | None
    sealed: bool
    elsewhere: int
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
    """A request with who asks and for what.

    Attributes:
        opens: what letting in would open, in sentences; empty where it would open nothing.
    """

    request: AccessRequest
    name: str
    card: TestimonyCard | None
    opens: tuple[str, ...]


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
    granted = select(AccessRequest).where(
        AccessRequest.testimony_id == testimony_id,
        AccessRequest.state == "granted",
        or_(AccessRequest.until.is_(None), AccessRequest.until > now()),
    )
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
        wording.decided(session, testimony_id, language),
        events,
        marks,
        tuple(releases.releases_of(session, testimony_id)),
        let_in,
        wording.opened_by_name(session, testimony_id, language),
        reading,
        sealing.sealed(testimony.recording),
        len(marked_words.found(session, testimony_id)),
        people(session, named),
    )


def proposed(preset: str, until: date | None) -> tuple[Grant, ...]:
    """The grants of one of the usual answers, until the end of a day.

    Raises:
        KeyError: there is no such answer.
    """
    end = time_zone.closes_after(until) if until else None
    return tuple(replace(grant, end=end) for grant in decisions.PRESETS[preset])


def pending_requests(session: Session, viewer: Viewer, language: str) -> tuple[list[PendingRequest], int]:
    """The oldest requests that nobody has answered, `REQUESTS` at most, and how many there are."""
    requests, count = access_requests.unanswered(session, REQUESTS)
    names = people(session, (one.account_id for one in requests))
    known = cards(session, viewer, {one.testimony_id for one in requests})
    opens = {one: wording.opened_by_name(session, one, language) for one in known}
    pending = [
        PendingRequest(one, names.get(one.account_id, ""), known.get(one.testimony_id), opens.get(one.testimony_id, ()))
        for one in requests
    ]
    return pending, count


@dataclass(frozen=True, slots=True)
class TakenBackRow:
    """A testimony that was taken back and may be opened again on its narrator's word: an id, a day, and no more.

    Attributes:
        last_seq: of its ledger, so that nothing is written on what has moved on.
    """

    testimony_id: str
    on: datetime
    last_seq: int


def taken_back(session: Session, viewer: Viewer, wanted: ListRequest) -> tuple[ListPage[TakenBackRow], int]:
    """A page of what was restricted, newest first, and how many were destroyed.

    Raises:
        Unknown: for anybody but a steward there is no such list.
    """
    restricted = _restricted(viewer)
    total = session.scalar(select(func.count()).select_from(restricted.subquery())) or 0
    page = restricted.order_by(Tombstone.at.desc(), Tombstone.testimony_id).offset(wanted.offset).limit(PAGE)
    rows = [TakenBackRow(*row) for row in session.execute(page)]
    gone = select(func.count()).select_from(Tombstone).where(Tombstone.mode == "destroy")
    return ListPage(wanted, rows, total, total), session.scalar(gone) or 0


def one_taken_back(session: Session, viewer: Viewer, testimony_id: str) -> TakenBackRow:
    """One that was restricted.

    Raises:
        Unknown: there is none of this id, or it was destroyed.
    """
    found = session.execute(_restricted(viewer).where(Tombstone.testimony_id == testimony_id)).one_or_none()
    if found is None:
        raise Unknown("There is no such thing here.")
    return TakenBackRow(*found)


def _restricted(viewer: Viewer) -> Select[str, datetime, int]:
    if viewer.role != "steward":
        raise Unknown("There is no such thing here.")
    newest = select(func.max(ConsentEvent.seq)).where(ConsentEvent.testimony_id == Tombstone.testimony_id)
    last_seq = func.coalesce(newest.correlate(Tombstone).scalar_subquery(), 0)
    there = select(Testimony.id).where(Testimony.id == Tombstone.testimony_id).correlate(Tombstone).exists()
    return select(Tombstone.testimony_id, Tombstone.at, last_seq).where(Tombstone.mode == "restrict", there)


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
