"""Collections: passages that somebody keeps, with notes and codes of their own.

A gathered passage names a version of a transcript and a stretch of time, and none of the words said in it: they are
read anew at each look, as far as the gate then allows.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from archive.models.base import Base, Id, UtcDateTime, new_id, now
from archive.timing import Span


class PassageCollection(Base):
    """Passages under a name, of one account.

    Attributes:
        used_at: when something was gathered into it last; the one used last takes what is gathered next.
        lost: something in it was destroyed by its narrator, and its keeper has not been told yet.
        removed_at: when it was taken away; for a while it can be put back.
    """

    __tablename__ = "passage_collection"
    __table_args__ = (Index("ix_passage_collection_account_id_used_at", "account_id", "used_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    lost: Mapped[bool] = mapped_column(default=False)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CollectionReader(Base):
    """Somebody whom a collection is shared with by the name of their account.

    Attributes:
        name: as it was typed; kept also where no account has it, so that nobody learns which names there are.
    """

    __tablename__ = "collection_reader"

    collection_id: Mapped[str] = mapped_column(
        ForeignKey("passage_collection.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)


class GatheredPassage(Base):
    """A passage in a collection; `version` is the number of the transcript's version in the language spoken."""

    __tablename__ = "gathered_passage"
    __table_args__ = (Index("ix_gathered_passage_collection_id_gathered_at", "collection_id", "gathered_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    collection_id: Mapped[str] = mapped_column(ForeignKey("passage_collection.id", ondelete="CASCADE"))
    testimony_id: Mapped[str] = mapped_column(ForeignKey("testimony.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    gathered_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def span(self) -> Span:
        return Span(self.start_ms, self.end_ms)


class PassageCode(Base):
    """A code of a collection: a word under which its keeper puts passages together."""

    __tablename__ = "passage_code"
    __table_args__ = (UniqueConstraint("collection_id", "name"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    collection_id: Mapped[str] = mapped_column(ForeignKey("passage_collection.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))


class PassageCoding(Base):
    """A code on a passage."""

    __tablename__ = "passage_coding"

    passage_id: Mapped[str] = mapped_column(ForeignKey("gathered_passage.id", ondelete="CASCADE"), primary_key=True)
    code_id: Mapped[str] = mapped_column(
        ForeignKey("passage_code.id", ondelete="CASCADE"), primary_key=True, index=True
    )
