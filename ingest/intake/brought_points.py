"""Points of an index from an OHMS file, and for one: titles by their script, terms by what they are called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.catalogue import index_points
from archive.catalogue.index_points import NotAPoint, PointEntry
from archive.models import IndexPoint, Term, TermLabel
from media.timed.ohms import OhmsPlace, OhmsPoint

_UNTITLED = 80
_NAMES = {"km": "Khmer", "en": "English"}


def language_name(code: str) -> str:
    """A language as OHMS has it, in English; its code where nothing better is known."""
    return _NAMES.get(code, code)


def take_in(
    session: Session, testimony_id: str, points: Sequence[OhmsPoint], by_id: str | None
) -> tuple[int, list[str]]:
    """Set the points that are not there yet; how many those were, and the words that no term of ours is called.

    Such words stay in the synopsis, in brackets, so that nothing of a point is lost.
    """
    known = {(one.start_ms, one.title_km, one.title_en) for one in index_points.points_of(session, testimony_id)}
    terms = _by_label(session, (word for point in points for word in _words(point)))
    made, strange = 0, dict[str, None]()
    for point in points:
        without = [word for word in _words(point) if word.casefold() not in terms]
        entry = _entry(point, without, {terms[word.casefold()] for word in _words(point) if word.casefold() in terms})
        if (entry.start_ms, entry.texts["title_km"], entry.texts["title_en"]) in known:
            continue
        try:
            index_points.set_point(session, testimony_id, entry, by_id)
        except NotAPoint:
            continue  # it begins after the recording ends, or says nothing at all
        strange.update(dict.fromkeys(without))
        made += 1
    return made, list(strange)


def of_points(
    points: Iterable[IndexPoint], terms: dict[str, Term], language: str, *, places: bool
) -> tuple[OhmsPoint, ...]:
    """Points as OHMS has them, the testimony's language first; places only where they may be told."""
    first, other = ("en", "km") if language == "en" else ("km", "en")
    found = []
    for point in points:
        themes = [terms[one] for one in point.terms if one in terms and terms[one].kind == "theme"]
        told = [terms[one] for one in point.terms if places and one in terms and terms[one].kind != "theme"]
        titles = getattr(point, f"title_{first}"), getattr(point, f"title_{other}")
        synopses = getattr(point, f"synopsis_{first}"), getattr(point, f"synopsis_{other}")
        found.append(
            OhmsPoint(
                point.start_ms,
                titles[0] or titles[1],
                titles[1] if titles[0] else "",
                synopses[0] or synopses[1],
                synopses[1] if synopses[0] else "",
                keywords=tuple(one.label(first) for one in themes),
                keywords_alt=tuple(one.label(other) for one in themes),
                places=tuple(OhmsPlace(None, None, one.label(first)) for one in told),
            )
        )
    return tuple(found)


def terms_of(session: Session, points: Iterable[IndexPoint]) -> dict[str, Term]:
    """The terms of these points by their ids."""
    wanted = sorted({term for point in points for term in point.terms})
    return {one.id: one for one in session.scalars(select(Term).where(Term.id.in_(wanted)))} if wanted else {}


def _words(point: OhmsPoint) -> list[str]:
    places = [place.name for place in point.places if place.name]
    return list(dict.fromkeys([*point.keywords, *point.keywords_alt, *point.subjects, *places]))


def _by_label(session: Session, words: Iterable[str]) -> dict[str, str]:
    """Ids of terms by what they are called in any language, without regard to capitals."""
    wanted = sorted({word.casefold() for word in words})
    found: dict[str, str] = {}
    for at in range(0, len(wanted), 500):
        query = select(TermLabel.text, TermLabel.term_id).where(func.lower(TermLabel.text).in_(wanted[at : at + 500]))
        for text, term_id in session.execute(query.order_by(TermLabel.preferred, TermLabel.term_id)):
            found[text.casefold()] = term_id
    return found


def _entry(point: OhmsPoint, without: Collection[str], terms: Collection[str]) -> PointEntry:
    texts = dict.fromkeys(index_points.FIELDS, "")
    title = point.title or point.title_alt or point.partial[:_UNTITLED] or point.synopsis[:_UNTITLED]
    for name, text in (("title", title), ("title", point.title_alt if point.title else "")):
        _put(texts, name, text)
    synopsis = " ".join(filter(None, (point.synopsis, f"[{'; '.join(without)}]" if without else "")))
    for text in (synopsis, point.synopsis_alt):
        _put(texts, "synopsis", text)
    return PointEntry(point.start_ms, texts, sorted(terms))


def _put(texts: dict[str, str], name: str, text: str) -> None:
    """A text where its script belongs; a second one of the same script is joined to the first."""
    if text:
        khmer = any("\u1780" <= letter <= "\u17ff" for letter in text)
        field = f"{name}_{'km' if khmer else 'en'}"
        texts[field] = f"{texts[field]} / {text}" if texts[field] else text
