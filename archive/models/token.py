"""Tokens with which a program reads the archive as an account; of each the database keeps a hash."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.models.account import Account
from archive.models.base import Base, Id, UtcDateTime, new_id, now


class ApiToken(Base):
    """A token that an account's owner made for a program; it reads what the account may read, and changes nothing.

    Attributes:
        token_hash: the SHA-256 of the token, which is kept nowhere.
        expires_at: the moment at which it ends by itself.
        used_on: the last day on which it was used; None while it never was.
    """

    __tablename__ = "api_token"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_on: Mapped[date | None]

    account: Mapped[Account] = relationship(lazy="joined")
