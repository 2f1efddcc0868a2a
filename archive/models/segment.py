"""Segments: a few seconds of a transcript, with the time of every word.

Words are kept as rows of JSON beside their segment, `[text, start_ms, end_ms, confidence]`: they are only ever read and
written with it, and an hour of speech has ten thousand of them.
"""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.models.base import Base, Id, new_id
from archive.timing import Span, Word


class Segment(Base):
    """A stretch of speech; `flags` say why its text is not to be trusted, and flagged text is never found or quoted.

    Attributes:
        revision: how often it was changed since its version was made.
    """

    __tablename__ = "segment"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    version_id: Mapped[str] = mapped_column(ForeignKey("transcript_version.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    speaker: Mapped[str] = mapped_column(String(80), default="")
    text: Mapped[str] = mapped_column(Text)
    flags: Mapped[list[str]] = mapped_column(JSON, default=list)
    confidence: Mapped[float | None]
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    word_rows: Mapped[list[list[object]]] = mapped_column("words", JSON, default=list)

    translations: Mapped[list[SegmentTranslation]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    @property
    def span(self) -> Span:
        return Span(self.start_ms, self.end_ms)

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(Word(*row) for row in self.word_rows)  # type: ignore[arg-type]

    @words.setter
    def words(self, words: tuple[Word, ...]) -> None:
        self.word_rows = [[w.text, w.start_ms, w.end_ms, w.confidence] for w in words]


class SegmentTranslation(Base):
    """The words that a translation version gives to a segment of the version it translates."""

    __tablename__ = "segment_translation"

    version_id: Mapped[str] = mapped_column(ForeignKey("transcript_version.id", ondelete="CASCADE"), primary_key=True)
    segment_id: Mapped[str] = mapped_column(ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True, index=True)
    text: Mapped[str] = mapped_column(Text)
