"""What the lyric desk's first page shows: every song at work, and what each still waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.catalogue.title_lookup import has_title
from archive.lists import PAGE, ListPage, ListRequest
from archive.lyrics import shared_draft
from archive.lyrics.current_words import current_lyric
from archive.lyrics.lyric_versions import trouble
from archive.models import Account, Draft, LyricLine, LyricVersion, Song, Source
from archive.models.lyric import IS_CURRENT

NEEDS = "needs"
STATE_ORDER = ("held", "draft", "published", "retired")


@dataclass(frozen=True, slots=True)
class DeskSong:
    """A song as the desk lists it.

    Attributes:
        versions: how many were kept; `lines` and `told` are of the newest: all, and those that draw on a testimony.
        held: lines that wait for a decision; `moved`: sources whose words are no longer there as quoted.
        changed_at, changed_by: of the draft; None and empty where there is none.
    """

    song: Song
    versions: int
    lines: int
    told: int
    held: int
    moved: int
    changed_at: datetime | None
    changed_by: str
    here: tuple[str, ...]

    @property
    def needs(self) -> int:
        return self.held + self.moved


def on_the_desk(session: Session, viewer: Viewer, wanted: ListRequest) -> ListPage[DeskSong]:
    """A page of the songs this viewer may work at: those that wait for a decision first, then the last changed.

    Args:
        wanted: `state` is `needs`, or one of `STATE_ORDER`.
    """
    mine = select(Song).where(Song.id.in_(gate.visible_songs(viewer)))
    found = mine.where(*has_title(wanted.words))
    if wanted.state == NEEDS:
        found = found.where(_needs())
    elif wanted.state in STATE_ORDER:
        found = found.where(Song.state == wanted.state)
    changed = select(Draft.changed_at).where(Draft.song_id == Song.id).correlate(Song).scalar_subquery()
    order = (
        case((_needs(), 0), else_=1),
        case({state: place for place, state in enumerate(STATE_ORDER)}, value=Song.state),
        func.coalesce(changed, Song.created_at).desc(),
        Song.slug,
    )
    rows = [
        _on_desk(session, song) for song in session.scalars(found.order_by(*order).offset(wanted.offset).limit(PAGE))
    ]
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    by_state = mine.with_only_columns(Song.state, func.count()).group_by(Song.state)
    states = {row[0]: row[1] for row in session.execute(by_state)}
    needs = session.scalar(mine.where(_needs()).with_only_columns(func.count())) or 0
    counts = {name: count for name, count in ((NEEDS, needs), *states.items()) if count}
    return ListPage(wanted, rows, total, sum(states.values()), counts)


def _needs() -> ColumnElement[bool]:
    """Of a song: a line of its current words is held, or a source of one has moved."""
    current = (LyricVersion.song_id == Song.id, IS_CURRENT)
    held = select(LyricLine.id).join(LyricVersion).where(*current, LyricLine.held.is_(True))
    moved = select(Source.id).join(LyricLine).join(LyricVersion).where(*current, Source.state == "review")
    return held.correlate(Song).exists() | moved.correlate(Song).exists()


def _on_desk(session: Session, song: Song) -> DeskSong:
    lyric = current_lyric(session, song.id)
    lines = [line.id for line in lyric.lines] if lyric else []
    told = session.scalar(select(func.count(func.distinct(Source.line_id))).where(Source.line_id.in_(lines))) or 0
    draft = session.get(Draft, song.id)
    who = session.get(Account, draft.changed_by_id) if draft and draft.changed_by_id else None
    held, moved = trouble(session, song)
    return DeskSong(
        song=song,
        versions=lyric.number if lyric else 0,
        lines=len(lines),
        told=told,
        held=held,
        moved=moved,
        changed_at=draft.changed_at if draft else None,
        changed_by=who.display_name if who else "",
        here=tuple(dict.fromkeys(one.name for one in shared_draft.here(session, song.id, ""))),
    )
