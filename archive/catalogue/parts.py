"""Several recordings of one telling: parts of a whole, in an order, on one time line.

A telling that took days, or that a recorder cut, is described as parts. Each stays a testimony of its own: its sound,
its words and what its narrator allowed of it are asked of the gate one by one, so that nothing is told more widely than
before. That two recordings are parts of one whole says that one woman told both. So it is said only to whoever is told
the same of her with both of them: her name, and her place.

A whole is a short word, the same with all its parts; another narrator's parts may bear the same word.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.catalogue.cards import TestimonyCard, cards
from archive.catalogue.field_values import DescriptionInvalid
from archive.language.messages import Message
from archive.language.numerals import western
from archive.models import Testimony, new_id

MOST = 99
_WRITTEN = re.compile(r"([^\s=+@'\"-][^\s\"',;]{0,19}) ([0-9]{1,2})")
_NOT_A_PART = Message("“{value}” names no part; write a word for the whole and a number, such as “rain 2”")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole, as far as a viewer may know of it.

    Attributes:
        number: counted among the parts that this viewer may know of, from 1.
        starts_ms: where it begins on the time line of these parts; None where one before it has no length to be told.
    """

    card: TestimonyCard
    number: int
    starts_ms: int | None


@dataclass(frozen=True, slots=True)
class PartLabel:
    """Which of how many parts a testimony is, for a viewer."""

    number: int
    of: int


def read_part(text: str) -> str:
    """A part as it is kept, `WHOLE NUMBER`, from what somebody wrote; empty for none. Raises DescriptionInvalid."""
    written = " ".join(western(text).split())
    if not written:
        return ""
    found = _WRITTEN.fullmatch(written)
    if found is None or int(found[2]) < 1:
        raise DescriptionInvalid(_NOT_A_PART, "part", value=text[:40])
    return f"{found[1]} {int(found[2])}"


def kept_part(testimony: Testimony) -> str:
    """As `read_part` has it."""
    return f"{testimony.whole} {testimony.part_number}" if testimony.whole else ""


def put_part(testimony: Testimony, kept: str) -> None:
    """Make a testimony this part of a whole, or of none."""
    whole, _, number = kept.partition(" ")
    testimony.whole, testimony.part_number = whole, int(number) if whole else None


def new_whole() -> str:
    """A word for a whole that nobody wrote one for."""
    return f"told-{new_id()[:8]}"


def parts_of(session: Session, viewer: Viewer, testimony_id: str) -> tuple[Part, ...]:
    """The parts of the whole that a testimony belongs to, itself among them; none where it stands alone for a viewer.

    Nothing is told where the testimony itself may not be known of.
    """
    # Of what may not be known of no more is asked than of what never was.
    known_of = select(Testimony).where(Testimony.id == testimony_id, *gate.conditions(viewer, "existence"))
    mine = session.scalars(known_of).one_or_none()
    if mine is None or not mine.whole:
        return ()
    query = (
        select(Testimony.id)
        .where(
            Testimony.whole == mine.whole,
            Testimony.narrator_id == mine.narrator_id,
            *gate.conditions(viewer, "pseudonym"),
        )
        .order_by(Testimony.part_number, Testimony.created_at, Testimony.id)
    )
    ids = session.scalars(query).all()
    known = cards(session, viewer, ids)
    here = known.get(testimony_id)
    return on_one_time_line([known[one] for one in ids if one in known and here and _as_told(known[one], here)])


def on_one_time_line(told: Sequence[TestimonyCard]) -> tuple[Part, ...]:
    """These testimonies one after another; none where there is but one."""
    found: list[Part] = []
    starts: int | None = 0
    for number, one in enumerate(told, 1):
        found.append(Part(one, number, starts))
        starts = None if starts is None or one.duration_ms is None else starts + one.duration_ms
    return tuple(found) if len(found) > 1 else ()


def labels(session: Session, viewer: Viewer, testimony_ids: Collection[str]) -> dict[str, PartLabel]:
    """Testimony -> which part it is, of those that are parts of something for this viewer."""
    belong = select(Testimony.id).where(Testimony.id.in_(list(testimony_ids)), Testimony.whole != "")
    found: dict[str, PartLabel] = {}
    for testimony_id in session.scalars(belong):
        if testimony_id not in found:
            parts = parts_of(session, viewer, testimony_id)
            found |= {one.card.id: PartLabel(one.number, len(parts)) for one in parts}
    return {one: label for one, label in found.items() if one in testimony_ids}


def keep_apart(session: Session, narrator_id: str, testimony_ids: Collection[str]) -> None:
    """Before these testimonies come to a narrator: none becomes a part of hers because the words are alike."""
    hers = set(session.scalars(select(Testimony.whole).where(Testimony.narrator_id == narrator_id)))
    renamed: dict[str, str] = {}
    for one in session.scalars(
        select(Testimony).where(Testimony.id.in_(list(testimony_ids)), Testimony.whole.in_(hers))
    ):
        if one.whole:
            one.whole = renamed.setdefault(one.whole, new_whole())
    session.flush()


def _as_told(one: TestimonyCard, here: TestimonyCard) -> bool:
    return (one.name_km, one.name_en, one.place) == (here.name_km, here.name_en, here.place)
