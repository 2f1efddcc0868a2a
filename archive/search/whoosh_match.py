"""Evaluates a query over a snapshot: which documents, and how well.

Everything is counted among the documents of the viewer's view and nowhere else: a word's rarity, the average length,
how many words a prefix stands for. Otherwise scores and their order would tell of documents she may not know of.
Ranking is BM25. Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with idf never below
zero.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from archive.search import whoosh_postings
from archive.search.analysis import is_khmer, long_enough
from archive.search.index import GUARDS
from archive.search.query import And, Field, Filter, Node, Not, Or, Words
from archive.search.whoosh_postings import Ints, Postings
from archive.search.whoosh_snapshot import Mask, Snapshot, SnapshotView

K1 = 1.2
B = 0.75
MOST_TERMS = 1000  # that one prefix may stand for
_SHIFT = 32

Scores = NDArray[np.float64]
Found = tuple[Mask, Scores | None]


class Matching:
    """One query over one view."""

    def __init__(self, snapshot: Snapshot, view: SnapshotView) -> None:
        self.snapshot = snapshot
        self.view = view
        self.bounded = False

    def evaluate(self, node: Node) -> Found:
        """The documents that answer, and the score of each; no scores where nothing was looked up by words."""
        if isinstance(node, Words):
            return self._words(node)
        if isinstance(node, Filter):
            return self._filter(node), None
        if isinstance(node, Not):
            return self.view.documents & ~self.evaluate(node.part)[0], None
        if isinstance(node, And):
            return self._all(self.evaluate(part) for part in node.parts)
        if isinstance(node, Or):
            return self._any(self.evaluate(part) for part in node.parts)
        assert isinstance(node, Field)
        return np.zeros(self.snapshot.count, bool), None

    def _all(self, parts: Iterable[Found]) -> Found:
        mask = self.view.documents
        total: Scores | None = None
        for found, scores in parts:
            mask = mask & found
            if scores is not None:
                total = scores if total is None else total + scores
        return mask, total

    def _any(self, parts: Iterable[Found]) -> Found:
        mask = np.zeros(self.snapshot.count, bool)
        total: Scores | None = None
        for found, scores in parts:
            mask = mask | found
            if scores is not None:
                total = scores if total is None else total + scores
        return mask, total

    def _filter(self, node: Filter) -> Mask:
        pairs = self.snapshot.pairs(node.facet)
        wanted = self.told(node.facet) & np.isin(
            pairs.codes, [i for i, v in enumerate(pairs.values) if v in node.values]
        )
        cards = np.zeros(len(self.snapshot.cards), bool)
        cards[pairs.cards[wanted]] = True
        return self.view.documents & cards[self.snapshot.card_of]

    def told(self, facet: str) -> Mask:
        """Which pairs of a facet this viewer may be told."""
        pairs = self.snapshot.pairs(facet)
        if facet == "song":
            return np.array([pairs.values[code] in self.view.songs for code in pairs.codes], bool)
        if facet in GUARDS:
            return self.view.told[facet][pairs.cards]
        return np.ones(len(pairs.cards), bool)

    def _words(self, node: Words) -> Found:
        counts = np.zeros(self.snapshot.count)
        trust = np.zeros(self.snapshot.count)
        for slots, weight in self._ways(node):
            for docs, times in self.runs(slots):
                counts[docs] = np.maximum(counts[docs], times)
                trust[docs] = np.maximum(trust[docs], weight)
        docs = np.flatnonzero(counts)
        scores = np.zeros(self.snapshot.count)
        if len(docs):
            scores[docs] = self._bm25(docs, counts[docs]) * trust[docs] * node.weight
        return counts > 0, scores

    def _ways(self, node: Words) -> Iterator[tuple[list[list[str]], float]]:
        """Every way the index may hold the words: what may stand at each position, and how far it is to be trusted."""
        if not node.prefix and all(map(is_khmer, node.terms)):
            # No limit on the words of a position: hidden ones would count towards it, and push out those she may find.
            for way in self.snapshot.vocabulary.alternatives(node.typed, slot_limit=sys.maxsize):
                yield [list(slot) for slot in way.slots], way.weight
            return
        slots = [[term] for term in node.terms]
        if node.prefix:
            slots[-1] = self._beginning_with(node.terms[-1])
        yield slots, 1.0

    def _bm25(self, docs: Ints, counts: Scores) -> Scores:
        idf = np.log1p((self.view.count - len(docs) + 0.5) / (len(docs) + 0.5))
        length = self.snapshot.length[docs] / self.view.average_length
        scores: Scores = idf * counts * (K1 + 1) / (counts + K1 * (1 - B + B * length))
        return scores

    def runs(self, slots: list[list[str]]) -> Iterator[tuple[Ints, Ints]]:
        """Documents and how often the run of words stands in them, segment by segment."""
        for leaf in range(len(self.snapshot.readers)):
            yield self._phrase(leaf, slots) if len(slots) > 1 else self._either(leaf, slots[0])

    def _either(self, leaf: int, terms: list[str]) -> tuple[Ints, Ints]:
        """Documents of one segment with any of the words."""
        offset = int(self.snapshot.offsets[leaf])
        lists = [self._read(leaf, term) for term in terms]
        if len(lists) == 1:
            docs, times = lists[0].docs, lists[0].counts
        else:
            counts = np.zeros(self.snapshot.leaves[leaf].count, np.int64)
            for found in lists:
                counts[found.docs] += found.counts
            docs = np.flatnonzero(counts)
            times = counts[docs]
        seen = self.view.documents[docs + offset]
        return docs[seen] + offset, times[seen]

    def _read(self, leaf: int, term: str) -> Postings:
        return self.snapshot.leaves[leaf].lists.read(self.snapshot.readers[leaf], term)

    def occurrences(self, term: str) -> int:
        """In how many documents of the view a term stands."""
        return sum(len(self._either(leaf, [term])[0]) for leaf in range(len(self.snapshot.readers)))

    def _beginning_with(self, prefix: str) -> list[str]:
        """Terms that begin so and occur in the view, in their order, up to a limit that only such terms count to."""
        if not long_enough(prefix):
            return [prefix]
        seen: list[str] = []
        for term in self.snapshot.beginning_with(prefix):
            if self.occurrences(term):
                if len(seen) == MOST_TERMS:
                    self.bounded = True
                    break
                seen.append(term)
        return seen

    def _phrase(self, leaf: int, slots: list[list[str]]) -> tuple[Ints, Ints]:
        """Documents of one segment where these words follow each other, and how often."""
        offset = int(self.snapshot.offsets[leaf])
        lists = [[self._read(leaf, term) for term in terms] for terms in slots]
        common = self.view.documents[offset : offset + self.snapshot.leaves[leaf].count].copy()
        for found in lists:
            here = np.zeros(len(common), bool)
            for postings in found:
                here[postings.docs] = True
            common &= here
        if not common.any():
            return whoosh_postings.NONE.docs, whoosh_postings.NONE.counts
        starts: Ints | None = None
        for place, found in enumerate(lists):
            keys = np.concatenate([_keys(postings, common) for postings in found]) - place
            starts = keys if starts is None else starts[np.isin(starts, keys)]
        assert starts is not None
        docs, times = np.unique(starts >> _SHIFT, return_counts=True)
        return docs + offset, times


def _keys(postings: Postings, wanted: Mask) -> Ints:
    """Each position in the wanted documents as one number: the document above, the position below."""
    docs = np.repeat(postings.docs, postings.counts)
    kept = wanted[docs]
    return (docs[kept] << _SHIFT) + postings.positions[kept]
