"""The public records for harvesters: which there are, what changed since a day, and what has to be forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import PUBLIC
from archive.catalogue.cards import TestimonyCard, cards
from archive.catalogue.tagging import on_words_taken_out
from archive.db import Database
from archive.models import (
    ConsentEvent,
    DescriptionChange,
    HarvestedRecord,
    Segment,
    Tagging,
    Term,
    Testimony,
)
from archive.models.base import UtcDateTime

AT_ONCE = 400
"""How many cards are asked for together."""


@dataclass(frozen=True, slots=True)
class HarvestRecord:
    """One record; `card` is None for a deleted one, of which nothing else is said.

    Attributes:
        subjects: names of its themes by language, as far as everybody may know them.
    """

    id: str
    changed_on: str
    card: TestimonyCard | None
    subjects: tuple[tuple[str, str], ...] = ()


def record_id(testimony_id: str) -> str:
    """The end of a testimony's OAI identifier; the testimony's own id cannot be read from it."""
    return sha256(f"oai-pmh {testimony_id}".encode()).hexdigest()[:32]


def utc_day() -> str:
    return _day_in_utc(datetime.now(UTC))


def _day_in_utc(moment: datetime) -> str:
    """The protocol's days are those of London, whatever the archive's own are."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def bring_up_to_date(database: Database) -> None:
    """Bring what harvesters may have up to what everybody may know now.

    A harvester asks as a stranger does, and most of its requests find nothing new: it takes a turn to write only where
    there is something to write.
    """
    with database.read() as session:
        waits = session.scalar(select(HarvestedRecord.id).where(_gone()).limit(1)) is not None
        waits = waits or session.scalar(_new().limit(1)) is not None or bool(_changed(session))
    if waits:
        with database.write() as session:
            _refresh(session)


def _refresh(session: Session) -> None:
    """Forget what is gone, take up what is new, and date what was changed."""
    forgotten = {"testimony_id": None, "changed_on": utc_day(), "deleted": True}
    session.execute(update(HarvestedRecord).where(_gone()).values(forgotten))
    had = {row.id: row for row in session.scalars(select(HarvestedRecord).where(HarvestedRecord.deleted.is_(True)))}
    for testimony_id in session.scalars(_new()).all():
        found = had.get(record_id(testimony_id)) or HarvestedRecord(id=record_id(testimony_id))
        session.add(found)
        found.testimony_id, found.changed_on, found.deleted = testimony_id, utc_day(), False
    session.flush()
    changed = [{"id": one, "changed_on": utc_day()} for one in _changed(session)]
    if changed:
        session.execute(update(HarvestedRecord), changed)


def _gone() -> ColumnElement[bool]:
    """Of a record that harvesters may still have: not everybody may know of its testimony any more."""
    public = gate.permitted(PUBLIC, "existence")
    lost = or_(HarvestedRecord.testimony_id.is_(None), HarvestedRecord.testimony_id.not_in(public))
    return and_(HarvestedRecord.deleted.is_(False), lost)


def _new() -> Select[str]:
    """Testimonies of which everybody may know, and harvesters do not yet."""
    told = select(HarvestedRecord.testimony_id).where(HarvestedRecord.testimony_id.is_not(None))
    return gate.permitted(PUBLIC, "existence").where(Testimony.id.not_in(told))


def _changed(session: Session) -> list[str]:
    """Records that were described or decided about on a later day than harvesters could have them."""
    described = (
        select(HarvestedRecord.id, func.max(DescriptionChange.at, type_=UtcDateTime))
        .join(Testimony, Testimony.id == HarvestedRecord.testimony_id)
        .join(
            DescriptionChange,
            or_(DescriptionChange.testimony_id == Testimony.id, DescriptionChange.narrator_id == Testimony.narrator_id),
        )
        .group_by(HarvestedRecord.id)
    )
    decided = (
        select(HarvestedRecord.id, func.max(ConsentEvent.at, type_=UtcDateTime))
        .join(ConsentEvent, ConsentEvent.testimony_id == HarvestedRecord.testimony_id)
        .group_by(HarvestedRecord.id)
    )
    known = dict(session.execute(select(HarvestedRecord.id, HarvestedRecord.changed_on)).all())
    every = (row for query in (described, decided) for row in session.execute(query))
    return sorted({one for one, at in every if _day_in_utc(at) > known[one]})


def earliest(session: Session) -> str:
    """The first day of all records."""
    return session.scalar(select(func.min(HarvestedRecord.changed_on))) or utc_day()


def records(
    session: Session, since: str, until: str, after: tuple[str, str], most: int
) -> tuple[Sequence[HarvestRecord], bool]:
    """Records of these days in order, behind `after` (day and id), and whether there are more."""
    query = select(HarvestedRecord).where(tuple_(HarvestedRecord.changed_on, HarvestedRecord.id) > after)
    if since:
        query = query.where(HarvestedRecord.changed_on >= since)
    if until:
        query = query.where(HarvestedRecord.changed_on <= until)
    rows = session.scalars(query.order_by(HarvestedRecord.changed_on, HarvestedRecord.id).limit(most + 1)).all()
    return _shown(session, rows[:most]), len(rows) > most


def record(session: Session, wanted: str) -> HarvestRecord | None:
    """One record; None where harvesters never had it."""
    row = session.get(HarvestedRecord, wanted) if wanted else None
    return next(iter(_shown(session, [row])), None) if row is not None else None


def _shown(session: Session, rows: Sequence[HarvestedRecord]) -> list[HarvestRecord]:
    ids = [row.testimony_id for row in rows if row.testimony_id]
    known = cards(session, PUBLIC, ids)
    subjects = subjects_of(session, list(known))
    return [
        HarvestRecord(
            row.id, row.changed_on, known.get(row.testimony_id or ""), tuple(subjects.get(row.testimony_id or "", ()))
        )
        for row in rows
    ]


def public_cards(session: Session) -> Iterator[tuple[TestimonyCard, tuple[tuple[str, str], ...]]]:
    """Every testimony that everybody may know of, by the day on which it was told, each with its themes' names."""
    known = select(Testimony.id).where(*gate.conditions(PUBLIC, "existence"))
    ids = session.scalars(known.order_by(Testimony.recorded_on.asc().nulls_last(), Testimony.id)).all()
    for start in range(0, len(ids), AT_ONCE):
        here = ids[start : start + AT_ONCE]
        shown, subjects = cards(session, PUBLIC, here), subjects_of(session, here)
        yield from ((shown[one], tuple(subjects.get(one, ()))) for one in here if one in shown)


def subjects_of(session: Session, ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """Confirmed themes that stand on no words taken out, in each language that has a name for them."""
    rows = session.execute(
        select(Tagging.testimony_id, Term)
        .join(Term, Term.id == Tagging.term_id)
        .outerjoin(Segment, Segment.id == Tagging.segment_id)
        .where(Tagging.testimony_id.in_(ids), Tagging.state == "confirmed", Term.kind == "theme", ~on_words_taken_out())
        .order_by(Tagging.testimony_id, Term.id)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for testimony_id, term in rows:
        names = found.setdefault(testimony_id, [])
        for language in ("km", "en"):
            pair = (language, next(iter(term.names(language)), ""))
            if pair[1] and pair not in names:
                names.append(pair)
    return found
