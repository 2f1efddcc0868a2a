"""The tie of a lyric line to the words it came from, and whether it may be made."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import PUBLIC, SUNG_FOR, Viewer
from archive.models import (
    LyricLine,
    Redaction,
    Source,
    TranscriptVersion,
)
from archive.models.source import RELATIONS, quote_hash
from archive.timing import Span
from archive.transcripts.quotations import anchor


def allowed(session: Session, viewer: Viewer, testimony_id: str) -> tuple[tuple[str, ...], str]:
    """The relations that a lyric may have to this testimony now; without any, the reason's code."""
    quoted = gate.may(session, viewer, testimony_id, "quotation", purpose=SUNG_FOR)
    retold = gate.may(session, viewer, testimony_id, "paraphrase", purpose=SUNG_FOR)
    relations = (*(("verbatim",) if quoted else ()), *(("adapted", "inspired") if retold else ()))
    return relations, "" if relations else quoted.reason


def closed_outside(session: Session, testimony_id: str, relations: Collection[str]) -> str:
    """What nobody outside the band may hear of it in a song, though a lyric may be written from it.

    Returns:
        `all`, `words` where they may hear it retold, or nothing.
    """
    outside, _ = allowed(session, PUBLIC, testimony_id)
    if not outside:
        return "all" if relations else ""
    return "words" if "verbatim" in relations and "verbatim" not in outside else ""


def taken_out(session: Session, testimony_id: str, span: Span) -> bool:
    """Whether a mark takes any of these words out for everybody outside the band."""
    marks = select(Redaction.id).where(
        Redaction.testimony_id == testimony_id, Redaction.start_ms < span.end_ms, Redaction.end_ms > span.start_ms
    )
    return session.scalar(marks.limit(1)) is not None


def tie(
    session: Session,
    line: LyricLine,
    version: TranscriptVersion,
    quote: str,
    relation: str,
    made_by_id: str | None = None,
) -> Source:
    """Tie a line to the words of a version. Whether they may be quoted is for the gate, not for here.

    Raises:
        QuoteNotFound, QuoteAmbiguous: as for `anchor`.
        ValueError: a relation that is none of `RELATIONS`.
    """
    if relation not in RELATIONS:
        raise ValueError(f"no such relation: {relation}")
    place = anchor(session, version, quote)
    source = Source(
        line_id=line.id,
        testimony_id=version.testimony_id,
        version_id=version.id,
        segment_id=place.segment_id,
        start_ms=place.span.start_ms,
        end_ms=place.span.end_ms,
        quote=place.quote,
        quote_hash=quote_hash(place.quote),
        relation=relation,
        made_by_id=made_by_id,
    )
    session.add(source)
    session.flush()
    return source
