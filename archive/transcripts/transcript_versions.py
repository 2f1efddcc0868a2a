"""Transcript versions: keeping what a machine heard, what people made of it, and which one holds.

Machine and approved versions are immutable. A correction is always a new version, so that a quotation can name the
exact text it was taken from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from archive.language.normalise import tidy
from archive.models import Clipping, Segment, SegmentTranslation, Source, Testimony, TranscriptVersion, now
from archive.models.transcript import STAGES
from archive.timing import Utterance


class VersionImmutable(ValueError):
    """A machine's literal text or an approved version was to be changed."""


class FlaggedText(ValueError):
    """A version that still has flagged segments was to be approved."""


def next_number(session: Session, testimony_id: str, language: str) -> int:
    query = select(func.max(TranscriptVersion.number)).where(
        TranscriptVersion.testimony_id == testimony_id, TranscriptVersion.language == language
    )
    return (session.scalar(query) or 0) + 1


def add_version(
    session: Session,
    testimony_id: str,
    language: str,
    utterances: Sequence[Utterance],
    *,
    stage: str,
    parent: TranscriptVersion | None = None,
    made_by_id: str | None = None,
    engine: tuple[str, str, str] = ("", "", ""),
    verdict: str = "",
) -> TranscriptVersion:
    """Add a version with its segments; `engine` is engine, model and version of whatever heard it."""
    if stage not in STAGES:
        raise ValueError(f"no such stage of a transcript: {stage}")
    name, model, version_of_engine = engine
    version = TranscriptVersion(
        testimony_id=testimony_id,
        language=language,
        number=next_number(session, testimony_id, language),
        stage=stage,
        parent_id=parent.id if parent else None,
        engine=name,
        model=model,
        engine_version=version_of_engine,
        verdict=verdict,
        made_by_id=made_by_id,
    )
    for position, heard in enumerate(utterances):
        segment = Segment(
            position=position,
            start_ms=heard.start_ms,
            end_ms=heard.end_ms,
            speaker=heard.speaker or "",
            text=tidy(heard.text),
            flags=list(heard.flags),
            confidence=heard.confidence,
        )
        segment.words = heard.words
        version.segments.append(segment)
    session.add(version)
    session.flush()
    return version


def replace_machine_version(
    session: Session,
    testimony_id: str,
    language: str,
    utterances: Sequence[Utterance],
    engine: tuple[str, str, str],
    verdict: str,
) -> TranscriptVersion:
    """Put a machine's text in the place of an earlier one, unless something was built on that; then beside it."""
    built_on = select(TranscriptVersion.parent_id).where(TranscriptVersion.parent_id.is_not(None))
    quoted = select(Source.version_id).union(select(Clipping.version_id))
    session.execute(
        delete(TranscriptVersion).where(
            TranscriptVersion.testimony_id == testimony_id,
            TranscriptVersion.stage == "machine",
            TranscriptVersion.id.not_in(built_on),
            TranscriptVersion.id.not_in(quoted),
        )
    )
    return add_version(session, testimony_id, language, utterances, stage="machine", engine=engine, verdict=verdict)


def add_translation(
    session: Session,
    original: TranscriptVersion,
    language: str,
    texts: Mapping[str, str],
    *,
    stage: str,
    made_by_id: str | None = None,
) -> TranscriptVersion:
    """Add a translation that gives `texts` (segment id -> text) to the segments of `original`."""
    version = TranscriptVersion(
        testimony_id=original.testimony_id,
        language=language,
        number=next_number(session, original.testimony_id, language),
        stage=stage,
        translates_id=original.id,
        made_by_id=made_by_id,
    )
    session.add(version)
    session.flush()
    known = {segment.id for segment in original.segments}
    for segment_id, text in texts.items():
        if segment_id not in known:
            raise KeyError(f"not a segment of the version translated: {segment_id}")
        session.add(SegmentTranslation(version_id=version.id, segment_id=segment_id, text=tidy(text)))
    session.flush()
    return version


def approve(session: Session, version: TranscriptVersion, account_id: str | None) -> None:
    """Approve a reviewed version; from now on it is immutable and may be shown and quoted as consent allows.

    Raises:
        VersionImmutable: machine text cannot be approved as it is.
        FlaggedText: some segment is still flagged as not to be trusted.
    """
    if version.stage == "machine":
        raise VersionImmutable("A machine's text cannot be approved; review it first.")
    if any(segment.flags for segment in version.segments):
        raise FlaggedText("Some segments are still marked as not to be trusted.")
    version.stage, version.approved_by_id, version.approved_at = "approved", account_id, now()
    recording = session.get_one(Testimony, version.testimony_id).recording
    if recording.state == "needs-a-person":
        recording.state, recording.reason = "ready", ""
    session.flush()


def current(session: Session, testimony_id: str, *, approved_only: bool) -> TranscriptVersion | None:
    """The version that holds in the language spoken: the last approved one, or else, if allowed, the furthest draft."""
    query = select(TranscriptVersion).where(
        TranscriptVersion.testimony_id == testimony_id, TranscriptVersion.translates_id.is_(None)
    )
    if approved_only:
        query = query.where(TranscriptVersion.stage == "approved")
    versions = session.scalars(query).all()
    return max(versions, key=lambda v: (STAGES.index(v.stage), v.made_at, v.number), default=None)


def holding(session: Session, inside: bool, testimony_id: str) -> TranscriptVersion | None:
    """The version that is read: the last approved one, and where there is none, for the band the furthest draft."""
    version = current(session, testimony_id, approved_only=True)
    if version is None and inside:
        version = current(session, testimony_id, approved_only=False)
    return version


def citable(session: Session, inside: bool, testimony_id: str, number: int) -> TranscriptVersion | None:
    """The version of this number in the language spoken; outside the band only one that was approved."""
    query = select(TranscriptVersion).where(
        TranscriptVersion.testimony_id == testimony_id,
        TranscriptVersion.translates_id.is_(None),
        TranscriptVersion.number == number,
    )
    found = session.scalars(query if inside else query.where(TranscriptVersion.stage == "approved")).all()
    return max(found, key=lambda one: (STAGES.index(one.stage), one.made_at), default=None)


def translations(session: Session, version: TranscriptVersion) -> dict[str, TranscriptVersion]:
    """The newest translation of a version in each language, approved ones first."""
    query = select(TranscriptVersion).where(TranscriptVersion.translates_id == version.id)
    found: dict[str, TranscriptVersion] = {}
    for one in sorted(session.scalars(query), key=lambda v: (STAGES.index(v.stage), v.number)):
        found[one.language] = one
    return found


def translated_texts(session: Session, translation: TranscriptVersion) -> dict[str, str]:
    """Segment id -> text of a translation."""
    query = select(SegmentTranslation).where(SegmentTranslation.version_id == translation.id)
    return {row.segment_id: row.text for row in session.scalars(query)}
