"""What has a title in two languages, and is found in a list sorted by it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Text, func
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, validates

from archive.language.dictionary_order import kept_key

SortKey = Text().with_variant(Text(collation="C"), "postgresql")


def _of(title: str) -> Callable[[DefaultExecutionContext], str]:
    return lambda context: kept_key(context.get_current_parameters().get(title) or "")  # type: ignore[no-untyped-call]


class SortedByTitle:
    """Keeps beside each title what it is sorted by, as a Khmer dictionary has it; a changed title takes it along."""

    title_sort_km: Mapped[str] = mapped_column(SortKey, default=_of("title_km"), server_default="")
    title_sort_en: Mapped[str] = mapped_column(SortKey, default=_of("title_en"), server_default="")

    @validates("title_km", "title_en")
    def _keep_its_place(self, name: str, title: str) -> str:
        setattr(self, name.replace("title", "title_sort"), kept_key(title or ""))
        return title

    @classmethod
    def by_title(cls, language: str) -> ColumnElement[str]:
        """To sort by: the titles in this language, and where there is none the other."""
        own, other = (cls.title_sort_km, cls.title_sort_en)
        first, second = (own, other) if language == "km" else (other, own)
        return func.coalesce(func.nullif(first, ""), second)
