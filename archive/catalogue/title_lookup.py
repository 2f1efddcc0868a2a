"""Finding one testimony of ten thousand by what somebody remembers of it: a title, a chosen name, the end of its id.

This is for the lists of the workrooms, where everything is in the database. Searching what was said is the index's.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, or_, select

from archive.access import gate
from archive.access.gate import Viewer
from archive.models import Narrator, Song, Testimony


def has_words(viewer: Viewer, words: Iterable[str]) -> list[ColumnElement[bool]]:
    """Of a testimony: each word stands in its title, its id, or a name of its narrator that may be told."""
    return [_has(viewer, word) for word in words]


def _has(viewer: Viewer, word: str) -> ColumnElement[bool]:
    titles = (Testimony.title_km, Testimony.title_en)
    names = (Narrator.pseudonym_km, Narrator.pseudonym_en)
    named = select(Narrator.id).where(or_(*(name.icontains(word, autoescape=True) for name in names)))
    bears = Testimony.narrator_id.in_(named) & and_(*gate.conditions(viewer, "pseudonym"))
    by_title = (title.icontains(word, autoescape=True) for title in titles)
    return or_(*by_title, Testimony.id.startswith(word, autoescape=True), bears)


def has_title(words: Iterable[str]) -> list[ColumnElement[bool]]:
    """Of a song: each of the words stands in a title."""
    titles = (Song.title_km, Song.title_en, Song.title_romanised)
    return [or_(*(title.icontains(word, autoescape=True) for title in titles)) for word in words]
