"""What a viewer may find, worked out over parts: some ten thousand rows that are kept in memory between searches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from archive.language.vocabulary import Vocabulary
from archive.ports import Allowed
from archive.search.analysis import is_khmer
from archive.search.index import EDITIONS, GUARDS
from archive.search.spelling import Spellings


@dataclass(frozen=True, slots=True)
class IndexPart:
    """The documents of one group in one form."""

    number: int
    group: str
    form: str
    testimonies: frozenset[str]
    facets: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class PartsView:
    """Numbers of the parts one viewer may find, and of those whose guarded facets she may be told."""

    parts: list[int]
    told: dict[str, list[int]]
    themes: frozenset[str]


class Parts:
    """All parts and all words of one generation of the tables."""

    def __init__(self, parts: Sequence[IndexPart], words: Sequence[str]) -> None:
        self.parts = parts
        self.words = words
        self._views: list[tuple[Allowed, PartsView]] = []

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(word for word in self.words if is_khmer(word))

    @cached_property
    def spellings(self) -> Spellings:
        return Spellings(self.words)

    def view(self, allowed: Allowed) -> PartsView:
        for known, view in self._views:
            if known == allowed:
                return view
        view = self._view(allowed)
        self._views = [(allowed, view), *self._views[:15]]
        return view

    def _view(self, allowed: Allowed) -> PartsView:
        best = self._best_editions(allowed)
        seen = [part for part in self.parts if self._shown(part, allowed, best)]
        themes = frozenset(one for part in seen for one in part.facets if one.startswith("theme="))
        terms = [part for part in self.parts if part.form == "term" and not themes.isdisjoint(part.facets)]
        told = {
            facet: [part.number for part in seen if part.testimonies <= allowed.forms.get(form, frozenset())]
            for facet, form in GUARDS.items()
        }
        return PartsView([part.number for part in [*seen, *terms]], told, themes)

    def _best_editions(self, allowed: Allowed) -> dict[str, str]:
        best: dict[str, str] = {}
        for form in EDITIONS:
            for part in self.parts:
                if part.form == form and part.testimonies <= allowed.forms.get(form, frozenset()):
                    best[part.group] = form
        return best

    @staticmethod
    def _shown(part: IndexPart, allowed: Allowed, best: dict[str, str]) -> bool:
        if part.form == "song":
            return part.group.removeprefix("song:") in allowed.songs
        if part.form in EDITIONS:
            return best.get(part.group) == part.form
        return bool(part.testimonies) and part.testimonies <= allowed.forms.get(part.form, frozenset())

    def values(self, facet: str, allowed: Allowed) -> dict[str, int]:
        """Values of a facet with the number of groups that have them, in what the viewer may find."""
        view = self.view(allowed)
        numbers = set(view.told[facet]) if facet in GUARDS else set(view.parts)
        found = {
            (one.removeprefix(f"{facet}="), part.group)
            for part in self.parts
            if part.number in numbers
            for one in part.facets
            if one.startswith(f"{facet}=")
        }
        return in_order(Counter(value for value, _ in found if facet != "song" or value in allowed.songs))


def in_order(counts: dict[str, int]) -> dict[str, int]:
    """The most frequent value first, and by name where two are equal."""
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
