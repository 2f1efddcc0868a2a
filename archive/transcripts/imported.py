"""Transcripts that people bring: with their times a draft at once, without them once a recogniser has laid them over.

Words that a machine heard in the same place lend their times; nothing it wrote becomes part of what a person typed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from archive import in_force
from archive.consent import redaction
from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message
from archive.ledgers import audit
from archive.models import Testimony, TranscriptVersion, TypedTranscript, now
from archive.timing import Span, Utterance, Word
from archive.transcripts import transcript_versions
from archive.transcripts.word_times import carry_times, fitted

LEASE = timedelta(minutes=3)
MOST_ATTEMPTS = 3
_MOST_HEARD = 1000  # words under one segment; thousands of segments over the whole recording would each ask all


def keep_imported(
    session: Session, testimony_id: str, language: str, utterances: Sequence[Utterance], by_id: str | None
) -> TranscriptVersion:
    """Make a draft of utterances with times.

    Where something is taken out, nobody knows yet which of the new words sound there: such a segment gets no word
    times, and goes as a whole until somebody has timed it.
    """
    marks = [one.span for one in redaction.marks_of(session, testimony_id)]
    parent = transcript_versions.current(session, testimony_id, approved_only=False)
    heard = _heard(session, testimony_id)
    ordered = sorted(utterances, key=lambda one: (one.start_ms, one.end_ms))
    timed = [replace(one, words=()) if _touched(one, marks) else _timed(one, heard) for one in ordered]
    made = transcript_versions.add_version(
        session, testimony_id, language, timed, stage="corrected", parent=parent, made_by_id=by_id
    )
    detail: dict[str, object] = {"version": made.id, "segments": len(timed)}
    audit.note(session, by_id, "transcript.brought", f"testimony:{testimony_id}", detail)
    return made


def _heard(session: Session, testimony_id: str) -> list[Word]:
    machine = select(TranscriptVersion).where(
        TranscriptVersion.testimony_id == testimony_id, TranscriptVersion.stage == "machine"
    )
    version = session.scalars(machine.order_by(TranscriptVersion.made_at.desc()).limit(1)).one_or_none()
    return sorted((w for one in version.segments for w in one.words), key=lambda w: w.start_ms) if version else []


def _touched(said: Utterance, marks: Sequence[Span]) -> bool:
    return any(mark.overlaps(Span(said.start_ms, max(said.start_ms + 1, said.end_ms))) for mark in marks)


def _timed(said: Utterance, heard: Sequence[Word]) -> Utterance:
    span = Span(said.start_ms, max(said.start_ms, said.end_ms))
    if said.words:
        return replace(said, words=fitted(said.text, said.words, span))
    first = bisect_left(heard, span.start_ms - 5000, key=lambda word: word.start_ms)
    last = bisect_left(heard, span.end_ms, key=lambda word: word.start_ms)
    under = heard[first:last] if last - first <= _MOST_HEARD else ()
    return replace(said, words=carry_times(said.text, span, under))


def wait(
    session: Session, testimony_id: str, language: str, paragraphs: Sequence[tuple[str, str]], by_id: str | None
) -> TypedTranscript:
    """Keep paragraphs of (speaker, text) until somebody has laid them over the sound."""
    made = TypedTranscript(
        testimony_id=testimony_id, language=language, paragraphs=[list(one) for one in paragraphs], brought_by_id=by_id
    )
    session.add(made)
    session.flush()
    audit.note(session, by_id, "transcript.brought", f"testimony:{testimony_id}", {"without times": made.id})
    return made


class CannotWriteAgain(ArchiveError, ValueError):
    """Another model cannot write this recording down now."""


def write_again(session: Session, testimony_id: str, engine: str, model: str, by_id: str | None) -> TypedTranscript:
    """Have a recording written down by another model, beside the versions there are.

    Raises:
        CannotWriteAgain: its own way is not at an end yet, or this model is at it already.
    """
    testimony = session.get_one(Testimony, testimony_id)
    if testimony.recording.state not in {"ready", "needs-a-person"} or not testimony.recording.listening_key:
        raise CannotWriteAgain(Message("The recording is still being worked on. Do it again when it is ready."))
    waiting = [one for one in typed_transcripts_of(session, testimony_id) if one.model and one.state != "failed"]
    if waiting:
        raise CannotWriteAgain(Message("A model is writing this recording down already. Wait until it is done."))
    made = TypedTranscript(
        testimony_id=testimony_id,
        language=testimony.language or "",
        paragraphs=[],
        engine=engine,
        model=model,
        brought_by_id=by_id,
    )
    session.add(made)
    session.flush()
    audit.note(session, by_id, "transcript.asked again", f"testimony:{testimony_id}", {"engine": engine})
    return made


def claim(session: Session, typed_id: str) -> TypedTranscript | None:
    """Take one up; None when it is done, gone, withdrawn, or somebody is at it."""
    query = select(TypedTranscript).where(TypedTranscript.id == typed_id).with_for_update()
    found = session.scalars(query).one_or_none()
    if found is None or found.state in {"done", "failed"}:
        return None
    if found.state == "working" and found.lease_until is not None and found.lease_until > now():
        return None
    if session.get_one(Testimony, found.testimony_id).withdrawn_at is not None:
        session.delete(found)
        return None
    found.attempts += 1
    if found.attempts > MOST_ATTEMPTS:
        too_often = FilledMessage(Message("It was begun {n} times without an end."), {"n": MOST_ATTEMPTS})
        found.state, found.reason = "failed", too_often.kept()
        return None
    found.state, found.progress, found.lease_until = "working", 0.0, now() + LEASE
    return found


def further(session: Session, typed_id: str, share: float) -> bool:
    """Say how much is done; False when it is not wanted any longer."""
    found = session.get(TypedTranscript, typed_id)
    if found is None or found.state != "working":
        return False
    found.progress, found.lease_until = share, now() + LEASE
    taken_back = session.get_one(Testimony, found.testimony_id).withdrawn_at is not None
    return not taken_back and not in_force.closes(session, found.testimony_id)


def stop(session: Session, typed_id: str) -> bool:
    """Somebody does not want it after all, or has read why it failed; nothing of it is left."""
    found = session.get(TypedTranscript, typed_id)
    if found is None or found.state == "done":
        return False
    session.delete(found)
    session.flush()
    return True


def unfinished(session: Session) -> list[str]:
    """Ids of those that want work, oldest first."""
    lapsed = (TypedTranscript.state == "working") & (TypedTranscript.lease_until < now())
    query = select(TypedTranscript.id).where(or_(TypedTranscript.state == "waiting", lapsed))
    return list(session.scalars(query.order_by(TypedTranscript.brought_at)))


def typed_transcripts_of(session: Session, testimony_id: str) -> list[TypedTranscript]:
    """What somebody brought for a testimony and is not a draft yet."""
    query = select(TypedTranscript).where(TypedTranscript.testimony_id == testimony_id, TypedTranscript.state != "done")
    return list(session.scalars(query.order_by(TypedTranscript.brought_at)))
