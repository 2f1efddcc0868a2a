"""Rival texts: what a second person wrote in the same place at the same time, kept until somebody chooses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now


class RivalText(Base):
    """Another text for a segment, or with `translation_id` for its translation; neither of the two words is lost."""

    __tablename__ = "rival_text"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    version_id: Mapped[str] = mapped_column(ForeignKey("transcript_version.id", ondelete="CASCADE"), index=True)
    segment_id: Mapped[str] = mapped_column(ForeignKey("segment.id", ondelete="CASCADE"), index=True)
    translation_id: Mapped[str | None] = mapped_column(ForeignKey("transcript_version.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[str | None] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
