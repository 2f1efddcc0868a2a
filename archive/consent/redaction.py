"""Redaction: one mark on a span takes the words from the text and the sound from the audio.

How a text stands without what is marked: `archive.transcripts.readable_text`.

The same spans go to whoever cuts the sound. Until a person has listened to the result, the gate lets nothing of it out.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.consent import heard_through, holds
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import Redaction, Revoicing, Source, StageRun, Testimony, ThemeLesson, now
from archive.timing import Span

_DONE = frozenset({"ready", "needs-a-person"})
_REMADE = ("index", "redact")  # the stages whose results the marks change
REASONS = ("third-party", "place", "name", "other")


class NotAMark(ArchiveError, ValueError):
    """A mark is empty, lies outside the recording, or gives a reason nobody knows."""


def mark(session: Session, testimony_id: str, span: Span, by_id: str | None, reason: str = "third-party") -> Redaction:
    """Take a span out, at once and everywhere; lines that quote what was said in it are held.

    The recording waits for its last stages again, which whoever calls this asks of the queue.

    Raises:
        Unknown: there is no such testimony.
        NotAMark: see there.
    """
    testimony = session.get(Testimony, testimony_id)
    if testimony is None:
        raise Unknown("There is no such testimony.")
    length = testimony.recording.duration_ms
    if span.duration_ms == 0 or reason not in REASONS or (length is not None and span.start_ms >= length):
        raise NotAMark(Message("A mark covers some of the recording, and gives one of the reasons."))
    made = Redaction(
        testimony_id=testimony_id, start_ms=span.start_ms, end_ms=span.end_ms, reason=reason, marked_by_id=by_id
    )
    session.add(made)
    session.flush()
    # What its answers taught may hold the words that are now taken out; the next answer counts anew.
    session.execute(delete(ThemeLesson).where(ThemeLesson.testimony_id == testimony_id))
    _unhear(session, testimony_id)
    quoting = select(Source).where(
        Source.testimony_id == testimony_id, Source.start_ms < span.end_ms, Source.end_ms > span.start_ms
    )
    lines = holds.hold_sources(session, session.scalars(quoting).all())
    detail = {"mark": made.id, "reason": reason, "lines held": len(lines)}
    audit.note(session, by_id, "redaction.marked", f"testimony:{testimony_id}", detail)
    return made


def unmark(session: Session, redaction_id: str, by_id: str | None) -> None:
    """Put a span back; what is left must be heard again. Raises Unknown."""
    found = session.get(Redaction, redaction_id)
    if found is None:
        raise Unknown("There is no such mark.")
    testimony_id = found.testimony_id
    session.delete(found)
    session.flush()
    _unhear(session, testimony_id)
    audit.note(session, by_id, "redaction.unmarked", f"testimony:{testimony_id}", {"mark": redaction_id})


def _unhear(session: Session, testimony_id: str) -> None:
    """What is left has to be made and heard again, and so has whatever a member read aloud of it."""
    for mark in marks_of(session, testimony_id):
        mark.heard_by_id, mark.heard_at = None, None
    for read in session.scalars(select(Revoicing).where(Revoicing.testimony_id == testimony_id)):
        read.heard_by_id, read.heard_at = None, None
    recording = session.get_one(Testimony, testimony_id).recording
    if recording.state in _DONE:
        recording.state = "waiting"
    session.execute(delete(StageRun).where(StageRun.recording_id == recording.id, StageRun.stage.in_(_REMADE)))
    session.flush()


def hear(session: Session, testimony_id: str, by_id: str) -> int:
    """A reviewer says that they listened to the redacted sound as it is now; returns how many marks it has."""
    marks = marks_of(session, testimony_id)
    for one in marks:
        one.heard_by_id, one.heard_at = by_id, now()
    heard_through.hear(session, testimony_id, by_id)  # all that the marks leave was listened to, and no more goes out
    audit.note(session, by_id, "redaction.heard", f"testimony:{testimony_id}", {"marks": [one.id for one in marks]})
    return len(marks)


def marks_of(session: Session, testimony_id: str) -> list[Redaction]:
    """The marks of a testimony, in the order of the recording."""
    marks = select(Redaction).where(Redaction.testimony_id == testimony_id)
    return list(session.scalars(marks.order_by(Redaction.start_ms, Redaction.end_ms)))
