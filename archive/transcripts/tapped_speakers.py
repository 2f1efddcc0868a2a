"""Speakers tapped while a testimony was recorded: proposed for its transcript, confirmed in one act, and undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.catalogue import tapped
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import Recording, Segment, TappedMoment, Testimony, TranscriptEdit, TranscriptVersion
from archive.models.base import new_id
from archive.timing import Span
from archive.transcripts import editing, reviewing, text_changes, transcript_versions

_LONGEST_MS = 48 * 3_600_000


class NotASpeaker(ArchiveError, ValueError):
    """A tap cannot be written into the transcript: it has no name, no stretch, or no words to it."""


_NO_NAME = Message("Write who speaks.")
_NO_STRETCH = Message("It has to end after it begins.")
_NO_WORDS = Message("No words are written there yet.")


@dataclass(frozen=True, slots=True)
class ProposedSpeaker:
    """From a tap that somebody else speaks to the next one; `said` is how that stretch begins, empty without words."""

    tap_id: str
    span: Span
    said: str


@dataclass(frozen=True, slots=True)
class ConfirmedSpeaker:
    """A tap that somebody wrote into the draft; `edit_id` is what undoes it."""

    edit_id: str
    span: Span
    speaker: str
    segments: int


def proposed(session: Session, testimony_id: str) -> dict[str, ProposedSpeaker]:
    """By a tap's id, where its speaker would stand in the transcript: in whole segments where there are any."""
    version = _read(session, testimony_id)
    segments = list(version.segments) if version else []
    taps = [one for one in tapped.taps_of(session, testimony_id) if one.kind == "speaker"]
    begins = {one.id: _begin(segments, one.start_ms) for one in taps}
    edges = sorted({*begins.values(), *(one.span.start_ms for one in confirmed(session, testimony_id))})
    found = {}
    for tap in taps:
        start = begins[tap.id]
        end = next((one for one in edges if one > start), max(_end(session, testimony_id), start + 1))
        inside = [one for one in segments if start <= (one.start_ms + one.end_ms) // 2 < end]
        found[tap.id] = ProposedSpeaker(tap.id, Span(start, end), inside[0].text if inside else "")
    return found


def _read(session: Session, testimony_id: str) -> TranscriptVersion | None:
    draft = reviewing.draft_of(session, testimony_id)
    return draft or transcript_versions.current(session, testimony_id, approved_only=False)


def _begin(segments: Sequence[Segment], moment: int) -> int:
    """A finger is later than a voice: a segment in its first half has just begun, else the next is meant."""
    for segment in segments:
        if segment.end_ms > moment:
            in_time = moment <= (segment.start_ms + segment.end_ms) // 2
            after = next((one.start_ms for one in segments if one.start_ms >= segment.end_ms), moment)
            return min(segment.start_ms, moment) if in_time and segment.start_ms <= moment else max(after, moment)
    return moment


def _end(session: Session, testimony_id: str) -> int:
    recording_id = session.get_one(Testimony, testimony_id).recording_id
    return session.get_one(Recording, recording_id).duration_ms or _LONGEST_MS


def confirmed(session: Session, testimony_id: str) -> list[ConfirmedSpeaker]:
    """What was written into the draft that is worked on, and not undone since."""
    draft = reviewing.draft_of(session, testimony_id)
    if draft is None:
        return []
    query = select(TranscriptEdit).where(
        TranscriptEdit.version_id == draft.id, TranscriptEdit.kind.in_(("span", "unspan"))
    )
    edits = list(session.scalars(query.order_by(TranscriptEdit.seq)))
    undone = {one.asked["of"] for one in edits if one.kind == "unspan" and one.answer["did"] == "done"}
    return [_shown(one) for one in edits if one.kind == "span" and one.id not in undone]


def _shown(edit: TranscriptEdit) -> ConfirmedSpeaker:
    span = Span(int(str(edit.asked["start"])), int(str(edit.asked["end"])))
    return ConfirmedSpeaker(edit.id, span, str(edit.answer["speaker"]), len(edit.touched))


def confirm(session: Session, testimony_id: str, tap_id: str, span: tuple[int, int], name: str, by_id: str) -> int:
    """Write a speaker into the draft for a stretch, and take the tap up; how many segments are that speaker's now.

    Raises:
        Unknown: there is no such tap.
        NotASpeaker: see there.
    """
    tap = tapped.tap_of(session, testimony_id, tap_id, "speaker")
    if not text_changes.named(name[:500]):
        raise NotASpeaker(_NO_NAME)
    if not 0 <= span[0] < span[1] <= _LONGEST_MS:
        raise NotASpeaker(_NO_STRETCH)
    if (version := _read(session, testimony_id)) is None or not version.segments:
        raise NotASpeaker(_NO_WORDS)
    draft = reviewing.start(session, testimony_id, by_id)
    asked = {
        "id": new_id(),
        "kind": "span",
        "start": span[0],
        "end": span[1],
        "speaker": name[:500],
        "tap": {"start": tap.start_ms, "words": tap.words},
    }
    edit = session.get_one(TranscriptEdit, editing.apply(session, draft, [asked], by_id).answers[0]["id"])
    if not edit.touched:
        raise NotASpeaker(_NO_WORDS)
    audit.note(session, by_id, "tap.speaker", f"testimony:{testimony_id}", {"edit": edit.id})
    session.delete(tap)
    session.flush()
    return len(edit.touched)


def undo(session: Session, testimony_id: str, edit_id: str, by_id: str) -> None:
    """Give the segments back to whom they had before, and the tap its place. Raises Unknown."""
    if edit_id not in {one.edit_id for one in confirmed(session, testimony_id)}:
        raise Unknown("There is no such speaker.")
    edit = session.get_one(TranscriptEdit, edit_id)
    draft = session.get_one(TranscriptVersion, edit.version_id)
    editing.apply(session, draft, [{"id": new_id(), "kind": "unspan", "of": edit_id}], by_id)
    tap = edit.asked["tap"]
    if isinstance(tap, dict):
        start, words = int(tap["start"]), str(tap["words"])
        session.add(TappedMoment(testimony_id=testimony_id, kind="speaker", start_ms=start, words=words))
    audit.note(session, by_id, "tap.speaker-undone", f"testimony:{testimony_id}", {"edit": edit_id})
    session.flush()
