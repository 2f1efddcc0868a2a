"""What the lyric desk's first page shows: every song at work, and what each still waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.lyrics import shared_draft
from archive.lyrics.lyric_versions import trouble
from archive.models import Account, Draft, LyricLine, LyricVersion, Song, Source

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


def on_the_desk(session: Session, viewer: Viewer) -> list[DeskSong]:
    """Every song this viewer may work at: those that wait for a decision first, then the last changed."""
    songs = session.scalars(select(Song).where(Song.id.in_(gate.visible_songs(viewer)))).all()
    found = [_on_desk(session, song) for song in songs]
    found.sort(key=lambda one: one.song.slug)
    found.sort(key=lambda one: one.changed_at or one.song.created_at, reverse=True)
    return sorted(found, key=lambda one: (not one.needs, STATE_ORDER.index(one.song.state)))


def _on_desk(session: Session, song: Song) -> DeskSong:
    newest = session.scalar(select(func.max(LyricVersion.number)).where(LyricVersion.song_id == song.id)) or 0
    current = select(LyricLine.id).join(LyricVersion).where(
        LyricVersion.song_id == song.id, LyricVersion.number == newest
    )  # fmt: skip
    lines = session.scalars(current).all()
    told = session.scalar(select(func.count(func.distinct(Source.line_id))).where(Source.line_id.in_(lines))) or 0
    draft = session.get(Draft, song.id)
    who = session.get(Account, draft.changed_by_id) if draft and draft.changed_by_id else None
    held, moved = trouble(session, song)
    return DeskSong(
        song=song,
        versions=newest,
        lines=len(lines),
        told=told,
        held=held,
        moved=moved,
        changed_at=draft.changed_at if draft else None,
        changed_by=who.display_name if who else "",
        here=tuple(dict.fromkeys(one.name for one in shared_draft.here(session, song.id, ""))),
    )
