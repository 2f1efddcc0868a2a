"""Terms of the thesaurus: themes, and the places of Cambodia, with Khmer and English labels and variants."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.models.base import Base


class Term(Base):
    """A concept; `id` is a readable slug such as `health-debt`, or `place-12` for the province with that code."""

    __tablename__ = "term"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)  # theme, province, district
    broader_id: Mapped[str | None] = mapped_column(ForeignKey("term.id"), index=True)

    labels: Mapped[list[TermLabel]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    def label(self, language: str) -> str:
        """The preferred label in `language`, or in any language when there is none."""
        preferred = {label.language: label.text for label in self.labels if label.preferred}
        return preferred.get(language) or next(iter(preferred.values()), self.id)


class TermLabel(Base):
    """One name of a term; the preferred one is shown, the variants are matched."""

    __tablename__ = "term_label"
    __table_args__ = (UniqueConstraint("term_id", "language", "text"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    term_id: Mapped[str] = mapped_column(ForeignKey("term.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(String(200))
    preferred: Mapped[bool] = mapped_column(default=False)
