"""The narrator's decisions, written down: each verb appends one event and makes it hold in the same transaction.

A verb appends to the ledger, rewrites the testimony's permission rows from all of its events, holds every lyric line
whose source is no longer allowed, and notes the act in the audit log. Either all of it happens or none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive import in_force
from archive.access import clock
from archive.access.gate import Unknown, Viewer
from archive.access.rule import LISTED, Grant
from archive.consent import holds
from archive.consent.effective import EffectiveConsent, checked, effective_consent, write
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit, chain
from archive.models import ConsentEvent, Permission, Source, Testimony, Tombstone, now
from archive.models.consent import METHODS

# What the archive itself notes with an event. The ledger keeps the English; a page says it in its own language.
_NOTED = (
    Message("As stated when the recording was handed in."),
    Message("Found in the store without its database; ask the narrator again."),
    Message("The database was put back from an older copy; ask the narrator what she decided since."),
    Message("Asked and answered aloud while it was recorded."),
    Message("A file of another recorder: nobody was asked in it. Ask the narrator, and write down what she allows."),
)
AS_STATED, FOUND_IN_STORE, PUT_BACK_OLDER, ANSWERED_ALOUD, NOT_ASKED = (one.text for one in _NOTED)
_NOTES = {one.text: one for one in _NOTED}


class NoEvidence(ArchiveError, ValueError):
    """An event does not say how the narrator's word was given."""


class Destroyed(ArchiveError, ValueError):
    """The testimony was destroyed at its narrator's wish; nothing can be decided about it any more."""


class Withdrawn(ArchiveError, ValueError):
    """The narrator took consent back; only a fresh confirmation, with its own grants, opens the testimony again."""


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """How the narrator's word was given, and who wrote it down.

    Attributes:
        method: `recorded-verbal`, `thumbprint`, `signed` or `witnessed`.
        evidence: a span of the recording (`{"start_ms", "end_ms"}`) or `{"blob": KEY}` of a file sealed in the vault.
        note: what a later steward must know; never a name, since the ledger cannot forget.
    """

    method: str
    recorded_by_id: str | None
    evidence: dict[str, object] = field(default_factory=dict)
    script_version: str = ""
    script_language: str = "km"
    note: str = ""


def note_of(event: ConsentEvent) -> Message | str:
    """An event's note: what somebody wrote, as it is, and what the archive noted, for every language."""
    return _NOTES.get(event.note, event.note)


def _everyone(*forms: str, audience: str = "public") -> tuple[Grant, ...]:
    return tuple(Grant(form, audience) for form in forms)


def _on_air(*forms: str) -> tuple[Grant, ...]:
    return tuple(Grant(form, "public", "broadcast") for form in forms)


_WORK = ("existence", "original_sound", "full_transcript", "redacted_transcript", "paraphrase", "pseudonym")
BAND_ONLY = _everyone(*_WORK, audience="band")
PUBLIC_ANSWER = (
    *BAND_ONLY,
    *_everyone("quotation", audience="band"),
    *_everyone("existence", "original_sound", "redacted_transcript", "quotation", "paraphrase", "pseudonym"),
    Grant("place", "public", level="province"),
)
PRESETS: dict[str, tuple[Grant, ...]] = {
    # Answers that narrators give most often. None has `name`: a name is only ever allowed by itself.
    "band-only": BAND_ONLY,
    "band-songs": (*BAND_ONLY, *_everyone("quotation", audience="band"), *_everyone("quotation", "paraphrase")),
    "listed-sealed": (*BAND_ONLY, *_everyone("existence")),
    "heard-not-quoted": (*BAND_ONLY, *_everyone("existence", "original_sound", "pseudonym")),
    "public": PUBLIC_ANSWER,
    "public-on-air": (*PUBLIC_ANSWER, *_on_air("quotation", "paraphrase")),
}


