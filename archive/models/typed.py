"""Typed transcripts: text without times, waiting for a recogniser to lay it over the sound."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now

STATES = ("waiting", "working", "done", "failed")


class TypedTranscript(Base):
    """Paragraphs as somebody brought them, `[speaker, text]`, and how far their aligning is.

    Attributes:
        state: one of `STATES`; `reason` says why it failed.
        lease_until: a worker that has not renewed it by then is taken for dead, and another may start.
        version_id: the version that it became.
    """

    __tablename__ = "typed_transcript"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(8))
    paragraphs: Mapped[list[list[str]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20), default="waiting", index=True)
    progress: Mapped[float] = mapped_column(default=0.0)
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version_id: Mapped[str | None] = mapped_column(ForeignKey("transcript_version.id", ondelete="CASCADE"))
    brought_by_id: Mapped[str | None] = mapped_column(Id)
    brought_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
