"""Edits: every change that people make to a draft of a transcript, as it was asked for, in the order it was applied.

The id comes from the editor that made the change, so that a change sent twice, because the line broke before the answer
came, is applied once and answered the same.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, now


class TranscriptEdit(Base):
    """One change.

    Attributes:
        seq: its number among the changes of its version, from 1 without gaps.
        asked: the change as the editor sent it.
        answer: what came of it, as it was answered.
        touched, removed: ids of the segments that were changed or made, and of those that are gone.
    """

    __tablename__ = "transcript_edit"
    __table_args__ = (UniqueConstraint("version_id", "seq"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("transcript_version.id", ondelete="CASCADE"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    asked: Mapped[dict[str, object]] = mapped_column(JSON)
    answer: Mapped[dict[str, object]] = mapped_column(JSON)
    touched: Mapped[list[str]] = mapped_column(JSON, default=list)
    removed: Mapped[list[str]] = mapped_column(JSON, default=list)
    by_id: Mapped[str | None] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
