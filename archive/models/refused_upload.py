"""Uploads that were refused after a closer look: what whoever brought them is told, for a day or until it is cleared.

A file's name may tell who speaks, and the audit log forgets nothing; so the name stands here and not there.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now


class RefusedUpload(Base):
    """One refused file.

    Attributes:
        name: of the file; empty for one that its narrator took back, of whom nothing is to stay.
        kind: the name of the refusal, for whoever has its sentence in another language.
    """

    __tablename__ = "refused_upload"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(255), default="")
    kind: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
