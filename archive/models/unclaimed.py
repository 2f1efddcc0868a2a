"""Recordings that lie in the store and are claimed by nothing in the database, as they were last looked for.

The store is looked through at a start and when somebody asks, since that takes as long as the store is large. Only
their names are kept here; what is said of each lies beside its sound.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, now

DEEDS = ("adopt", "set-aside", "put-back")


class UnclaimedRecording(Base):
    """One recording, and what somebody wants done with it.

    Attributes:
        recording_id: as the store names it, whatever that name is.
        aside: it lies in the lost-and-found.
        wanted: one of DEEDS that somebody asked for and that is not done yet; empty most of the time.
        why_not: why the last one could not be done, a code of `archive.preservation.adopting`.
    """

    __tablename__ = "unclaimed_recording"
    __table_args__ = (Index("ix_unclaimed_recording_aside", "aside", "recording_id"),)

    recording_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    aside: Mapped[bool] = mapped_column(default=False)
    wanted: Mapped[str] = mapped_column(String(20), default="")
    why_not: Mapped[str] = mapped_column(String(20), default="")
    asked_by_id: Mapped[str | None] = mapped_column(Id)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
