"""Campaigns: what the alliance is asking for, and the testimonies and songs gathered for it."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, new_id


class Campaign(Base):
    """A campaign such as Health-Debt."""

    __tablename__ = "campaign"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name_km: Mapped[str] = mapped_column(String(200), default="")
    name_en: Mapped[str] = mapped_column(String(200), default="")
    description_km: Mapped[str] = mapped_column(Text, default="")
    description_en: Mapped[str] = mapped_column(Text, default="")
