"""Campaigns: what the alliance is asking for, and the testimonies and songs gathered for it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, new_id

CAMPAIGN_STATES = ("", "draft", "shown")


class Campaign(Base):
    """A campaign such as Health-Debt.

    Attributes:
        ask_km, ask_en: what whoever reads it can do.
        state: `shown` to everybody; `draft` while the band writes it; empty for one that only a sheet named, which is
            known to whoever may know of something that belongs to it.
        revision: how often it was changed.
    """

    __tablename__ = "campaign"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    slug: Mapped[str | None] = mapped_column(String(120), unique=True, index=True)
    name_km: Mapped[str] = mapped_column(String(200), default="")
    name_en: Mapped[str] = mapped_column(String(200), default="")
    description_km: Mapped[str] = mapped_column(Text, default="")
    description_en: Mapped[str] = mapped_column(Text, default="")
    ask_km: Mapped[str] = mapped_column(Text, default="", server_default="")
    ask_en: Mapped[str] = mapped_column(Text, default="", server_default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(20), default="", server_default="", index=True)
    revision: Mapped[int] = mapped_column(default=0, server_default="0")

    @property
    def address(self) -> str:
        """What stands for it in addresses."""
        return self.slug or self.id
