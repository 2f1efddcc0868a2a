"""Transcript versions: what a machine heard, what a person made of it, and the translations beside them.

The machine's literal text and an approved version are never changed; a correction is a new version whose parent is the
one it came from. A translation has no segments of its own: it gives other words to the segments of the version it
translates, so the two stay aligned by construction.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.models.base import Base, Id, UtcDateTime, new_id, now
from archive.models.segment import Segment

STAGES = ("machine", "corrected", "reviewed", "approved")


class TranscriptVersion(Base):
    """One version of the text of a testimony in one language.

    Attributes:
        stage: one of `STAGES`.
        parent_id: the version it was made from.
        translates_id: for a translation, the version whose segments it gives words to.
        engine, model, engine_version: what heard it, for machine text.
        verdict: `ok` or `needs a person`, with the reason after a colon.
    """

    __tablename__ = "transcript_version"
    __table_args__ = (
        UniqueConstraint("testimony_id", "language", "number"),
        Index("ix_transcript_version_testimony_id_stage", "testimony_id", "translates_id", "stage"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"))
    number: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    stage: Mapped[str] = mapped_column(String(20))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("transcript_version.id"))
    translates_id: Mapped[str | None] = mapped_column(ForeignKey("transcript_version.id"))
    engine: Mapped[str] = mapped_column(String(40), default="")
    model: Mapped[str] = mapped_column(String(200), default="")
    engine_version: Mapped[str] = mapped_column(String(40), default="")
    verdict: Mapped[str] = mapped_column(String(300), default="")
    made_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    reviewed_by_id: Mapped[str | None] = mapped_column(Id)
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    segments: Mapped[list[Segment]] = relationship(
        order_by=Segment.position, cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def immutable(self) -> bool:
        return self.stage in {"machine", "approved"}
