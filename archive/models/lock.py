"""Locks: who is writing in which segment just now.

A lock is a courtesy, not a wall: it runs out by itself, and words that come from somebody who was cut off meanwhile are
merged or kept beside, never turned away.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, UtcDateTime


class SegmentLock(Base):
    """One window of one person holds a segment until a moment; `window` tells two windows of the same person apart."""

    __tablename__ = "segment_lock"

    segment_id: Mapped[str] = mapped_column(ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("transcript_version.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    window: Mapped[str] = mapped_column(String(40))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
