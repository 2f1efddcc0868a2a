"""Comments: what band members say to each other beside a line of a draft."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now


class LineComment(Base):
    """A comment on the line that the draft calls `line`; a settled one is folded away."""

    __tablename__ = "line_comment"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    song_id: Mapped[str] = mapped_column(ForeignKey("song.id", ondelete="CASCADE"), index=True)
    line: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    made_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
