"""When each line of a lyric is sung in an arrangement."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id
from archive.timing import Word


class LineTiming(Base):
    """One line's time in one arrangement; null times say that it could not be placed.

    Attributes:
        origin: `machine` (aligned) or `human` (tapped or corrected); a person's is never overwritten by a machine's.
        revision: the number of the studio's edit that set it; 0 where it came from elsewhere.
        by_id: whose edit that was.
        follows_id: the line of an earlier chorus whose pattern this one keeps; None when it stands by itself.
    """

    __tablename__ = "line_timing"

    arrangement_id: Mapped[str] = mapped_column(ForeignKey("arrangement.id", ondelete="CASCADE"), primary_key=True)
    line_id: Mapped[str] = mapped_column(ForeignKey("lyric_line.id", ondelete="CASCADE"), primary_key=True, index=True)
    start_ms: Mapped[int | None]
    end_ms: Mapped[int | None]
    confidence: Mapped[float | None]
    origin: Mapped[str] = mapped_column(String(20), default="human")
    revision: Mapped[int] = mapped_column(default=0)
    by_id: Mapped[str | None] = mapped_column(Id)
    follows_id: Mapped[str | None] = mapped_column(Id)
    word_rows: Mapped[list[list[object]]] = mapped_column("words", JSON, default=list)

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(Word(*row) for row in self.word_rows)  # type: ignore[arg-type]

    @words.setter
    def words(self, words: tuple[Word, ...]) -> None:
        self.word_rows = [[w.text, w.start_ms, w.end_ms, w.confidence] for w in words]
