"""Songs: what the band sings, with its credits and its place in a campaign."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now

STATES = ("draft", "published", "held", "retired")


class Song(Base):
    """A song; only a published one is on the listening page, and a held one waits for a decision after a withdrawal.

    Attributes:
        note_km, note_en: its story.
        licence: one of `archive.songs.song_details.LICENCES`; `use_km`, `use_en` say how to ask for use.
        published_at: when it first went out; one that never did may be deleted.
        revision: how often what is said of it was changed.
    """

    __tablename__ = "song"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    title_km: Mapped[str] = mapped_column(String(300))
    title_romanised: Mapped[str] = mapped_column(String(300), default="")
    title_en: Mapped[str] = mapped_column(String(300), default="")
    note_km: Mapped[str] = mapped_column(Text, default="")
    note_en: Mapped[str] = mapped_column(Text, default="")
    credits: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)  # [{"role", "km", "en"}]
    year: Mapped[int | None]
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    cover_key: Mapped[str] = mapped_column(String(120), default="")
    licence: Mapped[str] = mapped_column(String(40), default="", server_default="")
    use_km: Mapped[str] = mapped_column(Text, default="", server_default="")
    use_en: Mapped[str] = mapped_column(Text, default="", server_default="")
    state: Mapped[str] = mapped_column(String(20), default="draft", index=True)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
