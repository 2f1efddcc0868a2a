"""Redaction: one mark on a span takes the words from the text and the sound from the audio.

What is taken out leaves a block of one length, whatever was said. Where it cannot be told which written words belong to
the marked sound, the whole segment goes: a text that people corrected without its word times, words that cannot be
found in it in order. Nobody knows which words of a translation belong to the marked ones either, so a translated
segment goes as a whole, unless somebody wrote a translation with the block in it and had it approved after the mark
was set.

The same spans go to whoever cuts the sound. Until a person has listened to the result, the gate lets nothing of it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.models import Redaction, Revoicing, Segment, Source, StageRun, Testimony, TranscriptVersion, now
from archive.services import access, audit
from archive.services.access import Unknown, Viewer
from archive.services.narrators import heard_through, held
from archive.services.transcribing import transcripts
from archive.timing import Span, Word

TAKEN_OUT = "▇▇▇"
_SLIVER_MS = 150
_DONE = frozenset({"ready", "needs-a-person"})
_REMADE = ("index", "redact")  # the stages whose results the marks change
REASONS = ("third-party", "place", "name", "other")


class NotAMark(ValueError):
    """A mark is empty, lies outside the recording, or gives a reason nobody knows."""


@dataclass(frozen=True, slots=True)
class ShownSegment:
    """A segment as a viewer may read it.

    Attributes:
        words: with their times, in the language spoken; a run that was taken out is one word, `TAKEN_OUT`. Empty for a
            translation, which has no words of its own.
        redacted: something was taken out of it.
    """

    segment_id: str
    position: int
    span: Span
    speaker: str
    text: str
    words: tuple[Word, ...]
    flags: tuple[str, ...]
    redacted: bool


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
        raise NotAMark("A mark covers some of the recording, and gives one of the reasons.")
    made = Redaction(
        testimony_id=testimony_id, start_ms=span.start_ms, end_ms=span.end_ms, reason=reason, marked_by_id=by_id
    )
    session.add(made)
    session.flush()
    _unhear(session, testimony_id)
    quoting = select(Source).where(
        Source.testimony_id == testimony_id, Source.start_ms < span.end_ms, Source.end_ms > span.start_ms
    )
    lines = held.hold_sources(session, session.scalars(quoting).all())
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


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time in fewer spans: in order, and none touching the next."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start_ms <= joined[-1].end_ms:
            joined[-1] = Span(joined[-1].start_ms, max(joined[-1].end_ms, span.end_ms))
        else:
            joined.append(span)
    return joined


def touches(span: Span, segment: Segment) -> bool:
    """Whether a mark takes anything out of a segment: a word without length at its very end stands beyond its span."""
    return span.overlaps(segment.span) or any(_sounds_in(word, [span]) for word in segment.words)


def without(segment: Segment, spans: Sequence[Span]) -> tuple[str, tuple[Word, ...]]:
    """A segment's text and words with what sounds in these spans taken out."""
    touching = merged(span for span in spans if touches(span, segment))
    if not touching:
        return segment.text, segment.words
    places = _places(segment)
    whole = (TAKEN_OUT, (Word(TAKEN_OUT, segment.start_ms, segment.end_ms),))
    if places is None:
        return whole
    pieces: list[str] = []
    words: list[Word] = []
    at = 0
    for word, (start, end) in zip(segment.words, places, strict=True):
        if not _sounds_in(word, touching):
            pieces.append(segment.text[at:end])
            words.append(word)
        elif words and words[-1].text == TAKEN_OUT:
            words[-1] = Word(TAKEN_OUT, words[-1].start_ms, max(words[-1].end_ms, word.end_ms))
        else:
            pieces.append(segment.text[at:start] + TAKEN_OUT)
            words.append(Word(TAKEN_OUT, word.start_ms, word.end_ms))
        at = end
    if not any(word.text == TAKEN_OUT for word in words):
        # Between words. A sliver is the edge of a mark beside the segment; more of it was speech nobody wrote down,
        # and then it cannot be told where in the text it would have stood.
        marked = sum(min(s.end_ms, segment.end_ms) - max(s.start_ms, segment.start_ms) for s in touching)
        return (segment.text, segment.words) if marked <= _SLIVER_MS else whole
    return "".join([*pieces, segment.text[at:]]), tuple(words)