def grant(session: Session, testimony_id: str, grants: Iterable[Grant], given: ConsentGiven) -> ConsentEvent:
    """Allow more. Raises Unknown, Withdrawn, Destroyed, NotAGrant, NoEvidence."""
    return _record(session, testimony_id, "grant", checked(grants), given)


def narrow(session: Session, testimony_id: str, remaining: Iterable[Grant], given: ConsentGiven) -> ConsentEvent:
    """Keep only what `remaining` names of what was allowed. Raises as `grant`."""
    return _record(session, testimony_id, "narrow", checked(remaining), given)


def suspend(session: Session, testimony_id: str, given: ConsentGiven) -> ConsentEvent:
    """Close everything until the narrator confirms again. Raises as `grant`."""
    return _record(session, testimony_id, "suspend", (), given)


def reconfirm(session: Session, testimony_id: str, given: ConsentGiven, grants: Iterable[Grant] = ()) -> ConsentEvent:
    """Lift a suspension; with `grants`, these replace all earlier ones, after a withdrawal too.

    Raises:
        Withdrawn: consent was withdrawn and no grants are named.
        Destroyed: there is nothing left to confirm.
    """
    return _record(session, testimony_id, "reconfirm", checked(grants), given)


def withdraw(session: Session, testimony_id: str, given: ConsentGiven) -> ConsentEvent:
    """End everything. `archive.withdrawal.withdraw` is what calls this, since it also leaves the tombstone."""
    return _record(session, testimony_id, "withdraw", (), given)


def readmit(session: Session, testimony_id: str, given: ConsentGiven) -> ConsentEvent:
    """The narrator of a destroyed testimony lets its sound come in again: an event that allows nothing by itself.

    `archive.withdrawal.withdraw.readmit` is what calls this. Raises NoEvidence.
    """
    check_method(given)
    chain.take_turn(session)
    event = _event(testimony_id, "readmit", (), given)
    chain.append(session, event)
    session.flush()
    audit.note(session, given.recorded_by_id, f"{chain.CONSENT_ACTION}readmit", f"testimony:{testimony_id}")
    return event


def check_method(given: ConsentGiven) -> None:
    """Raises NoEvidence."""
    if given.method not in METHODS:
        raise NoEvidence(
            Message("“{method}” is no way to give one’s word; it is one of {methods}."),
            method=given.method,
            methods=", ".join(METHODS),
        )


def _record(
    session: Session, testimony_id: str, kind: str, grants: tuple[Grant, ...], given: ConsentGiven
) -> ConsentEvent:
    check_method(given)
    # Appending takes turns, so the lock comes first: what is decided below is then decided on the newest events.
    event = _event(testimony_id, kind, grants, given)
    chain.take_turn(session)
    testimony = _testimony(session, testimony_id)
    _refuse_what_cannot_be(session, testimony, kind, grants)
    chain.append(session, event)
    if kind == "withdraw":
        testimony.withdrawn_at = event.at
    elif kind == "reconfirm" and testimony.withdrawn_at is not None:
        testimony.withdrawn_at = None
        session.execute(delete(Tombstone).where(Tombstone.testimony_id == testimony_id))
    recompute(session, testimony_id)
    session.flush()
    lines = holds.hold_lines(session, testimony_id)
    detail = {"seq": event.seq, "lines held": len(lines)}
    audit.note(session, given.recorded_by_id, f"{chain.CONSENT_ACTION}{kind}", f"testimony:{testimony_id}", detail)
    return event


def _event(testimony_id: str, kind: str, grants: tuple[Grant, ...], given: ConsentGiven) -> ConsentEvent:
    return ConsentEvent(
        testimony_id=testimony_id,
        kind=kind,
        method=given.method,
        grants=[write(one) for one in grants],
        evidence=dict(given.evidence),
        script_version=given.script_version,
        script_language=given.script_language,
        note=given.note,
        recorded_by_id=given.recorded_by_id,
    )


def _testimony(session: Session, testimony_id: str) -> Testimony:
    found = session.get(Testimony, testimony_id)
    if found is None:
        raise Unknown("There is no such testimony.")
    return found


