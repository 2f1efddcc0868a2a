"""One state of the index, laid out for counting: columns in numpy, cards read once, and what each viewer may see of it.

A snapshot never changes. Segments of a Whoosh index are written once, so their columns are kept from one snapshot to
the next and a small commit costs little.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import SegmentReader

from archive.language.vocabulary import Vocabulary
from archive.ports import Allowed
from archive.search import whoosh_postings
from archive.search.analysis import is_khmer
from archive.search.index import EDITIONS, GUARDS
from archive.search.spelling import Spellings
from archive.search.whoosh_postings import Ints
from archive.search.whoosh_schema import DocumentFacts

Mask = NDArray[np.bool_]
_VIEWS_KEPT = 16
ENTRIES_KEPT = 4_000_000  # eight bytes each, in each segment


class Leaf:
    """The columns of one segment; deletions are not among them, since they alone may change."""

    def __init__(self, reader: SegmentReader) -> None:
        self.count = reader.doc_count_all()
        self.length = _column(reader, "length", self.count)
        self.day = _column(reader, "day", self.count)
        self.start = _column(reader, "start", self.count)
        self.cards: list[DocumentFacts] = []
        self.card_of = np.zeros(self.count, np.int64)
        for text in reader.lexicon("card"):
            self.card_of[whoosh_postings.read(reader, "card", text).docs] = len(self.cards)
            self.cards.append(DocumentFacts.read(text))
        self.terms = [term.decode() for term in reader.lexicon("text")]
        self.lists = whoosh_postings.PostingsCache(ENTRIES_KEPT)

    @cached_property
    def spellings(self) -> Spellings:
        return Spellings(self.terms)


def _column(reader: SegmentReader, name: str, count: int) -> Ints:
    found = np.fromiter(reader.column_reader(name), np.int64)
    return np.pad(found, (0, count - len(found)))


@dataclass(frozen=True, slots=True)
class Pairs:
    """A facet as pairs: card `cards[i]` has value `values[codes[i]]`."""

    cards: Ints
    codes: Ints
    values: Sequence[str]


@dataclass(frozen=True, slots=True)
class SnapshotView:
    """What one viewer may find: documents, and for guarded facets the cards whose values may be told."""

    documents: Mask
    told: dict[str, Mask]
    songs: frozenset[str]
    count: int
    average_length: float


class Snapshot:
    """All segments of one generation side by side, as if they were one."""

    def __init__(self, readers: Sequence[SegmentReader], leaves: Sequence[Leaf]) -> None:
        self.readers = readers
        self.leaves = leaves
        self.offsets = np.cumsum([0, *(leaf.count for leaf in leaves)])
        self.count = int(self.offsets[-1])
        self.length = _joined([leaf.length for leaf in leaves])
        self.day = _joined([leaf.day for leaf in leaves])
        self.start = _joined([leaf.start for leaf in leaves])
        self.cards = [card for leaf in leaves for card in leaf.cards]
        firsts = np.cumsum([0, *(len(leaf.cards) for leaf in leaves)])
        self.card_of = _joined([leaf.card_of + first for leaf, first in zip(leaves, firsts, strict=False)])
        self.live = np.ones(self.count, bool)
        for reader, offset in zip(readers, self.offsets, strict=False):
            for number in segment_of(reader).deleted_docs():
                self.live[offset + number] = False
        self._views: list[tuple[Allowed, SnapshotView]] = []
        self._pairs: dict[str, Pairs] = {}

    @cached_property
    def of_terms(self) -> Mask:
        """Which documents are terms of the thesaurus."""
        terms = np.array([card.form == "term" for card in self.cards], bool)
        return terms[self.card_of] if self.count else self.live

    @cached_property
    def living_cards(self) -> Mask:
        """Which cards have a document that is not deleted."""
        return self.cards_of(self.live)

    def cards_of(self, documents: Mask) -> Mask:
        return np.bincount(self.card_of[documents], minlength=len(self.cards)) > 0

    @cached_property
    def groups(self) -> list[str]:
        """Names of all groups in order, so that their number is their rank wherever scores are equal."""
        return sorted({card.group for card in self.cards})

    @cached_property
    def group_of_card(self) -> Ints:
        number = {group: i for i, group in enumerate(self.groups)}
        return np.array([number[card.group] for card in self.cards], np.int64)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The Khmer terms of all segments; any order is right, since nobody asks for a limited number of them."""
        return Vocabulary(term for leaf in self.leaves for term in leaf.terms if is_khmer(term))

    def beginning_with(self, prefix: str) -> list[str]:
        found: set[str] = set()
        for leaf in self.leaves:
            first = bisect_left(leaf.terms, prefix)
            last = bisect_left(leaf.terms, prefix + "\U0010ffff")
            found.update(leaf.terms[first:last])
        return sorted(found)

    def pairs(self, facet: str) -> Pairs:
        if facet not in self._pairs:
            cards, codes = [], []
            number: dict[str, int] = {}
            for i, card in enumerate(self.cards):
                for value in card.facets.get(facet, ()):
                    cards.append(i)
                    codes.append(number.setdefault(value, len(number)))
            self._pairs[facet] = Pairs(np.array(cards, np.int64), np.array(codes, np.int64), list(number))
        return self._pairs[facet]

    def view(self, allowed: Allowed) -> SnapshotView:
        """What `allowed` lets through, from the last few asked for if it is among them."""
        for known, view in self._views:
            if known == allowed:
                return view
        view = self._view(allowed)
        self._views = [(allowed, view), *self._views[: _VIEWS_KEPT - 1]]
        return view

    def _view(self, allowed: Allowed) -> SnapshotView:
        best = self._best_editions(allowed)
        cards = np.array([self._shown(card, allowed, best) for card in self.cards], bool)
        found = np.flatnonzero(cards & self.living_cards)
        themes = {value for i in found for value in self.cards[i].facets.get("theme", ())}
        # A theme is found where something under it is: a term made for one hidden testimony would tell of it.
        for i, card in enumerate(self.cards):
            if card.form == "term":
                cards[i] = not themes.isdisjoint(card.facets.get("theme", ()))
        documents = self.live & cards[self.card_of] if self.count else self.live
        told = {facet: self._having(allowed.forms.get(form, frozenset())) for facet, form in GUARDS.items()}
        count = int(np.count_nonzero(documents))
        # An exact sum of whole numbers: nothing of what is hidden can show in the last digit of a score.
        average = int(self.length[documents].sum()) / count if count else 1.0
        return SnapshotView(documents, told, allowed.songs, count, average or 1.0)

    def _having(self, testimonies: frozenset[str]) -> Mask:
        """The cards all of whose testimonies are among these."""
        return np.array([testimonies.issuperset(card.testimonies) for card in self.cards], bool)

    def _best_editions(self, allowed: Allowed) -> dict[str, str]:
        rank = {form: i for i, form in enumerate(EDITIONS)}
        best: dict[str, str] = {}
        for card, lives in zip(self.cards, self.living_cards, strict=True):
            if lives and card.form in rank and set(card.testimonies) <= allowed.forms.get(card.form, frozenset()):
                known = best.get(card.group)
                if known is None or rank[known] < rank[card.form]:
                    best[card.group] = card.form
        return best

    @staticmethod
    def _shown(card: DocumentFacts, allowed: Allowed, best: dict[str, str]) -> bool:
        if card.form == "song":
            return card.group.removeprefix("song:") in allowed.songs
        if not card.testimonies or not set(card.testimonies) <= allowed.forms.get(card.form, frozenset()):
            return False
        return card.form not in EDITIONS or best.get(card.group) == card.form


def segment_of(reader: SegmentReader) -> Any:
    """The segment a reader reads; it always has one, which Whoosh's types do not say."""
    return reader.segment()


def _joined(columns: Sequence[Ints]) -> Ints:
    return np.concatenate(columns) if columns else np.zeros(0, np.int64)
