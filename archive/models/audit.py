"""The audit log and the release ledger: who did what, and what left the archive.

Audit entries are chained by hash as consent events are. Neither holds an address, a browser or a query.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, Sequential, UtcDateTime, new_id, now


class AuditEntry(Base):
    """One act by an account or by the system (`actor_id` null) on one thing."""

    __tablename__ = "audit_entry"

    seq: Mapped[int] = mapped_column(Sequential, primary_key=True, autoincrement=False)
    actor_id: Mapped[str | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(60), default="")
    detail: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class Release(Base):
    """Something that left the archive and cannot be called back: a download, an export, a broadcast."""

    __tablename__ = "release"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(60), index=True)  # song:ID or testimony:ID
    testimonies: Mapped[list[str]] = mapped_column(JSON, default=list)
    audience: Mapped[str] = mapped_column(String(20), default="public")
    account_id: Mapped[str | None] = mapped_column(Id)
    note: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
