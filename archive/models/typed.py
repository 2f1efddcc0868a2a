"""What waits for a recogniser beside a recording's own way: typed text to be laid over the sound, or another model."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now

STATES = ("waiting", "working", "done", "failed")


class TypedTranscript(Base):
    """Paragraphs as somebody brought them, `[speaker, text]`, and how far their aligning is.

    With a `model` there are no paragraphs: that model writes the recording down again, beside what is there.

    Attributes:
        engine, model: what is to write it down again, as settings name them; empty for a typed text.
        state: one of `STATES`; `reason` says why it failed.
        lease_until: a worker that has not renewed it by then is taken for dead, and another may start.
        version_id: the version that it became.
    """

    __tablename__ = "typed_transcript"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(8))
    paragraphs: Mapped[list[list[str]]] = mapped_column(JSON)
    engine: Mapped[str] = mapped_column(String(40), default="", server_default="")
    model: Mapped[str] = mapped_column(String(400), default="", server_default="")
    state: Mapped[str] = mapped_column(String(20), default="waiting", index=True)
    progress: Mapped[float] = mapped_column(default=0.0)
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version_id: Mapped[str | None] = mapped_column(ForeignKey("transcript_version.id", ondelete="CASCADE"))
    brought_by_id: Mapped[str | None] = mapped_column(Id)
    brought_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
