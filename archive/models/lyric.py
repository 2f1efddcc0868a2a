"""Lyrics: versions that are kept for ever, and their lines in Khmer, romanised and English."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ColumnElement, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.models.base import Base, Id, UtcDateTime, new_id, now
from archive.models.source import Source


class LyricVersion(Base):
    """A saved state of a song's words; the one with the highest number is the current one."""

    __tablename__ = "lyric_version"
    __table_args__ = (UniqueConstraint("song_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    song_id: Mapped[str] = mapped_column(ForeignKey("song.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    made_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    lines: Mapped[list[LyricLine]] = relationship(
        order_by="LyricLine.position", cascade="all, delete-orphan", passive_deletes=True
    )


_version = LyricVersion.__table__
_later = _version.alias("later_lyric")
IS_CURRENT: ColumnElement[bool] = ~(
    select(_later.c.id)
    .where(_later.c.song_id == _version.c.song_id, _later.c.number > _version.c.number)
    .correlate(_version)
    .exists()
)
"""Of a `LyricVersion` in a query: it is its song's current one."""


class LyricLine(Base):
    """One line of a lyric.

    Attributes:
        section: `verse 1`, `chorus`, …; equal names after a gap are repeats.
        words: the line's Khmer words as corrected by people; joined, with the spaces kept, they give `km` back.
        own: the band's own line, which needs no source.
        held: a source's consent no longer covers it; it is not shown or sung until decided.
    """

    __tablename__ = "lyric_line"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    version_id: Mapped[str] = mapped_column(ForeignKey("lyric_version.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    section: Mapped[str] = mapped_column(String(40), default="")
    km: Mapped[str] = mapped_column(Text, default="")
    romanised: Mapped[str] = mapped_column(Text, default="")
    en: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[list[str]] = mapped_column(JSON, default=list)
    own: Mapped[bool] = mapped_column(default=False)
    held: Mapped[bool] = mapped_column(default=False)

    sources: Mapped[list[Source]] = relationship(
        order_by=Source.made_at, cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def relation(self) -> str:
        """How close the line is to what was said: its closest source's relation, `own` without any."""
        order = ("verbatim", "adapted", "inspired")
        return next((r for r in order if any(s.relation == r for s in self.sources)), "own")