def _places(segment: Segment) -> list[tuple[int, int]] | None:
    """Where each word stands in the text; None unless the words, in order, account for every letter of it."""
    places: list[tuple[int, int]] = []
    at = 0
    for word in segment.words:
        start = segment.text.find(word.text, at) if word.text else -1
        if start < 0 or _written(segment.text[at:start]):
            return None
        at = start + len(word.text)
        places.append((start, at))
    return places if places and not _written(segment.text[at:]) else None


def _written(text: str) -> bool:
    # Khmer vowel signs and subscripts are marks, not letters, and are as much a part of a name.
    return any(not (char.isspace() or char in _PUNCTUATION) for char in text)


_PUNCTUATION = frozenset(".,;:!?…\"'“”‘’«»()[]-–—/។៕៖ៗ\u200b\u200c\u200d")


def _sounds_in(word: Word, spans: Sequence[Span]) -> bool:
    # A word without length still falls to the mark in which it stands, or at whose edge.
    end = max(word.end_ms, word.start_ms + 1)
    return any(span.start_ms < end and word.start_ms < span.end_ms for span in spans)


def original_segments(version: TranscriptVersion, spans: Sequence[Span]) -> tuple[ShownSegment, ...]:
    """The segments of a version in the language spoken, without these spans."""
    shown = []
    for segment in version.segments:
        text, words = without(segment, spans)
        shown.append(_shown(segment, text, words, redacted=text != segment.text))
    return tuple(shown)


def translated_segments(
    session: Session, translation: TranscriptVersion, marks: Sequence[Redaction]
) -> tuple[ShownSegment, ...]:
    """The segments of the version translated, in the translation's words, without what the marks touch."""
    original = session.get_one(TranscriptVersion, translation.translates_id)
    texts = transcripts.translated_texts(session, translation)
    shown = []
    for segment in original.segments:
        if segment.id not in texts:
            continue
        text = without_translated(translation, texts[segment.id], [m for m in marks if touches(m.span, segment)])
        shown.append(_shown(segment, text, (), redacted=TAKEN_OUT in text))
    return tuple(shown)


def without_translated(translation: TranscriptVersion, text: str, touching: Sequence[Redaction]) -> str:
    """A segment's text in a translation without what the marks that touch the segment take out."""
    if not touching or _handled(translation, text, max(one.marked_at for one in touching)):
        return text
    return TAKEN_OUT


def _handled(translation: TranscriptVersion, text: str, marked_at: datetime) -> bool:
    approved = translation.approved_at if translation.stage == "approved" else None
    return TAKEN_OUT in text and approved is not None and translation.made_at > marked_at


def _shown(segment: Segment, text: str, words: tuple[Word, ...], *, redacted: bool) -> ShownSegment:
    return ShownSegment(
        segment.id, segment.position, segment.span, segment.speaker, text, words, tuple(segment.flags), redacted
    )


def redacted_segments(session: Session, version: TranscriptVersion) -> tuple[ShownSegment, ...]:
    """A version, or a translation, as it stands without anything marked."""
    marks = marks_of(session, version.testimony_id)
    if version.translates_id is not None:
        return translated_segments(session, version, marks)
    return original_segments(version, [one.span for one in marks])


def readable(session: Session, viewer: Viewer, version: TranscriptVersion) -> tuple[ShownSegment, ...]:
    """A version as this viewer may read it: in full, redacted, or not at all.

    Outside the band only approved text is shown, whatever version is asked for.

    Raises:
        Unknown: this viewer may not read it.
    """
    form = access.best_transcript_form(session, viewer, version.testimony_id)
    if form is None or (version.stage != "approved" and not viewer.inside):
        raise Unknown("There is no such thing here.")
    if form == "redacted_transcript":
        return redacted_segments(session, version)
    if version.translates_id is not None:
        return translated_segments(session, version, ())
    return original_segments(version, ())
