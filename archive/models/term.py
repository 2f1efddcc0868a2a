"""Terms of the thesaurus: themes, and the places of Cambodia, with Khmer and English labels and variants.

What stewards change is kept as changes, each with the state before and after it, so that it can be undone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.models.base import Base, Id, UtcDateTime, now


class Term(Base):
    """A concept; `id` is a readable slug such as `health-debt`, or `place-12` for the province with that code.

    Attributes:
        known_to_all: its name may be told to anybody; another term's only to whoever may find something tagged with it.
        own_parts: what stewards have changed (`broader`, `labels.km`, `labels.en`), which a later release of the
            shipped thesaurus leaves alone.
        revision: how often it was changed, so that whoever looked at it earlier is told.
        cues: how people speak of it, by language, where stewards have changed the shipped cues.
        retired_at: since when it is not offered or suggested any more; what is tagged with it stays.
        merged_into_id: the term that took its taggings over; the row stays, so that its address leads there.
    """

    __tablename__ = "term"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)  # theme, province, district
    broader_id: Mapped[str | None] = mapped_column(ForeignKey("term.id"), index=True)
    known_to_all: Mapped[bool] = mapped_column(default=False, server_default=false())
    own_parts: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    cues: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict, server_default="{}")
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[str | None] = mapped_column(
        String(80), index=True
    )  # a term's; SQLite adds no foreign key to a table

    labels: Mapped[list[TermLabel]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    def label(self, language: str) -> str:
        """The preferred label in `language`, or in any language when there is none."""
        preferred = {label.language: label.text for label in self.labels if label.preferred}
        return preferred.get(language) or next(iter(preferred.values()), self.id)

    def names(self, language: str) -> tuple[str, ...]:
        """Every label in one language, the preferred one first."""
        own = (label for label in self.labels if label.language == language)
        return tuple(label.text for label in sorted(own, key=lambda label: (not label.preferred, label.id or 0)))


class TermLabel(Base):
    """One name of a term; the preferred one is shown, the variants are matched."""

    __tablename__ = "term_label"
    __table_args__ = (UniqueConstraint("term_id", "language", "text"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    term_id: Mapped[str] = mapped_column(ForeignKey("term.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(String(200))
    preferred: Mapped[bool] = mapped_column(default=False)


class TermChange(Base):
    """One change that a steward made to a term.

    Attributes:
        act: what was changed together, such as an import, and is undone together.
        other_id: the term that another one was merged into.
        before, after: the term's labels, broader term and the rest, as `archive.catalogue.terms` writes them.
    """

    __tablename__ = "term_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(Id, index=True)
    term_id: Mapped[str] = mapped_column(ForeignKey("term.id", ondelete="CASCADE"), index=True)
    other_id: Mapped[str | None] = mapped_column(ForeignKey("term.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TermMove(Base):
    """A tagging or an index point that a merge gave to another term; it goes with what it moved.

    Attributes:
        both: the index point named the other term already.
    """

    __tablename__ = "term_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("term_change.id", ondelete="CASCADE"), index=True)
    tagging_id: Mapped[str | None] = mapped_column(ForeignKey("tagging.id", ondelete="CASCADE"), index=True)
    point_id: Mapped[str | None] = mapped_column(ForeignKey("index_point.id", ondelete="CASCADE"), index=True)
    both: Mapped[bool] = mapped_column(default=False)
