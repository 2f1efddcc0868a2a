"""Link candidates: lines and moments that a machine found alike, for a person to look at.

A candidate is never shown as a source. It says which words the two share, so that whoever looks can judge in a second.
"""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, new_id


class LinkCandidate(Base):
    """A lyric line that may have come from a segment; `state` is `open`, `taken` or `dismissed`."""

    __tablename__ = "link_candidate"
    __table_args__ = (UniqueConstraint("line_id", "segment_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    line_id: Mapped[str] = mapped_column(ForeignKey("lyric_line.id", ondelete="CASCADE"), index=True)
    segment_id: Mapped[str] = mapped_column(ForeignKey("segment.id", ondelete="CASCADE"), index=True)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(8))
    score: Mapped[float]
    shared: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(20), default="open")
