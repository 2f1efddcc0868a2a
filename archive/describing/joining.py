"""Which of a narrator's recordings are parts of one telling: chosen by hand, as one act over all, undone as one.

Being a part is a field of the description, so a sheet, a page and the undoing of either mean the same. Whoever joins
must be one to whom her name is told with each of the recordings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.catalogue import parts
from archive.catalogue.cards import TestimonyCard, cards
from archive.catalogue.parts import Part
from archive.describing import changes, fields
from archive.describing.changes import DescriptionAct
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.language.numerals import western
from archive.models import Testimony, new_id

_ALONE = Message("One recording alone is no part. Give a second one a number, or leave all without.")
_TWICE = Message("Two recordings have the number {n}. Give each its own.")
_NO_NUMBER = Message("A part has a number from 1 to {n}.")


class CannotJoin(ArchiveError, ValueError):
    """So they are no parts of one telling; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class OfferedPart:
    """One of a narrator's recordings, as it is offered to be a part.

    Attributes:
        number: its own in the whole that is looked at; None where it is in none, or in another.
        elsewhere: it is a part of another whole.
    """

    card: TestimonyCard
    number: int | None
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class OfferedParts:
    """All that can be joined with a testimony, the oldest first; `seen` is the newest version among them."""

    whole: str
    offered: tuple[OfferedPart, ...]
    seen: int


def offered(session: Session, viewer: Viewer, testimony_id: str) -> OfferedParts:
    """What can be joined with a testimony, itself among it.

    Raises:
        Unknown: there is no such testimony, or this viewer may not say of it what it is part of.
    """
    if "part" not in fields.fields_for(session, viewer, testimony_id):
        raise Unknown("There is no such thing here.")
    mine = session.get_one(Testimony, testimony_id)
    query = (
        select(Testimony)
        .where(Testimony.narrator_id == mine.narrator_id, *gate.conditions(viewer, "pseudonym"))
        .order_by(Testimony.recorded_on, Testimony.created_at, Testimony.id)
    )
    hers = session.scalars(query).all()
    known = cards(session, viewer, [one.id for one in hers])
    found = [
        OfferedPart(
            known[one.id],
            one.part_number if one.whole == mine.whole else None,
            bool(one.whole) and one.whole != mine.whole,
        )
        for one in hers
        if one.id in known
    ]
    seen = max(changes.version(session, one) for one in hers if one.id in known)
    return OfferedParts(mine.whole, tuple(found), seen)


def preview(session: Session, viewer: Viewer, testimony_id: str, numbers: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts in their order, on one time line; none where all stand alone then. Nothing is written.

    Args:
        numbers: testimony -> its number as somebody wrote it, or empty.

    Raises:
        Unknown, CannotJoin: as `join`.
    """
    here = offered(session, viewer, testimony_id)
    wanted = _numbers(here, numbers)
    chosen = sorted((number, one.card.id, one.card) for one in here.offered if (number := wanted[one.card.id]))
    return parts.on_one_time_line([card for _number, _id, card in chosen])


def join(
    session: Session, viewer: Viewer, testimony_id: str, numbers: Mapping[str, str], *, seen: int | None = None
) -> DescriptionAct:
    """Make these recordings the parts of one telling, in this order; those without a number leave it.

    Raises:
        Unknown: as `offered`.
        CannotJoin: see there.
        changes.ChangedMeanwhile: somebody joined or parted one of them since `seen`.
    """
    here = offered(session, viewer, testimony_id)
    wanted = _numbers(here, numbers)
    whole = here.whole or parts.new_whole()
    act, touched, changed = new_id(), set[str](), False
    for one in here.offered:
        number = wanted[one.card.id]
        if number is None and one.number is None:
            continue
        part = f"{whole} {number}" if number else ""
        done = changes.change(session, viewer, one.card.id, {"part": part}, seen=seen, act_id=act)
        touched |= done.touched
        changed = changed or bool(done.fields)
    return DescriptionAct(act, ("part",) if changed else (), frozenset(touched))


def _numbers(here: OfferedParts, written: Mapping[str, str]) -> dict[str, int | None]:
    """Testimony -> its number, of all that are offered. Raises CannotJoin."""
    found = {one.card.id: _number(written.get(one.card.id, "")) for one in here.offered}
    given = [number for number in found.values() if number is not None]
    if len(given) == 1:
        raise CannotJoin(_ALONE)
    for number in given:
        if given.count(number) > 1:
            raise CannotJoin(_TWICE, n=number)
    return found


def _number(text: str) -> int | None:
    written = western(text).strip()
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 3 and int(written)):
        raise CannotJoin(_NO_NUMBER, n=parts.MOST)
    return int(written)
