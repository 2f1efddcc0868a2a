"""Arrangements: the recordings of a song, kept in step with one another."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.models.base import Base, Id, new_id
from archive.models.recording import Recording

KINDS = ("studio", "live", "instrumental", "guide")
WORDLESS = ("instrumental",)
"""The kinds that nobody sings in."""
LEADS = ("studio", "live", "guide", "instrumental")
"""The kinds in the order in which they lead."""


class Arrangement(Base):
    """One recording of a song; `offset_ms` is added to its clock to stand on the song's first arrangement's."""

    __tablename__ = "arrangement"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    song_id: Mapped[str] = mapped_column(ForeignKey("song.id", ondelete="CASCADE"), index=True)
    recording_id: Mapped[str] = mapped_column(ForeignKey("recording.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    offset_ms: Mapped[int] = mapped_column(default=0)

    recording: Mapped[Recording] = relationship(lazy="joined")


def leading_first(found: Iterable[Arrangement]) -> list[Arrangement]:
    """A song's arrangements in order: the first whose sound is there leads, and the clocks of all others follow it."""
    return sorted(found, key=lambda one: (LEADS.index(one.kind) if one.kind in LEADS else len(LEADS), one.id))
