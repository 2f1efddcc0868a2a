"""Sources: the thread between a lyric line and the moment somebody said it.

A source names a transcript version, a span of it, the quoted words and their hash. When the transcript changes, the
quote is found again exactly or the source is marked for review; it never moves silently.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now
from archive.timing import Span

RELATIONS = ("verbatim", "adapted", "inspired")


class Source(Base):
    """One tie from a line to a testimony.

    Attributes:
        version_id: the transcript version quoted; a translation when the words were taken from one.
        segment_id: the segment in which the quote begins.
        start_ms, end_ms: when the words are said, in the listening file.
        state: `sure`, `review` (the words are no longer there as quoted) or `held` (consent no longer covers it).
    """

    __tablename__ = "source"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    line_id: Mapped[str] = mapped_column(ForeignKey("lyric_line.id", ondelete="CASCADE"), index=True)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id"), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("transcript_version.id"), index=True)
    segment_id: Mapped[str | None] = mapped_column(ForeignKey("segment.id"))
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    quote: Mapped[str] = mapped_column(Text)
    quote_hash: Mapped[str] = mapped_column(String(64))
    relation: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default="sure")
    made_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @property
    def span(self) -> Span:
        return Span(self.start_ms, self.end_ms)


def quote_hash(quote: str) -> str:
    """SHA-256 of the quoted words, in UTF-8."""
    return hashlib.sha256(quote.encode()).hexdigest()
