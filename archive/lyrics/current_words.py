"""The words a song has now: its newest kept version, and that version's lines.

In a query the same is said by `archive.models.lyric.IS_CURRENT`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.models import LyricLine, LyricVersion
from archive.models.lyric import IS_CURRENT


def current_lyric(session: Session, song_id: str) -> LyricVersion | None:
    """The newest kept version of a song's words."""
    return session.scalars(select(LyricVersion).where(LyricVersion.song_id == song_id, IS_CURRENT)).one_or_none()


def lines_of(session: Session, song_id: str) -> Sequence[LyricLine]:
    """The lines of the current words, held ones too."""
    version = current_lyric(session, song_id)
    return version.lines if version else []


def sung_lines(session: Session, song_id: str) -> list[LyricLine]:
    """The lines that are sung: of the current words, without those that are held."""
    return [line for line in lines_of(session, song_id) if not line.held]
