"""Which narrators a viewer may know of: whoever told a testimony of which that may be known.

A name is told, and looked for, where it may be told with one of her testimonies at least. A steward knows of every
record, also of one whose testimonies were all taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.catalogue.cards import ToldPlace, cards
from archive.days import Day
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import Narrator, Testimony

OFFERED = 12


@dataclass(frozen=True, slots=True)
class NarratorRow:
    """A narrator in a list.

    Attributes:
        name_km, name_en: empty where they may not be told.
        told: how many of her testimonies this viewer may know of.
        has_code: she was given a code by which she comes back without an account.
    """

    id: str
    name_km: str
    name_en: str
    community: str
    told: int
    has_code: bool


@dataclass(frozen=True, slots=True)
class OfferedNarrator:
    """A known narrator as somebody is to recognise her by: what she told last, when, and where she lives."""

    id: str
    name_km: str
    name_en: str
    community: str
    place: ToldPlace | None
    title_km: str
    title_en: str
    day: Day | None
    told: int


def narrators(session: Session, viewer: Viewer, wanted: ListRequest) -> ListPage[NarratorRow]:
    """A page of the narrators this viewer may know of, the newest record first; words are looked for in names."""
    found = _rows(viewer).order_by(Narrator.created_at.desc(), Narrator.id)
    known = select(func.count()).select_from(Narrator).where(_known(viewer))
    everything = total = session.scalar(known) or 0
    if wanted.words:
        named = (_named(viewer), *(_has(word) for word in wanted.words))
        found, total = found.where(*named), session.scalar(known.where(*named)) or 0
    rows = [NarratorRow(*row) for row in session.execute(found.offset(wanted.offset).limit(PAGE))]
    return ListPage(wanted, rows, total, everything)


def _rows(viewer: Viewer) -> Select[str, str, str, str, int, bool]:
    told = select(func.count()).where(
        Testimony.narrator_id == Narrator.id, Testimony.id.in_(gate.permitted(viewer, "existence"))
    )
    named = _named(viewer)
    return select(
        Narrator.id,
        case((named, Narrator.pseudonym_km), else_=""),
        case((named, Narrator.pseudonym_en), else_=""),
        Narrator.community,
        told.scalar_subquery(),
        Narrator.code_hash.is_not(None),
    ).where(_known(viewer))


def _known(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.role == "steward":
        return true()
    return Narrator.id.in_(select(Testimony.narrator_id).where(Testimony.id.in_(gate.permitted(viewer, "existence"))))


def _named(viewer: Viewer) -> ColumnElement[bool]:
    if viewer.role == "steward":
        return true()
    return Narrator.id.in_(select(Testimony.narrator_id).where(Testimony.id.in_(gate.permitted(viewer, "pseudonym"))))


def _has(text: str) -> ColumnElement[bool]:
    return or_(*(name.icontains(text, autoescape=True) for name in (Narrator.pseudonym_km, Narrator.pseudonym_en)))


def one(session: Session, viewer: Viewer, narrator_id: str) -> NarratorRow:
    """A narrator by her id.

    Raises:
        Unknown: there is none, or this viewer may not know of her.
    """
    found = session.execute(_rows(viewer).where(Narrator.id == narrator_id)).one_or_none() if viewer.inside else None
    if found is None:
        raise Unknown("There is no such thing here.")
    return NarratorRow(*found)


def same_name(session: Session, viewer: Viewer, name_km: str, name_en: str) -> list[OfferedNarrator]:
    """The narrators of whom this viewer may know that they bear one of these names, the newest record first."""
    same = [
        func.lower(column) == name.lower()
        for column, name in ((Narrator.pseudonym_km, name_km), (Narrator.pseudonym_en, name_en))
        if name
    ]
    if not same:
        return []
    found = _rows(viewer).where(_named(viewer), or_(*same)).order_by(Narrator.created_at.desc(), Narrator.id)
    return offered(session, viewer, [NarratorRow(*row) for row in session.execute(found.limit(OFFERED))])


def offered(session: Session, viewer: Viewer, rows: Sequence[NarratorRow]) -> list[OfferedNarrator]:
    """These narrators, each with the testimony she told last."""
    return [_offered(session, viewer, row) for row in rows]


def _offered(session: Session, viewer: Viewer, row: NarratorRow) -> OfferedNarrator:
    newest = (
        select(Testimony.id)
        .where(Testimony.narrator_id == row.id, Testimony.id.in_(gate.permitted(viewer, "existence")))
        .order_by(Testimony.recorded_on.desc().nulls_last(), Testimony.created_at.desc())
        .limit(1)
    )
    last = next(iter(cards(session, viewer, list(session.scalars(newest))).values()), None)
    return OfferedNarrator(
        id=row.id,
        name_km=row.name_km,
        name_en=row.name_en,
        community=row.community,
        place=last.place if last else None,
        title_km=last.title_km if last else "",
        title_en=last.title_en if last else "",
        day=last.recorded_on if last else None,
        told=row.told,
    )


def testimonies_of(session: Session, narrator_id: str) -> list[str]:
    """Ids of a narrator's testimonies, oldest first, whoever may know of them."""
    hers = select(Testimony.id).where(Testimony.narrator_id == narrator_id)
    return list(session.scalars(hers.order_by(Testimony.created_at, Testimony.id)))
