"""What is said of a song or a campaign, changed by people: two of them safe from each other, and with the way back.

Who sends a form says which revision it showed. Where somebody was quicker nothing is written, and the page shows what
is there now beside what was typed. A change can be undone for as long as what it wrote still stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.ledgers import audit
from archive.models import Campaign, DetailChange, Song, now

PAGE = 20


class DetailsOvertaken(RuntimeError):
    """Somebody else has changed it since it was looked at."""


class ChangeStands(ValueError):
    """What a change wrote was written over since, so that undoing it would undo that as well."""


def change(
    session: Session, row: Song | Campaign, wanted: Mapping[str, Any], by_id: str, seen: int | None = None
) -> DetailChange | None:
    """Write the fields that are different; None where none is.

    Args:
        wanted: field -> value, as JSON holds it; a day is written `2024-03-01`.
        seen: the revision that was looked at; None for a change that depends on nothing else.

    Raises:
        DetailsOvertaken: see there; nothing is written.
    """
    session.refresh(row, with_for_update=True)
    if seen is not None and seen != row.revision:
        raise DetailsOvertaken("Somebody else has changed this meanwhile.")
    before = {name: plain(getattr(row, name)) for name, value in wanted.items() if plain(getattr(row, name)) != value}
    if not before:
        return None
    after = {name: wanted[name] for name in before}
    _put(row, after)
    made = DetailChange(number=row.revision, before=before, after=after, by_id=by_id, **_of(row))
    session.add(made)
    session.flush()
    audit.note(session, by_id, f"{_kind(row)}.described", f"{_kind(row)}:{row.id}", {"change": made.id})
    return made


def undo(session: Session, row: Song | Campaign, change_id: str, by_id: str) -> None:
    """Put back what stood before a change.

    Raises:
        ChangeStands: see there.
        Unknown: there is no such change of this row, or it was undone.
    """
    session.refresh(row, with_for_update=True)
    made = session.get(DetailChange, change_id)
    if made is None or made.undone_at is not None or (made.song_id or made.campaign_id) != row.id:
        raise Unknown("There is no such thing here.")
    if not still_stands(row, made):
        raise ChangeStands("Something was changed after it.")
    _put(row, made.before)
    made.undone_at = now()
    session.flush()
    audit.note(session, by_id, f"{_kind(row)}.undone", f"{_kind(row)}:{row.id}", {"change": made.id})


def still_stands(row: Song | Campaign, made: DetailChange) -> bool:
    """Whether all that a change wrote is there as it wrote it."""
    return made.undone_at is None and all(plain(getattr(row, name)) == value for name, value in made.after.items())


def changes_of(session: Session, row: Song | Campaign, limit: int = PAGE) -> list[DetailChange]:
    """The newest changes."""
    mine = select(DetailChange).filter_by(**_of(row))
    return list(session.scalars(mine.order_by(DetailChange.at.desc(), DetailChange.id).limit(limit)))


def forget_changes(session: Session, row: Song | Campaign) -> None:
    """Keep no earlier state: something in it is not to be kept."""
    for made in session.scalars(select(DetailChange).filter_by(**_of(row))):
        session.delete(made)
    session.flush()


def plain(value: Any) -> Any:
    """A field's value as JSON holds it."""
    return value.isoformat() if isinstance(value, date) else value


def _put(row: Song | Campaign, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        is_day = name.endswith("_on") and value is not None
        setattr(row, name, date.fromisoformat(value) if is_day else value)
    row.revision += 1


def _kind(row: Song | Campaign) -> str:
    return "song" if isinstance(row, Song) else "campaign"


def _of(row: Song | Campaign) -> dict[str, str]:
    return {f"{_kind(row)}_id": row.id}
