"""What was said, as far as somebody may make a song of it: the passages that the desk's helps look through.

Only passages whose words the viewer may quote or retell in a song, that are not flagged and not taken out. The index is
asked inside the gate, and what it names is read from the database again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import SUNG_FOR, Viewer
from archive.models import Testimony
from archive.ports import Allowed, SearchHit
from archive.timing import Span
from archive.transcripts import passages
from archive.transcripts.passages import Passage, Wanted


@dataclass(frozen=True, slots=True)
class Said:
    """A stretch in one language, with the moment it is said at."""

    testimony_id: str
    segment_id: str
    language: str
    text: str
    span: Span


def may_be_sung(session: Session, viewer: Viewer) -> Allowed:
    """What of the index the viewer may make a song from: the redacted words, approved or, for the band, drafted."""
    ids = frozenset(session.scalars(_testimonies(viewer)))
    forms = {"redacted_transcript": ids}
    if viewer.inside:
        forms["draft_redacted"] = ids
    return Allowed(forms, frozenset())


def _testimonies(viewer: Viewer) -> Select[str]:
    quoted = gate.permitted(viewer, "quotation", purpose=SUNG_FOR)
    retold = gate.permitted(viewer, "paraphrase", purpose=SUNG_FOR)
    return select(Testimony.id).where(
        Testimony.id.in_(quoted) | Testimony.id.in_(retold),
        Testimony.id.in_(gate.permitted(viewer, "redacted_transcript")),
    )


def sayings(session: Session, allowed: Allowed, hits: Sequence[SearchHit]) -> list[list[Said]]:
    """For each hit what is said there, piece by piece and in every language; nothing of what has gone or is marked."""
    confirmed = [
        hit for hit in hits if hit.testimonies and set(hit.testimonies) <= allowed.forms.get(hit.form, frozenset())
    ]
    names = {hit.key: Wanted(hit.testimonies[0], hit.form, hit.ref, hit.segments) for hit in confirmed}
    found = passages.load(session, list(names.values())) if names else {}
    marks = passages.marks_of(session, {one.testimony_id for one in names.values()}) if names else {}
    spans = {testimony_id: [mark.span for mark in some] for testimony_id, some in marks.items()}
    return [
        said_in(names[hit.key].testimony_id, found[names[hit.key]], spans.get(names[hit.key].testimony_id, ()))
        if hit.key in names and names[hit.key] in found
        else []
        for hit in hits
    ]


def said_in(testimony_id: str, passage: Passage, marks: Iterable[Span]) -> list[Said]:
    """The pieces of a passage in every language, without those that a mark touches."""
    marked = list(marks)
    return [
        Said(testimony_id, piece.segment_id, language, text, piece.span)
        for piece in passage.pieces
        if not any(mark.overlaps(piece.span) for mark in marked)
        for language, text in piece.texts.items()
        if text
    ]
