"""Recordings that are not kept: what may be removed of the store, named one by one.

A file that comes in is named here before its first byte is stored, and no longer once its rows are written; one that
was refused or replaced stays named. Nothing in the store is removed because the database does not know it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, now


class Discarded(Base):
    """A recording of which nothing is to stay.

    Attributes:
        bringing: the process that is still taking it in, as `HOST/PID`; empty when it is discarded for good.
    """

    __tablename__ = "discarded"

    recording_id: Mapped[str] = mapped_column(Id, primary_key=True)
    bringing: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
