"""Linking: the thread between a lyric line and the moment somebody said it.

A source is tied to the exact words of one transcript version. When a new version comes, each quotation is looked for
in it: found exactly, at the same moment, it goes along; otherwise it is marked for review. It never moves silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.language.normalise import normalise
from archive.models import Clipping, Segment, Source, TranscriptVersion
from archive.timing import Span
from archive.transcripts import transcript_versions  # as a module: whoever approves a version there calls this one
from archive.transcripts.word_times import carry_times

_Quoting = TypeVar("_Quoting", Source, Clipping)


class QuoteNotFound(ValueError):
    """The words quoted do not stand in the transcript."""


class QuoteAmbiguous(ValueError):
    """The words quoted stand in the transcript more than once; more of them are needed."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a quotation stands: the segment it begins in, when it is said, and the words as spelt there."""

    segment_id: str
    span: Span
    quote: str


def anchors(session: Session, version: TranscriptVersion, quote: str) -> list[Anchor]:
    """Every place where the words stand, compared in their search form; a quotation may run over segments."""
    segments, texts = _lines(session, version)
    joined = " ".join(texts)
    folded, wanted = normalise(joined), normalise(quote).text.strip()
    if not wanted:
        return []
    found, at = [], folded.text.find(wanted)
    while at >= 0:
        start, end = folded.original_span(at, at + len(wanted))
        if _whole(folded.text, at, at + len(wanted)):
            found.append(_anchor(segments, texts, joined, start, end, translated=version.translates_id is not None))
        at = folded.text.find(wanted, at + 1)
    return found


def anchor(session: Session, version: TranscriptVersion, quote: str) -> Anchor:
    """The one place where the words stand.

    Raises:
        QuoteNotFound, QuoteAmbiguous: they stand nowhere, or in several places.
    """
    found = anchors(session, version, quote)
    if not found:
        raise QuoteNotFound("These words do not stand in the transcript.")
    if len(found) > 1:
        raise QuoteAmbiguous("These words stand in the transcript more than once; quote more of them.")
    return found[0]


def carry_over_all(session: Session, old: TranscriptVersion, new: TranscriptVersion) -> list[Source]:
    """A new version holds: take along whatever quotes the old one, or its translations, and clippings as well.

    To be called in the transaction that approves or replaces a version. A translation that the new version does not
    have yet leaves its quotations marked; when it comes, call this with the old translation and the new one.

    Returns:
        The sources that are marked for review now and were not before.
    """
    if old.id == new.id or old.testimony_id != new.testimony_id:
        return []
    doubtful = carry_over(session, old, new)
    if old.translates_id is None and new.translates_id is None:
        newer = transcript_versions.translations(session, new)
        for language, translation in transcript_versions.translations(session, old).items():
            if language == new.language:
                continue
            doubtful += carry_over(session, translation, newer.get(language))
    return doubtful


def carry_over(session: Session, old: TranscriptVersion, new: TranscriptVersion | None) -> list[Source]:
    """Move what quotes one version to the one that replaces it; returns the sources now marked for review.

    A quotation moves only when its exact words stand in the new version at the same moment, and stand there once. So
    do those that an earlier correction had marked. All others stay where they were, quoting what was really said
    there, and wait for a person; the same words at another moment are not what she said then.
    """
    doubtful = []
    for source in _quoting(session, Source, old):
        if not _moved(session, source, new) and source.state == "sure":
            source.state = "review"
            doubtful.append(source)
    for clipping in _quoting(session, Clipping, old):
        if not _moved(session, clipping, new):
            clipping.state = "review"
    session.flush()
    return doubtful


def _quoting(session: Session, kind: type[_Quoting], old: TranscriptVersion) -> Sequence[_Quoting]:
    """What quotes the version, and what an earlier version still holds because its words were not found again."""
    marked = (
        (kind.testimony_id == old.testimony_id)
        & (kind.state == "review")
        & (TranscriptVersion.language == old.language)
        & (TranscriptVersion.number < old.number)
    )
    query = select(kind).join(TranscriptVersion, TranscriptVersion.id == kind.version_id)
    return session.scalars(query.where((kind.version_id == old.id) | marked)).all()


def _moved(session: Session, one: Source | Clipping, new: TranscriptVersion | None) -> bool:
    if new is None:
        return False
    same = [place for place in anchors(session, new, one.quote) if place.quote == one.quote]
    found = [place for place in same if place.span.overlaps(one.span)]
    if len(found) != 1:
        return False
    one.version_id, one.segment_id = new.id, found[0].segment_id
    one.start_ms, one.end_ms = found[0].span.start_ms, found[0].span.end_ms
    if one.state == "review":
        one.state = "sure"
    return True


def version_in(session: Session, approved: TranscriptVersion, language: str) -> TranscriptVersion | None:
    """The version to quote from in a language: the approved one itself or its translation."""
    return (
        approved if approved.language == language else transcript_versions.translations(session, approved).get(language)
    )


def _lines(session: Session, version: TranscriptVersion) -> tuple[list[Segment], list[str]]:
    of = version.translates_id or version.id
    segments = list(session.scalars(select(Segment).where(Segment.version_id == of).order_by(Segment.position)))
    if version.translates_id is None:
        return segments, [segment.text for segment in segments]
    texts = transcript_versions.translated_texts(session, version)
    return segments, [texts.get(segment.id, "") for segment in segments]


def _whole(text: str, start: int, end: int) -> bool:
    """Latin words are quoted whole; in Khmer the clusters see to it already."""
    before = text[start - 1 : start]
    after = text[end : end + 1]
    return not (before.isascii() and before.isalnum() and text[start].isalnum()) and not (
        after.isascii() and after.isalnum() and text[end - 1].isalnum()
    )


def _anchor(
    segments: Sequence[Segment], texts: Sequence[str], joined: str, start: int, end: int, *, translated: bool
) -> Anchor:
    """From offsets in the joined text to a moment: to the word in the language spoken, to the segment in another."""
    at, first, times = 0, "", []
    for segment, text in zip(segments, texts, strict=True):
        low, high = max(start - at, 0), min(end - at, len(text))
        if low < high:
            first = first or segment.id
            times.append(segment.span if translated else _span_of(segment, text, low, high))
        at += len(text) + 1
    span = Span(times[0].start_ms, times[-1].end_ms)
    return Anchor(first, span, joined[start:end])


def _span_of(segment: Segment, text: str, start: int, end: int) -> Span:
    """When the characters `start` to `end` of a segment are said, to the word."""
    timed = segment.words or carry_times(text, segment.span)
    at, said = 0, []
    for word in timed:
        place = text.find(word.text.strip(), at)
        if place < 0:
            continue
        at = place + len(word.text.strip())
        if place < end and at > start:
            said.append(word)
    return Span(said[0].start_ms, max(said[-1].end_ms, said[0].start_ms)) if said else segment.span
