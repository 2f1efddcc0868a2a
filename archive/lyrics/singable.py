"""What was said, as far as somebody may make a song of it: the passages that the desk's helps look through.

Only passages whose words the viewer may quote or retell in a song, that are not flagged and not taken out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import SUNG_FOR, Viewer
from archive.models import Redaction, Segment, SegmentTranslation, TranscriptVersion
from archive.models.transcript import STAGES
from archive.timing import Span
from archive.transcripts import readable_text

MOST = 20_000  # passages looked through for one question


@dataclass(frozen=True, slots=True)
class Said:
    """A passage in one language, with the moment it is said at."""

    testimony_id: str
    segment_id: str
    language: str
    text: str
    span: Span


def sayings(session: Session, viewer: Viewer) -> Iterator[Said]:
    """Every passage a lyric of this viewer's may be made from, in the language spoken and in translation."""
    held = _versions(session, viewer)
    marks: dict[str, list[Span]] = {}
    for mark in session.scalars(select(Redaction)):
        marks.setdefault(mark.testimony_id, []).append(mark.span)
    spoken = {version.id: version for version in held}
    query = (
        select(Segment)
        .where(Segment.version_id.in_(spoken))
        .order_by(Segment.version_id, Segment.position)
        .limit(MOST)
        .execution_options(yield_per=500)
    )
    open_segments: dict[str, tuple[str, Span]] = {}
    for segment in session.scalars(query):
        version = spoken[segment.version_id]
        hidden = any(readable_text.touches(mark, segment) for mark in marks.get(version.testimony_id, ()))
        if segment.flags or hidden or not segment.text:
            continue
        open_segments[segment.id] = (version.testimony_id, segment.span)
        yield Said(version.testimony_id, segment.id, version.language, segment.text, segment.span)
    yield from _translated(session, list(spoken), open_segments)


def _versions(session: Session, viewer: Viewer) -> list[TranscriptVersion]:
    """The version that holds of each testimony: the last approved one, else for the band the furthest draft."""
    quoted = gate.permitted(viewer, "quotation", purpose=SUNG_FOR)
    retold = gate.permitted(viewer, "paraphrase", purpose=SUNG_FOR)
    query = select(TranscriptVersion).where(
        TranscriptVersion.translates_id.is_(None),
        TranscriptVersion.testimony_id.in_(quoted) | TranscriptVersion.testimony_id.in_(retold),
        TranscriptVersion.testimony_id.in_(gate.permitted(viewer, "redacted_transcript")),
    )
    if not viewer.inside:
        query = query.where(TranscriptVersion.stage == "approved")
    best: dict[str, TranscriptVersion] = {}
    for version in session.scalars(query):
        known = best.get(version.testimony_id)
        if known is None or _rank(version) > _rank(known):
            best[version.testimony_id] = version
    return sorted(best.values(), key=lambda one: one.testimony_id)


def _rank(version: TranscriptVersion) -> tuple[int, object, int]:
    return STAGES.index(version.stage), version.made_at, version.number


def _translated(session: Session, of: list[str], known: dict[str, tuple[str, Span]]) -> Iterator[Said]:
    newest: dict[tuple[str | None, str], TranscriptVersion] = {}
    for one in session.scalars(select(TranscriptVersion).where(TranscriptVersion.translates_id.in_(of))):
        before = newest.get((one.translates_id, one.language))
        if before is None or _rank(one) > _rank(before):
            newest[one.translates_id, one.language] = one
    languages = {one.id: one.language for one in newest.values()}
    rows = select(SegmentTranslation).where(SegmentTranslation.version_id.in_(languages)).limit(MOST)
    for row in session.scalars(rows.order_by(SegmentTranslation.version_id, SegmentTranslation.segment_id)):
        if row.segment_id in known and row.text:
            testimony_id, span = known[row.segment_id]
            yield Said(testimony_id, row.segment_id, languages[row.version_id], row.text, span)
