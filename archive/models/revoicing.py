"""Re-voicings: a member reads a narrator's approved, redacted words aloud, and her recording stands in for the voice.

Changing a voice by machine leaves it recognisable; another person's voice does not carry the narrator's at all. The
reader is somebody who agreed to be heard in her place.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.models.base import Base, Id, UtcDateTime, new_id, now
from archive.models.recording import Recording


class Revoicing(Base):
    """The recording that stands in for a testimony's own sound; a testimony has one at most.

    Attributes:
        recording_id: a recording of the kind `revoiced`, which goes through the stages that make a listening file.
        version_id: the transcript version that was read; it may be gone by now.
        reader_id: the account of the member who read it; None for somebody without one.
        heard_at: when a steward listened to it; until then, and again after every change of the marks, nobody else is
            given it.
    """

    __tablename__ = "revoicing"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), unique=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), unique=True)
    version_id: Mapped[str | None] = mapped_column(Id)
    reader_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    added_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    heard_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    heard_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    recording: Mapped[Recording] = relationship()
