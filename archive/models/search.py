"""Searches that people keep: what was asked for, and which answers they have seen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now


class KeptSearch(Base):
    """A search under a name, of one account.

    Attributes:
        filters: facet -> values, as in a search's address.
        seen: marks of the answers its owner has looked at; `seen_before` as it was one look earlier, to take that back.
        feed: the number of its feed's address, counted up whenever a new one is made, so that the old ones are dead.
        followed: whether the feed answers at all.
        removed_at: when it was taken away; for a while it can be put back.
    """

    __tablename__ = "kept_search"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[str] = mapped_column(String(400), default="")
    filters: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    sort: Mapped[str] = mapped_column(String(20), default="relevance")
    exact: Mapped[bool] = mapped_column(default=False)
    seen: Mapped[list[str]] = mapped_column(JSON, default=list)
    seen_before: Mapped[list[str] | None] = mapped_column(JSON)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    feed: Mapped[int] = mapped_column(default=0)
    followed: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
