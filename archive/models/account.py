"""Accounts of the people who work with the archive, their sessions and links, and researchers' requests for access.

A session lives on the server and the cookie holds only a random token, of which the database keeps a hash: signing out
ends it for good, and whoever reads the database cannot sign in with what is there.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.models.base import Base, Id, UtcDateTime, new_id, now

ROLES = ("band", "researcher", "steward")
GROUPS = ("MB", "WNU", "WIC", "SAC")


class Account(Base):
    """Somebody who can sign in: a band member, a researcher or a steward, perhaps of an alliance group.

    Attributes:
        password_hash: empty while the account waits for its owner to follow a link and choose a password.
    """

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    display_name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    groups: Mapped[list[str]] = mapped_column(JSON, default=list)
    language: Mapped[str] = mapped_column(String(8), default="km")
    disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class AccountSession(Base):
    """A signed-in browser; `token_hash` is the SHA-256 of the cookie's token."""

    __tablename__ = "account_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship(lazy="joined")


class AccountLink(Base):
    """A link that was handed to somebody so that they choose their password; `token_hash` is the SHA-256 of its token.

    An account has one at most. It goes when it is used, when another is made, or when the account is disabled.
    """

    __tablename__ = "account_link"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AccessRequest(Base):
    """A researcher asks for a testimony; a steward answers. A granted one makes them a *named* researcher for it.

    Attributes:
        project: what the testimony is wanted for, in a line: a thesis, a report.
        wanted_until: the last day for which it was asked; None where that was left open.
        answer: the steward's words, and the terms.
        until: the moment at which a granted one ends; None where it does not.
    """

    __tablename__ = "access_request"
    __table_args__ = (Index("ix_access_request_state", "state", "asked_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    project: Mapped[str] = mapped_column(String(200), default="")
    wanted_until: Mapped[date | None]
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(20), default="open")  # open, granted, declined
    answer: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))

    @property
    def ended(self) -> bool:
        """It was granted, and its last day is over."""
        return self.state == "granted" and self.until is not None and self.until <= now()
