"""Second screens, in the database that every process of the site shares.

A telephone plays and a television shows the words. A row says which song, where it stands, whether and how fast it
goes, and when that was said; it lets itself be forgotten. A code says where to look and allows nothing: each screen
that follows is asked about at the gate for itself.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, func, not_, or_, select, update
from sqlalchemy.orm import Session

from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.models import Screen, Song
from archive.models.base import new_code

IDLE_MS = 3 * 3600 * 1000
TOUCH_MS = 60_000
UNUSED_MS = 30 * 60_000
"""How long a screen stays open of whose song nothing was ever told."""
SILENT_MS = 10 * 60_000
"""After how long without a word a screen makes room, where there are too many."""
MOST = 200
CODE_DIGITS = 6
NEAR_MS = 15
"""How far from what the row foretells a song may stand and still be where the row says."""
_LATE_MS = 2000
_SLACK_MS = 120_000  # clocks that are set by the network are put back by moments all the time


class Full(ArchiveError, RuntimeError):
    """More screens are open than this site keeps."""


@dataclass(frozen=True, slots=True)
class PlayerReport:
    """Where a song stands, as its player says.

    Attributes:
        position_ms: of the song.
        rate: 1 for the song's own speed.
        at_ms: when that was, by the clock of `now_ms`.
        slug: the song's address, once the gate has let its player through; empty for the one that played before.
    """

    position_ms: int
    rate: float
    playing: bool
    at_ms: int
    slug: str = ""


@dataclass(frozen=True, slots=True)
class ScreenPosition:
    """Where a song stood at a moment: a row of `archive.models.Screen`, with the song's slug."""

    slug: str
    number: int
    position_ms: int
    at_ms: int
    playing: bool
    rate: float
    heard_ms: int

    def foretells(self, told: PlayerReport) -> bool:
        """Whether what is told changes nothing for who follows, so that it need not be written."""
        since = (told.at_ms - self.at_ms) * self.rate if self.playing else 0
        near = abs(self.position_ms + since - told.position_ms) <= NEAR_MS
        return near and (told.playing, told.rate, told.slug or self.slug) == (self.playing, self.rate, self.slug)


def now_ms(session: Session) -> int:
    """The clock that all of the site's processes share, in milliseconds since 1970.

    A PostgreSQL server's own where there is one, since the processes may run on several machines.
    """
    if session.get_bind().dialect.name == "postgresql":
        seconds = session.scalar(select(func.extract("epoch", func.clock_timestamp())))
        return round(float(seconds or 0) * 1000)
    return time.time_ns() // 1_000_000


def moment(at_ms: float | None, now: int) -> int:
    """When something was told: what lies in the future or is long past is taken for now."""
    return now if at_ms is None or not now - _LATE_MS <= at_ms <= now else round(at_ms)


def open_screen(session: Session, slug: str, now: int) -> str:
    """A new code for the song, once the gate has let its player through; forgotten and silent screens make room.

    Raises:
        Full: there are too many, and all of them are spoken of.
        sqlalchemy.exc.NoResultFound: there is no such song.
    """
    song_id = session.scalars(select(Song.id).where(Song.slug == slug)).one()
    sweep(session, now)
    if (session.scalar(select(func.count()).select_from(Screen)) or 0) >= MOST:
        silent = session.scalar(
            select(Screen.code).where(Screen.heard_ms < now - SILENT_MS).order_by(Screen.heard_ms).limit(1)
        )
        if silent is None:
            raise Full(Message("Too many screens are open. Try again later."))
        close(session, silent)
    code = new_code(CODE_DIGITS)
    while session.get(Screen, code) is not None:
        code = new_code(CODE_DIGITS)
    session.add(Screen(code=code, song_id=song_id, at_ms=now, heard_ms=now))
    session.flush()
    return code


def tell(session: Session, code: str, told: PlayerReport, now: int) -> bool:
    """Write down where the song stands, or which other one does; False when there is no such screen any more."""
    said: dict[str, object] = {"position_ms": told.position_ms, "rate": told.rate, "playing": told.playing}
    said["at_ms"] = told.at_ms
    if told.slug:
        said["song_id"] = select(Song.id).where(Song.slug == told.slug).scalar_subquery()
    changed = session.execute(
        update(Screen)
        .where(Screen.code == code, _open(now))
        .values(number=Screen.number + 1, heard_ms=now, **said)
        .returning(Screen.code)
    )
    return changed.first() is not None


def place(session: Session, code: str, now: int) -> ScreenPosition | None:
    """Where the song of that code stands; None where no screen of that code is open."""
    if len(code) != CODE_DIGITS or not code.isdecimal():
        return None  # an address may hold anything, and PostgreSQL refuses some of it
    fields = (Screen.number, Screen.position_ms, Screen.at_ms, Screen.playing, Screen.rate, Screen.heard_ms)
    row = session.execute(
        select(Song.slug, *fields).join(Song, Song.id == Screen.song_id).where(Screen.code == code, _open(now))
    ).one_or_none()
    return None if row is None else ScreenPosition(*row)


def close(session: Session, code: str) -> None:
    session.execute(delete(Screen).where(Screen.code == code))


def sweep(session: Session, now: int | None = None) -> None:
    """Forget the screens of which nobody has spoken for hours."""
    session.execute(delete(Screen).where(not_(_open(now_ms(session) if now is None else now))))


def _open(now: int) -> ColumnElement[bool]:
    # A clock that was put back closes what was heard of after the moment it shows: forgotten too soon, never too late.
    used = or_(Screen.number > 0, Screen.heard_ms > now - UNUSED_MS)
    return and_(Screen.heard_ms.between(now - IDLE_MS, now + _SLACK_MS), used)