def _refuse_what_cannot_be(session: Session, testimony: Testimony, kind: str, grants: tuple[Grant, ...]) -> None:
    tombstone = session.get(Tombstone, testimony.id)
    if tombstone is not None and tombstone.mode == "destroy" and kind != "withdraw":
        raise Destroyed(Message("This testimony was destroyed at its narrator’s wish."))
    withdrawn = testimony.withdrawn_at is not None or in_force.closes(session, testimony.id)
    if withdrawn and kind != "withdraw" and not (kind == "reconfirm" and grants):
        raise Withdrawn(
            Message("Consent was taken back. Write down a fresh confirmation that says what is allowed now.")
        )


def events_of(session: Session, testimony_id: str) -> list[ConsentEvent]:
    """Every event of a testimony, oldest first."""
    return list(
        session.scalars(
            select(ConsentEvent).where(ConsentEvent.testimony_id == testimony_id).order_by(ConsentEvent.seq)
        )
    )


def evidence_of(session: Session, viewer: Viewer, testimony_id: str) -> list[ConsentEvent]:
    """The events with their evidence, which is of the most restricted class: only stewards see it.

    Raises:
        Unknown: for anybody else there is none.
    """
    if viewer.role != "steward":
        raise Unknown("There is no such thing here.")
    return events_of(session, testimony_id)


def standing_of(session: Session, testimony_id: str) -> EffectiveConsent:
    """What its events add up to."""
    return effective_consent(events_of(session, testimony_id))


def recompute(session: Session, testimony_id: str) -> None:
    """Make the permission rows say what the events say."""
    session.execute(delete(Permission).where(Permission.testimony_id == testimony_id))
    session.add_all(
        Permission(
            testimony_id=testimony_id,
            form=one.form,
            audience=one.audience,
            purpose=one.purpose,
            level=one.level,
            start=one.start,
            end=one.end,
        )
        for one in standing_of(session, testimony_id).grants
    )


def disagreeing(session: Session) -> list[str]:
    """Ids of testimonies whose permission rows do not say what their events say; for `messenger check`."""
    wrong = []
    for testimony_id in session.scalars(select(Testimony.id).order_by(Testimony.id)):
        rows = session.scalars(select(Permission).where(Permission.testimony_id == testimony_id))
        held_rows = {Grant(p.form, p.audience, p.purpose, p.start, p.end, p.level) for p in rows}
        if held_rows != set(standing_of(session, testimony_id).grants):
            wrong.append(testimony_id)
    return wrong


def lapse(session: Session, at: datetime | None = None) -> list[str]:
    """Notice grants whose time has ended since the archive last wrote anything down.

    The gate closes them by itself; this writes the moment into the audit log, so that a clock put back later opens
    nothing, and holds the lines that quoted them. To be called when the site starts and once an hour; it writes
    nothing when nothing ended.

    Returns:
        Ids of the testimonies concerned.
    """
    at = at or now()
    mark = clock.moment(session).mark
    ended = select(Permission.testimony_id).where(Permission.end <= at).distinct()
    fresh = sorted(session.scalars(ended.where(Permission.end > mark)))
    for testimony_id in fresh:
        audit.note(session, None, "permission.ended", f"testimony:{testimony_id}", at=at)
    sung = select(Source.testimony_id).where(Source.state != "held", Source.testimony_id.in_(ended)).distinct()
    for testimony_id in sorted(session.scalars(sung)):
        holds.hold_lines(session, testimony_id, at)
    return fresh


def unlisted(grants: Iterable[Grant]) -> set[tuple[str, str]]:
    """(form, audience) pairs that do nothing, since that audience is not allowed to know of the testimony."""
    listed = {one.audience for one in grants if one.form == "existence"}
    return {
        (one.form, one.audience)
        for one in grants
        if one.form in LISTED and one.audience not in listed and "public" not in listed
    }
