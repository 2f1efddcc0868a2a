"""Browsing testimonies: a list narrowed by what their cards tell this viewer, and by nothing else.

A place counts where it may be told down to the province, a length where the sound may be heard, a theme where the words
that it stands on may be known. What a card keeps to itself is no facet of it: whoever chooses a province finds none
that came from there and does not say so, and a group of one is told by no more than its own card tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Select,
    SQLColumnExpression,
    String,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased

from archive.access import gate
from archive.access.gate import Viewer
from archive.catalogue.tagging import on_words_taken_out
from archive.catalogue.title_lookup import has_words
from archive.lists import ListRequest
from archive.models import Narrator, Recording, Revoicing, Segment, Tagging, Term, Testimony

FACETS = ("theme", "community", "place", "year", "language", "length", "open")
LENGTHS = {"short": (0, 600_000), "middle": (600_000, 2_400_000), "long": (2_400_000, 2**31 - 1)}
"""Lengths in milliseconds: under ten minutes, up to forty, and longer."""
OPEN = ("sound", "words", "closed")
"""What may be had of it: the sound, the words, neither."""
SORTS = ("newest", "told", "title", "long")
PLACE = "place-"

_READING = aliased(Recording)

Columns = Mapping[str, SQLColumnExpression[Any]]


def found(viewer: Viewer, wanted: ListRequest, language: str) -> Select[str]:
    """Ids of the testimonies that answer, in the order asked for: of all of them, to be cut to a page.

    Args:
        language: in whose titles they are sorted, `km` or `en`.
    """
    told = _told(_asked(viewer))
    query = _listed(viewer, wanted, Testimony.id).where(*_narrowed(told, wanted))
    if wanted.sort == "long":
        return query.order_by(told["length_ms"].desc().nulls_last(), Testimony.id)
    return in_order(query, wanted.sort, language)


def in_order(query: Select[str], sort: str, language: str) -> Select[str]:
    """Testimonies by the day `told`, or by `title` for a reader of this language; else what came last is first."""
    if sort == "told":
        return query.order_by(Testimony.recorded_on.desc().nulls_last(), Testimony.id)
    if sort == "title":
        return query.order_by(Testimony.by_title(language), Testimony.id)
    return query.order_by(Testimony.created_at.desc(), Testimony.id)


def counts(viewer: Viewer, wanted: ListRequest) -> CompoundSelect[str, int]:
    """`FACET:VALUE` -> how many there would be with that value, the facet's own choice left aside; `all` for the list.

    The gate is asked once for each testimony, whatever the number of facets.
    """
    columns: list[Any] = [column.label(name) for name, column in _asked(viewer).items()]
    told = _listed(viewer, wanted, *columns).cte("told")
    here = _told(dict(told.c.items()))
    values = {
        "community": here["community"],
        "place": func.coalesce(here["province"], ""),
        "year": here["first_year"] + "/" + here["last_year"],
        "language": here["language"],
        "length": case(*((_of_length(here, name), name) for name in LENGTHS), else_=""),
    }
    asked = [
        select((literal(f"{facet}:", String) + value).label("value"), func.count())
        .select_from(told)
        .where(*_narrowed(here, wanted, but=facet))
        .group_by("value")
        for facet, value in values.items()
    ]
    asked += [
        select(literal(f"open:{name}"), func.count()).where(*_narrowed(here, wanted, but="open"), _open(here, name))
        for name in OPEN
    ]
    everything = select(literal("all"), func.count()).select_from(told).where(*_narrowed(here, wanted))
    return union_all(
        everything, select(literal("known"), func.count()).select_from(told), *asked, _themes(told, here, wanted)
    )


def _listed(viewer: Viewer, wanted: ListRequest, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Testimony)
        .join(Narrator, Narrator.id == Testimony.narrator_id)
        .join(Recording, Recording.id == Testimony.recording_id)
        .where(*gate.conditions(viewer, "existence"), *has_words(viewer, wanted.words))
    )


def _asked(viewer: Viewer) -> Columns:
    """What the catalogue says, and what the gate answers of it, as columns; each is asked once."""
    stand_in = exists().where(
        Revoicing.testimony_id == Testimony.id,
        Revoicing.heard_at.is_not(None),
        Revoicing.recording_id == _READING.id,
        _READING.listening_key != "",
    )
    disguised = and_(*gate.conditions(viewer, "disguised_sound"), stand_in)
    heard = and_(Recording.listening_key != "", or_(and_(*gate.conditions(viewer, "original_sound")), disguised))
    first, last = _years()
    return {
        "id": Testimony.id,
        "community": Narrator.community,
        "province": Narrator.province,
        "first_year": first,
        "last_year": last,
        "language": Testimony.language,
        "duration_ms": Recording.duration_ms,
        "placed": _one(and_(*gate.conditions(viewer, "place", level="province"))),
        "sound": _one(heard),
        "whole": _one(and_(*gate.conditions(viewer, "full_transcript"))),
        "redacted": _one(and_(*gate.conditions(viewer, "redacted_transcript"))),
    }


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _told(asked: Columns) -> Columns:
    """What a card tells of what was asked; null where it may not be told."""
    return {
        **asked,
        "province": case((asked["placed"] == 1, asked["province"]), else_=null()),
        "length_ms": case((asked["sound"] == 1, asked["duration_ms"]), else_=null()),
        "words": case((or_(asked["whole"] == 1, asked["redacted"] == 1), 1), else_=0),
    }


def _years() -> tuple[ColumnElement[str], ColumnElement[str]]:
    """The first and the last year that a day may be of, as text; empty where nobody knows. `archive.days` has forms."""
    day = type_coerce(Testimony.recorded_on, String)

    def four(start: int) -> ColumnElement[str]:
        return func.substr(day, start, 4, type_=String)

    # The stroke of a stretch stands behind a year or a decade, a month, or a day.
    ends = case(*((func.substr(day, at, 1, type_=String) == "/", four(at + 1)) for at in (5, 8, 11)), else_=four(1))
    first = func.replace(four(1), "X", "0", type_=String)
    return func.coalesce(first, "", type_=String), func.coalesce(func.replace(ends, "X", "9"), "", type_=String)


def _narrowed(told: Columns, wanted: ListRequest, but: str = "") -> list[ColumnElement[bool]]:
    """What the list is narrowed to, as conditions on what is told; without the facet `but`."""
    return [_has(told, facet, value) for facet, value in wanted.narrowed if facet != but]


def _has(told: Columns, facet: str, value: str) -> ColumnElement[bool]:
    if facet == "theme":
        return _about(told, value)
    if facet == "place":
        return told["province"] == value.removeprefix(PLACE)
    if facet == "year":
        return and_(told["first_year"] <= value, told["last_year"] >= value, told["first_year"] != "")
    if facet == "length":
        return _of_length(told, value)
    if facet == "open":
        return _open(told, value)
    return told[facet] == value if facet in {"community", "language"} else false()


def _of_length(told: Columns, name: str) -> ColumnElement[bool]:
    least, most = LENGTHS.get(name, (1, 0))
    return and_(told["length_ms"] >= least, told["length_ms"] < most)


def _open(told: Columns, name: str) -> ColumnElement[bool]:
    if name == "closed":
        return and_(told["sound"] == 0, told["words"] == 0)
    return told[name] == 1 if name in OPEN else false()


def _about(told: Columns, theme: str) -> ColumnElement[bool]:
    over = _over()
    tagged = select(Tagging.id).outerjoin(Segment, Segment.id == Tagging.segment_id).where(*_known(told))
    under = Tagging.term_id.in_(select(over.c.term).where(over.c.over == theme))
    return tagged.where(under, Tagging.testimony_id == told["id"]).exists()


def _known(told: Columns) -> tuple[ColumnElement[bool], ...]:
    """Of a tagging with its segment: a person confirmed it, and it is on no words taken out of what may be read."""
    return Tagging.state == "confirmed", or_(~on_words_taken_out(), told["whole"] == 1)


@cache
def _over() -> CTE:
    """Each theme with itself and with every theme above it."""
    own = select(Term.id.label("term"), Term.id.label("over")).where(Term.kind == "theme").cte("over", recursive=True)
    above = select(own.c.term, Term.broader_id).join(Term, Term.id == own.c.over).where(Term.broader_id.is_not(None))
    return own.union(above)


def _themes(told: CTE, here: Columns, wanted: ListRequest) -> Select[str, int]:
    """How many tell of each theme or of something below it; what is chosen narrows these too: what goes together."""
    over = _over()
    return (
        select((literal("theme:", String) + over.c.over).label("value"), func.count(here["id"].distinct()))
        .select_from(told)
        .join(Tagging, Tagging.testimony_id == here["id"])
        .outerjoin(Segment, Segment.id == Tagging.segment_id)
        .join(over, over.c.term == Tagging.term_id)
        .where(*_known(here), *_narrowed(here, wanted))
        .group_by("value")
    )
