"""Index points: titled moments of a testimony, with a synopsis and terms, as oral historians index a recording.

They tell what is said and when, so they are shown to whoever may read the transcript (`cataloguing.opened`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.language.normalise import tidy
from archive.ledgers import audit
from archive.models import IndexPoint, Recording, Tagging, Term, Testimony

FIELDS = ("title_km", "title_en", "synopsis_km", "synopsis_en")
LONGEST = {"title_km": 300, "title_en": 300, "synopsis_km": 4000, "synopsis_en": 4000}


WRONG = {
    "title": Message("Write a title."),
    "time": Message("Write the time as minutes:seconds, inside the recording."),
    "term": Message("There is no such theme."),
}


class NotAPoint(ArchiveError, ValueError):
    """A point has no title, lies outside the recording, or names a term that is none; its code is one of `WRONG`."""

    def __init__(self, code: str) -> None:
        super().__init__(WRONG[code], code=code)


@dataclass(frozen=True, slots=True)
class PointEntry:
    """What somebody wrote for a point; `terms` are ids of themes and places."""

    start_ms: int
    texts: Mapping[str, str]
    terms: Collection[str] = ()


def points_of(session: Session, testimony_id: str) -> list[IndexPoint]:
    """The points of a testimony, in the order of the recording."""
    query = select(IndexPoint).where(IndexPoint.testimony_id == testimony_id)
    return list(session.scalars(query.order_by(IndexPoint.start_ms, IndexPoint.id)))


def themes(session: Session, viewer: Viewer, also: Collection[str] = ()) -> list[Term]:
    """Themes that may be set: those everybody may know, those of something this viewer may read, and `also` these."""
    read = Tagging.testimony_id.in_(gate.permitted(viewer, "redacted_transcript"))
    known = or_(Term.known_to_all, Term.id.in_(select(Tagging.term_id).where(read)))
    offered = or_(and_(known, Term.retired_at.is_(None)), Term.id.in_(sorted(also)))
    query = select(Term).where(Term.kind == "theme", Term.merged_into_id.is_(None), offered)
    return list(session.scalars(query.order_by(Term.id)))


def set_point(
    session: Session, testimony_id: str, given: PointEntry, by_id: str | None, point: IndexPoint | None = None
) -> IndexPoint:
    """Add a point, or change one. Raises NotAPoint."""
    testimony = session.get_one(Testimony, testimony_id)
    length = session.get_one(Recording, testimony.recording_id).duration_ms
    texts = {field: tidy(" ".join(given.texts.get(field, "").split()))[: LONGEST[field]] for field in FIELDS}
    if not texts["title_km"] and not texts["title_en"]:
        raise NotAPoint("title")
    if given.start_ms < 0 or (length is not None and given.start_ms >= length):
        raise NotAPoint("time")
    known = set(session.scalars(select(Term.id).where(Term.id.in_(sorted(given.terms)))))
    if known != set(given.terms):
        raise NotAPoint("term")
    made = point or IndexPoint(testimony_id=testimony_id)
    made.start_ms, made.terms = given.start_ms, sorted(set(given.terms))
    for field, text in texts.items():
        setattr(made, field, text)
    session.add(made)
    session.flush()
    act = "changed" if point else "set"
    audit.note(session, by_id, f"point.{act}", f"testimony:{testimony_id}", {"point": made.id})
    return made


def remove(session: Session, point: IndexPoint, by_id: str | None) -> PointEntry:
    """Take a point away; what it was is given back, so that it can be put there again."""
    was = PointEntry(point.start_ms, {field: getattr(point, field) for field in FIELDS}, tuple(point.terms))
    audit.note(session, by_id, "point.removed", f"testimony:{point.testimony_id}", {"point": point.id})
    session.delete(point)
    session.flush()
    return was
