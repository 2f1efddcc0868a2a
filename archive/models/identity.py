"""Which archive this is: one random id, here and in the store of sound, so that both are known to belong together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, now


class ArchiveIdentity(Base):
    """The one row that names this archive."""

    __tablename__ = "archive_identity"

    archive_id: Mapped[str] = mapped_column(Id, primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
