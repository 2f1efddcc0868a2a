"""Set lists: songs, moments of testimonies and steps in an order, for a session, a training or whoever listens."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.models.base import Base, Id, UtcDateTime, new_id, now
from archive.models.song import Song
from archive.timing import Span


class SetList(Base):
    """Songs for one evening, or a training's plan; the band's, until it is shown to everybody as a listening list.

    Attributes:
        title_en: the title in English, where `title` is in Khmer.
        people: how many came, as somebody counted; None where nobody did.
        revision: goes up with each change, so that two who write at once do not overwrite each other.
        shown_at: since when everybody sees it as a listening list; None while it is the band's.
        removed_at: taken away, and kept so that it can be put back.
    """

    __tablename__ = "set_list"
    __table_args__ = (Index("ix_set_list_held_on_id", "held_on", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    title: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200), default="", server_default="")
    held_on: Mapped[date | None]
    place: Mapped[str] = mapped_column(String(200), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    people: Mapped[int | None]
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    shown_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SetEntry(Base):
    """One place in a set: a song, a moment of a testimony, or a step that is neither.

    A moment names a testimony and a stretch of its recording, and none of the words said in it.

    Attributes:
        semitones: how much higher than the song's own key, or lower.
        tempo: per cent of the song's own speed.
        singer: who sings it, in the band's words.
        notes: for the band alone.
        sung: somebody wrote down that it was sung.
        heading: what a step is called.
        text: what is done or told in a step.
        questions: to talk about when it was heard, one on each row.
        minutes: how long it takes; None where nobody has thought about it.
        removed_at: taken out, and kept so that it can be put back.
    """

    __tablename__ = "set_song"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    set_id: Mapped[str] = mapped_column(ForeignKey("set_list.id", ondelete="CASCADE"), index=True)
    song_id: Mapped[str | None] = mapped_column(ForeignKey("song.id", ondelete="CASCADE"), index=True)
    testimony_id: Mapped[str | None] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    start_ms: Mapped[int | None]
    end_ms: Mapped[int | None]
    position: Mapped[int]
    semitones: Mapped[int] = mapped_column(default=0)
    tempo: Mapped[int] = mapped_column(default=100)
    singer: Mapped[str] = mapped_column(String(200), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    heading: Mapped[str] = mapped_column(String(200), default="", server_default="")
    text: Mapped[str] = mapped_column(Text, default="", server_default="")
    questions: Mapped[str] = mapped_column(Text, default="", server_default="")
    minutes: Mapped[int | None]
    sung: Mapped[bool] = mapped_column(default=False)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    song_or_none: Mapped[Song | None] = relationship(lazy="joined")

    @property
    def kind(self) -> str:
        """`song`, `moment` or `step`."""
        return "song" if self.song_id else "moment" if self.testimony_id else "step"

    @property
    def song(self) -> Song:
        """The song of a place that has one; ask `kind` first."""
        assert self.song_or_none is not None
        return self.song_or_none

    @property
    def span(self) -> Span | None:
        """The stretch that is listened to; None for the whole."""
        return None if self.start_ms is None or self.end_ms is None else Span(self.start_ms, self.end_ms)
