"""Set lists: songs in an order, for a session or a concert, and which of them were sung."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.models.base import Base, Id, UtcDateTime, new_id, now
from archive.models.song import Song


class SetList(Base):
    """Songs for one evening; only the band sees it.

    Attributes:
        people: how many came, as somebody counted; None where nobody did.
        removed_at: taken away, and kept so that it can be put back.
    """

    __tablename__ = "set_list"
    __table_args__ = (Index("ix_set_list_held_on_id", "held_on", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    title: Mapped[str] = mapped_column(String(200))
    held_on: Mapped[date | None]
    place: Mapped[str] = mapped_column(String(200), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    people: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SetSong(Base):
    """One song of a set, in its place.

    Attributes:
        semitones: how much higher than the song's own key, or lower.
        tempo: per cent of the song's own speed.
        singer: who sings it, in the band's words.
        sung: somebody wrote down that it was sung.
        removed_at: taken out, and kept so that it can be put back.
    """

    __tablename__ = "set_song"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    set_id: Mapped[str] = mapped_column(ForeignKey("set_list.id", ondelete="CASCADE"), index=True)
    song_id: Mapped[str] = mapped_column(ForeignKey("song.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    semitones: Mapped[int] = mapped_column(default=0)
    tempo: Mapped[int] = mapped_column(default=100)
    singer: Mapped[str] = mapped_column(String(200), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    sung: Mapped[bool] = mapped_column(default=False)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    song: Mapped[Song] = relationship(lazy="joined")
