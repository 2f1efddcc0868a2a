"""Texts of the catalogue in which words stand that a mark takes out of the transcript, and what was decided of them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, new_id


class MarkedText(Base):
    """A title or a synopsis, of a testimony or of one of its index points, that somebody has to look at.

    Attributes:
        place: `testimony`, or the id of an index point.
        field: which of its texts.
        digest: SHA-256 of the text that was looked at; another text is asked about again.
        kept_by_id: who said that it stays as it is; None while nobody has decided.
    """

    __tablename__ = "marked_text"
    __table_args__ = (UniqueConstraint("testimony_id", "place", "field"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"))
    place: Mapped[str] = mapped_column(Id)
    field: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    kept_by_id: Mapped[str | None] = mapped_column(Id)
