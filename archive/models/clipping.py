"""Clippings: passages of testimony put on the desk, to make lines from.

A clipping quotes like a source does: the transcript version, the words, their hash, and when they were said. Its id is
made from what it quotes and for which song, so that the same passage lies there once, whoever puts it there.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, now
from archive.timing import Span


class Clipping(Base):
    """One passage on the desk.

    Attributes:
        song_id: the song it lies with; None for what lies with a campaign, or with nothing yet.
        state: `sure`, or `review` when the words are no longer there as quoted.
        off_at: when it was taken off the desk; lines that draw on it keep it.
    """

    __tablename__ = "clipping"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("transcript_version.id", ondelete="CASCADE"), index=True)
    segment_id: Mapped[str | None] = mapped_column(ForeignKey("segment.id", ondelete="SET NULL"))
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    quote: Mapped[str] = mapped_column(Text)
    quote_hash: Mapped[str] = mapped_column(String(64))
    song_id: Mapped[str | None] = mapped_column(ForeignKey("song.id", ondelete="CASCADE"), index=True)
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default="sure")
    made_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def span(self) -> Span:
        return Span(self.start_ms, self.end_ms)
