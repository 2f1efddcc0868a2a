"""Second screens: where a song stands, for whoever follows it by a code."""

from __future__ import annotations

from sqlalchemy import BigInteger, Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base


class Screen(Base):
    """A second screen that is open; its row goes with the song, when it is closed, or some hours after the last word.

    Nobody's name, address or account is in it.

    Attributes:
        number: counts up with every change, so that who follows can ask for what is newer.
        position_ms: of the song at `at_ms`; negative before it has begun for the ear.
        at_ms, heard_ms: milliseconds since 1970; `heard_ms` is when the player last wrote something here.
        rate: 1 for the song's own speed.
    """

    __tablename__ = "screen"

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    song_id: Mapped[str] = mapped_column(ForeignKey("song.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(default=0)
    position_ms: Mapped[int] = mapped_column(default=0)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    playing: Mapped[bool] = mapped_column(default=False)
    rate: Mapped[float] = mapped_column(Float, default=1.0)
    heard_ms: Mapped[int] = mapped_column(BigInteger)
