"""What was changed in what is said of a song or a campaign, each change with the state before and after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now


class DetailChange(Base):
    """One change by one person.

    Attributes:
        number: the `revision` that the song or the campaign has had since.
        before, after: the fields that are different, each as JSON holds it.
    """

    __tablename__ = "detail_change"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    song_id: Mapped[str | None] = mapped_column(ForeignKey("song.id", ondelete="CASCADE"), index=True)
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
