"""How a version may be read: in full, with the marks taken out, or not at all.

What is taken out leaves a block of one length, whatever was said. Where it cannot be told which written words belong to
the marked sound, the whole segment goes: a text that people corrected without its word times, words that cannot be
found in it in order. Nobody knows which words of a translation belong to the marked ones either, so a translated
segment goes as a whole, unless somebody wrote a translation with the block in it and had it approved after the mark
was set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.consent.redaction import marks_of
from archive.models import Redaction, Segment, TranscriptVersion
from archive.timing import Span, Word, joined
from archive.transcripts import transcript_versions

TAKEN_OUT = "▇▇▇"
_SLIVER_MS = 150


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


def touches(span: Span, segment: Segment) -> bool:
    """Whether a mark takes anything out of a segment: a word without length at its very end stands beyond its span."""
    return span.overlaps(segment.span) or any(_sounds_in(word, [span]) for word in segment.words)


def without(segment: Segment, spans: Sequence[Span]) -> tuple[str, tuple[Word, ...]]:
    """A segment's text and words with what sounds in these spans taken out."""
    touching = joined(span for span in spans if touches(span, segment))
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


def taken_and_left(segment: Segment, spans: Sequence[Span]) -> tuple[list[str], str]:
    """The words of a segment that these spans take out, each stretch of them by itself, and the text that is left."""
    left, _ = without(segment, spans)
    if left == segment.text:
        return [], left
    places = _places(segment)
    if places is None or left == TAKEN_OUT:
        return [segment.text], ""
    stretches: list[tuple[int, int]] = []
    before = -2
    for number, (word, (start, end)) in enumerate(zip(segment.words, places, strict=True)):
        if not _sounds_in(word, spans):
            continue
        if number == before + 1:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((start, end))
        before = number
    return [segment.text[start:end] for start, end in stretches], left


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
    texts = transcript_versions.translated_texts(session, translation)
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
    form = gate.best_transcript_form(session, viewer, version.testimony_id)
    if form is None or (version.stage != "approved" and not viewer.inside):
        raise Unknown("There is no such thing here.")
    if form == "redacted_transcript":
        return redacted_segments(session, version)
    if version.translates_id is not None:
        return translated_segments(session, version, ())
    return original_segments(version, ())


def text_to_read(session: Session, testimony_id: str) -> tuple[TranscriptVersion, tuple[str, ...]] | None:
    """What a member reads aloud: the approved text without anything marked; None while nothing is approved.

    Where something was taken out a block stands, as on the page: without it a sentence would end in the air, and
    whoever reads would join what was never said together.
    """
    version = transcript_versions.current(session, testimony_id, approved_only=True)
    if version is None:
        return None
    said = (one.text.strip() for one in redacted_segments(session, version))
    return version, tuple(text for text in said if text)
