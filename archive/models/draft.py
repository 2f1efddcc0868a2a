"""Drafts: a song while it is being written, by several people at once, and who is at it.

A draft is one Yjs document. The database holds its compacted state; browsers hold copies, and what they have written
is merged here without a loss, in whatever order it comes.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, now


class Draft(Base):
    """The draft of a song; `revision` counts the changes that were merged into `state`."""

    __tablename__ = "draft"

    song_id: Mapped[str] = mapped_column(ForeignKey("song.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=0)
    changed_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class DraftPresence(Base):
    """Somebody at a draft in one browser tab; after a while without a word they are taken to have left."""

    __tablename__ = "draft_presence"

    song_id: Mapped[str] = mapped_column(ForeignKey("song.id", ondelete="CASCADE"), primary_key=True)
    tab: Mapped[str] = mapped_column(Id, primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    line: Mapped[str] = mapped_column(String(40), default="")
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
