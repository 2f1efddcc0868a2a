"""Index points as they are found: a title, a synopsis and the names of terms, at one moment of a testimony.

They tell what is said and when, so whoever may read the transcript finds them, in the same editions as its passages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.models import IndexPoint, Redaction, Term
from archive.timing import Span
from archive.transcripts.passages import REDACTED

LANGUAGES = ("km", "en")


def index_points_of(session: Session, testimony_id: str) -> list[IndexPoint]:
    """The points of a testimony, in the order of the recording."""
    query = select(IndexPoint).where(IndexPoint.testimony_id == testimony_id)
    return list(session.scalars(query.order_by(IndexPoint.start_ms, IndexPoint.id)))


def drafts(*, marked: bool) -> tuple[str, ...]:
    """The forms in which points are found where no transcript is.

    People set points also while the machine's text is not to be trusted, or before there is any; such points are for
    those who work on it.
    """
    return ("draft_redacted", "draft_full") if marked else ("draft_redacted",)


def points_shown(points: Iterable[IndexPoint], form: str, marks: Sequence[Redaction]) -> list[IndexPoint]:
    """The points that a form may tell of: of a redacted one none that begins in what is taken out."""
    hidden = [mark.span for mark in marks] if form in REDACTED else []
    return [one for one in points if not any(span.overlaps(moment(one)) for span in hidden)]


def moment(point: IndexPoint) -> Span:
    """The millisecond at which a point begins; nobody has set where it ends."""
    return Span(point.start_ms, point.start_ms + 1)


def themes_of(session: Session, points: Iterable[IndexPoint]) -> dict[str, Term]:
    """The themes that these points name, by id. A place is told by a rule of its own and is none of them."""
    named = {term for point in points for term in point.terms}
    query = select(Term).where(Term.id.in_(named), Term.kind == "theme")
    return {term.id: term for term in session.scalars(query)} if named else {}


def texts(point: IndexPoint, themes: Mapping[str, Term]) -> dict[str, str]:
    """Title, synopsis and the preferred names of the themes, in each language that has any of them."""
    found = {}
    for language in LANGUAGES:
        written = [getattr(point, f"{field}_{language}") for field in ("title", "synopsis")]
        named = [_named(themes[term], language) for term in point.terms if term in themes]
        found[language] = " · ".join(filter(None, (*written, *named)))
    return {language: text for language, text in found.items() if text}


def _named(term: Term, language: str) -> str:
    return next((one.text for one in term.labels if one.language == language and one.preferred), "")
