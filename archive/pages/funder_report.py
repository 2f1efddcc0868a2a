"""What a funder is told of some months: songs that went out, sessions that were held, and what was released.

Sessions and the people at them are what members wrote down by hand (`archive.songs.set_lists`); nobody who listens on
the site is counted, here or anywhere. Where a session was held, and what it was called, stays with the band.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive import time_zone
from archive.access import gate, song_access
from archive.models import Release, SetEntry, SetList, Song


@dataclass(frozen=True, slots=True)
class ReportedSong:
    """A song that went out in the time, and is open to everybody still."""

    slug: str
    title_km: str
    title_en: str
    published: date


@dataclass(frozen=True, slots=True)
class ReportedMonth:
    """One month: sessions held, songs sung at them, people as far as somebody counted, and releases by kind.

    Attributes:
        uncounted: sessions at which nobody counted the people.
    """

    month: date
    sessions: int
    sung: int
    people: int
    uncounted: int
    releases: dict[str, int]


@dataclass(frozen=True, slots=True)
class FunderReport:
    """From `first` to `last`, both included."""

    first: date
    last: date
    songs: tuple[ReportedSong, ...]
    months: tuple[ReportedMonth, ...]

    @property
    def sessions(self) -> int:
        return sum(one.sessions for one in self.months)

    @property
    def sung(self) -> int:
        return sum(one.sung for one in self.months)

    @property
    def people(self) -> int:
        return sum(one.people for one in self.months)

    @property
    def uncounted(self) -> int:
        return sum(one.uncounted for one in self.months)

    @property
    def releases(self) -> Counter[str]:
        whole: Counter[str] = Counter()
        for one in self.months:
            whole.update(one.releases)
        return whole


def funder_report(session: Session, first: date, last: date) -> FunderReport:
    """The report of these days, which are in order."""
    begins, ends = time_zone.opens_on(first), time_zone.opens_on(date.fromordinal(last.toordinal() + 1))
    out = select(Song).where(
        Song.published_at >= begins, Song.published_at < ends, Song.id.in_(song_access.shown_songs(gate.PUBLIC))
    )
    songs = tuple(
        ReportedSong(one.slug, one.title_km, one.title_en, time_zone.day_of(one.published_at))
        for one in session.scalars(out.order_by(Song.published_at, Song.id))
        if one.published_at
    )
    held = _sessions(session, first, last)
    left: dict[date, Counter[str]] = {}
    for kind, at in session.execute(select(Release.kind, Release.at).where(Release.at >= begins, Release.at < ends)):
        left.setdefault(time_zone.day_of(at).replace(day=1), Counter())[kind] += 1
    months = []
    for month in sorted({*held, *left}):
        mine = held.get(month, [])
        counted = [people for _sung, people in mine if people is not None]
        sung = sum(many for many, _people in mine)
        months.append(
            ReportedMonth(
                month, len(mine), sung, sum(counted), len(mine) - len(counted), dict(left.get(month, Counter()))
            )
        )
    return FunderReport(first, last, songs, tuple(months))


def _sessions(session: Session, first: date, last: date) -> dict[date, list[tuple[int, int | None]]]:
    """Of each month, the sessions of which somebody wrote down what was sung or who came: songs sung, and people."""
    sung = (
        select(SetEntry.set_id, func.count().label("many"))
        .where(SetEntry.sung, SetEntry.removed_at.is_(None))
        .group_by(SetEntry.set_id)
        .subquery()
    )
    rows = session.execute(
        select(SetList.held_on, func.coalesce(sung.c.many, 0), SetList.people)
        .outerjoin(sung, sung.c.set_id == SetList.id)
        .where(SetList.removed_at.is_(None), SetList.held_on >= first, SetList.held_on <= last)
        .where(sung.c.many.is_not(None) | SetList.people.is_not(None))
    )
    held: dict[date, list[tuple[int, int | None]]] = {}
    for held_on, many, people in rows:
        if held_on is not None:
            held.setdefault(held_on.replace(day=1), []).append((many, people))
    return held
