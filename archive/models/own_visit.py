"""A narrator comes back by herself: her visit, what she decided in it, and the secret her code is checked with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now


class OwnVisit(Base):
    """A browser in which a narrator's code was typed; `token_hash` is the SHA-256 of its cookie's token."""

    __tablename__ = "own_visit"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    narrator_id: Mapped[str] = mapped_column(ForeignKey("narrator.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OwnDecision(Base):
    """What a narrator decided by her own code, for the stewards to know; the ledger has the decision itself.

    `testimony_id` is empty of what was destroyed.
    """

    __tablename__ = "own_decision"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    testimony_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)


class CodeKey(Base):
    """The secret with which codes are checked before anything slow is done, one for an archive."""

    __tablename__ = "code_key"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    key: Mapped[str] = mapped_column(String(64))
