"""Taggings: a term tied to a testimony or to one segment of it, by a machine or by a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.models.base import Base, Id, UtcDateTime, new_id, now
from archive.models.term import Term


class Tagging(Base):
    """A term on a testimony. A machine's tagging is a suggestion until a person confirms it.

    Attributes:
        state: `suggested`, `confirmed` or `rejected`.
        matched: the words in the transcript that led a machine to it.
    """

    __tablename__ = "tagging"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    segment_id: Mapped[str | None] = mapped_column(ForeignKey("segment.id", ondelete="CASCADE"), index=True)
    term_id: Mapped[str] = mapped_column(ForeignKey("term.id", ondelete="CASCADE"), index=True)
    origin: Mapped[str] = mapped_column(String(20))  # machine or human
    state: Mapped[str] = mapped_column(String(20), default="suggested", index=True)
    matched: Mapped[str] = mapped_column(String(200), default="")
    decided_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    term: Mapped[Term] = relationship(lazy="joined")
