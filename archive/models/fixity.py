"""Fixity: when each original was read through last, and when it was last what had come in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, UtcDateTime, now


class OriginalLook(Base):
    """The last look at a recording's original.

    Attributes:
        found: `whole`, `changed`, `missing`, or `sealed` for one that is there, encrypted, and cannot be compared.
        whole_at: when its bytes were last those that came in; None where they never were since looks are kept.
    """

    __tablename__ = "original_look"
    __table_args__ = (Index("ix_original_look_looked_at", "looked_at"),)

    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True)
    found: Mapped[str] = mapped_column(String(20))
    looked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    whole_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
