"""What was told to harvesters of other archives, so that they can be told to forget it.

A harvester keeps what it was given. Whatever was once among the public records and is there no longer is answered as
deleted, for good; what never was among them has no row here, and nobody learns that it exists.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base


class HarvestedRecord(Base):
    """One record that harvesters may have.

    Attributes:
        id: the end of its OAI identifier, made from the testimony's id and telling nothing of it.
        testimony_id: None for a deleted record, and for one whose testimony was destroyed.
        deleted: harvesters are told to forget it.
        changed_on: the day, `YYYY-MM-DD` in UTC, on which a harvester could first have it as it is. No finer: the
            moment of a narrator's decision is nobody's business.
    """

    __tablename__ = "harvested_record"
    __table_args__ = (Index("ix_harvested_record_changed_on", "changed_on", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    testimony_id: Mapped[str | None] = mapped_column(ForeignKey("testimony.id", ondelete="SET NULL"), index=True)
    changed_on: Mapped[str] = mapped_column(String(10))
    deleted: Mapped[bool] = mapped_column(default=False)
