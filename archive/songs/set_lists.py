"""Sets: the band puts songs in an order for a session, sings through them, and writes down what was sung.

A set names what is heard and nothing of it: what is shown, and whether words and sound are there, the gate says at
every look. Shown to everybody it is a listening list. What was sung is what a member wrote down; nobody who listens is
counted by the site.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.language.messages import Message
from archive.language.normalise import tidy
from archive.ledgers import audit
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import SetEntry, SetList, now
from archive.songs.set_entries import LONGEST_NOTES, NotASet, entries_of, row_of, set_at, songs_of, whole_number

MOST_PEOPLE = 1_000_000


@dataclass(frozen=True, slots=True)
class SetRow:
    """A set in the list: how many songs it has that its reader may open, and how many of them were sung."""

    set: SetList
    songs: int
    sung: int


def listed(session: Session, viewer: Viewer, wanted: ListRequest) -> ListPage[SetRow]:
    """The sets, the latest day first and those without a day before all; found by title or place."""
    there = SetList.removed_at.is_(None)
    found = [
        or_(SetList.title.icontains(word, autoescape=True), SetList.place.icontains(word, autoescape=True))
        for word in wanted.words
    ]
    everything = session.scalar(select(func.count()).select_from(SetList).where(there)) or 0
    total = session.scalar(select(func.count()).select_from(SetList).where(there, *found)) or 0
    order = (SetList.held_on.is_not(None), SetList.held_on.desc(), SetList.created_at.desc(), SetList.id)
    sets = session.scalars(
        select(SetList).where(there, *found).order_by(*order).offset(wanted.offset).limit(PAGE)
    ).all()
    rows = session.execute(
        select(SetEntry.set_id, func.count(), func.count().filter(SetEntry.sung))
        .where(
            SetEntry.set_id.in_([one.id for one in sets]),
            SetEntry.removed_at.is_(None),
            SetEntry.song_id.in_(gate.visible_songs(viewer)),
        )
        .group_by(SetEntry.set_id)
    )
    counts = {set_id: (many, sung) for set_id, many, sung in rows}
    return ListPage(wanted, [SetRow(one, *counts.get(one.id, (0, 0))) for one in sets], total, everything)


def begin(session: Session, written: Mapping[str, str], by_id: str) -> SetList:
    """A new set. Raises NotASet."""
    made = SetList()
    _write(made, written)
    session.add(made)
    session.flush()
    audit.note(session, by_id, "set.begun", f"set:{made.id}")
    return made


class SetOvertaken(RuntimeError):
    """Somebody else has changed the set since it was looked at; nothing is written."""


def changing(session: Session, set_id: str, seen: int | None) -> SetList:
    """A set that is about to be changed by whoever looked at this revision of it; None asks for none.

    Raises:
        Unknown: there is no such set.
        SetOvertaken: see there.
    """
    found = set_at(session, set_id)
    session.refresh(found, with_for_update=True)
    if seen is not None and seen != found.revision:
        raise SetOvertaken("Somebody else has changed this meanwhile.")
    found.revision += 1
    return found


def write(session: Session, set_id: str, written: Mapping[str, str], seen: int | None = None) -> None:
    """Write anew what is said of a set. Raises NotASet, SetOvertaken, Unknown."""
    _write(changing(session, set_id, seen), written)


def show(session: Session, viewer: Viewer, set_id: str, by_id: str, *, to_everybody: bool) -> SetList:
    """Show a set to everybody as a listening list, or only to the band again. Raises NotASet, Unknown."""
    found = set_at(session, set_id)
    if to_everybody and not any(one.kind != "step" for one in entries_of(session, viewer, set_id)):
        raise NotASet(Message("Put in a song or a moment first."))
    found.shown_at = now() if to_everybody else None
    audit.note(session, by_id, "set.shown" if to_everybody else "set.hidden", f"set:{set_id}")
    return found


def _write(one: SetList, written: Mapping[str, str]) -> None:
    title = row_of(written.get("title", ""))
    if not title:
        raise NotASet(Message("Write what the set is called."))
    try:
        held_on = date.fromisoformat(written["held_on"].strip()) if written.get("held_on", "").strip() else None
    except ValueError:
        raise NotASet(Message("Choose the day again; this is none.")) from None
    one.title, one.title_en = title, row_of(written.get("title_en", ""))
    one.held_on, one.place = held_on, row_of(written.get("place", ""))
    one.notes = tidy(written.get("notes", "")).strip()[:LONGEST_NOTES]


def remove(session: Session, set_id: str, by_id: str, *, back: bool = False) -> SetList:
    """Take a set away, or put it back. Raises Unknown."""
    found = session.get(SetList, set_id)
    if found is None or (found.removed_at is not None) is not back:
        raise Unknown("There is no such thing here.")
    found.removed_at = None if back else now()
    audit.note(session, by_id, "set.put-back" if back else "set.removed", f"set:{set_id}")
    return found


def write_sung(session: Session, viewer: Viewer, set_id: str, sung: Collection[str], people: str, by_id: str) -> None:
    """Write down which songs of a set were sung, and how many people came, if somebody counted. Raises NotASet."""
    one = set_at(session, set_id)
    counted = whole_number(people) if people.strip() else None
    if people.strip() and (counted is None or not 0 <= counted <= MOST_PEOPLE):
        raise NotASet(Message("Write how many people came as a number, or leave it empty."))
    mine = [entry.id for entry in songs_of(session, viewer, set_id)]
    for entry_id in mine:
        session.execute(update(SetEntry).where(SetEntry.id == entry_id).values(sung=entry_id in sung))
    one.people = counted
    audit.note(session, by_id, "set.sung", f"set:{set_id}", {"songs": len(set(mine) & set(sung))})
