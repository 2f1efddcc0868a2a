"""What people's answers to suggested themes have taught, as counts, each with the testimony it was learnt from."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id


class ThemeLesson(Base):
    """How often a cue or a word stood in passages of one testimony that a person tied to a theme, or took off it.

    Counts are kept for each testimony and added up when they are used, so that what was learnt from one goes with it.

    Attributes:
        kind: `cue` or `word`; `said` is which, as the finder of themes names it.
    """

    __tablename__ = "theme_lesson"

    testimony_id: Mapped[str] = mapped_column(Id, ForeignKey("testimony.id", ondelete="CASCADE"), primary_key=True)
    term_id: Mapped[str] = mapped_column(
        String(80), ForeignKey("term.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    said: Mapped[str] = mapped_column(String(400), primary_key=True)
    confirmed: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
