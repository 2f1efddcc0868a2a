"""What the archive says of itself: who keeps it, and instructions that are read aloud; stewards write both."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, UtcDateTime, now


class AboutText(Base):
    """Who keeps the archive and how to reach them, in both languages; one row."""

    __tablename__ = "about_text"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    km: Mapped[str] = mapped_column(Text, default="")
    en: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class SpokenInstruction(Base):
    """An instruction of the narrators' own page, read aloud in Khmer for whoever does not read."""

    __tablename__ = "spoken_instruction"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(40))
    sound: Mapped[bytes] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
