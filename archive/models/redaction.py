"""Redactions: one mark takes the words from the text and the sound from the audio together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now
from archive.timing import Span


class Redaction(Base):
    """A span of a testimony that is taken out of everything unless the viewer may have the full form.

    Attributes:
        reason: `third-party`, `place`, `name` or `other`.
        heard_at: when a reviewer listened to the result; until then nothing redacted can be public.
    """

    __tablename__ = "redaction"
    __table_args__ = (Index("ix_redaction_heard_at", "heard_at", "testimony_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    reason: Mapped[str] = mapped_column(String(20), default="third-party")
    marked_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    heard_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def span(self) -> Span:
        return Span(self.start_ms, self.end_ms)
