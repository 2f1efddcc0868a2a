"""Which terms of an index answer a query, when the same words may have been cut differently in the text.

A word is cut by its context, so a query on its own and the same word inside a sentence may come apart differently:
as part of a compound, as two words, or with an end swallowed by a neighbour. What never differs are the clusters. So
a query is laid as clusters over the terms that the index really holds; every way they can cover it is one alternative.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import nsmallest

from archive.language.clusters import COENG, clusters
from archive.language.lexicon import Lexicon, shipped
from archive.language.words import Token, search_tokens

EXACT, INSIDE, ACROSS = 1.0, 0.5, 0.2
_CONTINUES = frozenset("\u17dd") | frozenset(map(chr, range(0x17B6, 0x17D4)))


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way the index may hold a query: consecutive positions, each filled by any of its terms.

    Attributes:
        slots: for each position the terms that fit it; one slot is a plain term query, more are a phrase.
        weight: how far a hit is to be trusted, 1 for the words as they are, less inside or across other words.
    """

    slots: tuple[tuple[str, ...], ...]
    weight: float


class Vocabulary:
    """The terms of one index, to be asked which of them contain, begin with or end in a run of clusters.

    Never changes; make a new one when the index has new terms. Asking takes well under a millisecond for 50,000 terms.

    Args:
        terms: folded terms, the ones in most documents first where the order is known.
        lexicon: the words that queries are cut by; must be the one the index was built with.
    """

    def __init__(self, terms: Iterable[str], lexicon: Lexicon | None = None) -> None:
        self._terms = list(dict.fromkeys(term for term in terms if "\n" not in term))
        self._known = frozenset(self._terms)
        self._lexicon = lexicon
        self._starts: list[int] = []
        at = 1
        for term in self._terms:
            self._starts.append(at)
            at += len(term) + 1
        self._all = "\n" + "\n".join(self._terms) + "\n"

    def __contains__(self, term: str) -> bool:
        return term in self._known

    def _find(self, wanted: str, limit: int) -> Iterator[str]:
        """Terms at whose cluster boundaries `wanted` is found; a line feed in it stands for the end of a term."""
        inner = wanted.strip("\n")
        shift = 1 if wanted[0] == "\n" else 0
        at = self._all.find(wanted)
        found = 0
        while at >= 0 and found < limit:
            start = at + shift
            if self._all[start - 1] != COENG and self._all[start + len(inner)] not in _CONTINUES:
                index = bisect_right(self._starts, start) - 1
                term = self._terms[index]
                at = self._starts[index] + len(term) - 1
                if term != inner:
                    found += 1
                    yield term
            at = self._all.find(wanted, at + 1)

    def containing(self, word: str, limit: int = 200) -> list[str]:
        """Longer terms with this folded word inside."""
        return list(self._find(word, limit)) if word else []

    def beginning(self, word: str, limit: int = 200) -> list[str]:
        """Longer terms that begin with this folded word."""
        return list(self._find("\n" + word, limit)) if word else []

    def ending(self, word: str, limit: int = 200) -> list[str]:
        """Longer terms that end in this folded word."""
        return list(self._find(word + "\n", limit)) if word else []

    def alternatives(self, query: str, limit: int = 24, slot_limit: int = 200) -> list[Alternative]:
        """Every way this index may hold a word or a phrase, the most trusted first.

        Spaces in the query do not matter between Khmer words; a document answers when any alternative does.

        Args:
            limit: how many ways to cut the query are tried.
            slot_limit: how many terms may fill one position.
        """
        tokens = search_tokens(query, lexicon=self._lexicon)
        if not tokens:
            return []
        runs = _runs(tokens)
        if len(runs) > 1 or not _is_khmer(tokens[0].text):
            slots = [(token.text,) for token in tokens]
            return [Alternative(tuple(slots), EXACT)]
        keys = [cluster.text for token in tokens for cluster in clusters(token.text)]
        return self._lay(keys, [token.text for token in tokens], limit, slot_limit)

    def _lay(self, keys: list[str], usual: list[str], limit: int, slot_limit: int) -> list[Alternative]:
        whole = "".join(keys)
        found = [Alternative(tuple((part,) for part in usual), EXACT)]
        if len(usual) > 1 and whole in self:
            found.append(Alternative(((whole,),), EXACT))
        inside = self.containing(whole, slot_limit)
        if inside:
            found.append(Alternative((tuple(inside),), INSIDE))
        for parts in self._covers(keys, limit):
            if parts != usual and all(part in self for part in parts):
                found.append(Alternative(tuple((part,) for part in parts), EXACT))
            first = (parts[0], *self.ending(parts[0], slot_limit))
            last = (parts[-1], *self.beginning(parts[-1], slot_limit))
            if len(first) + len(last) > 2:
                found.append(Alternative((first, *((part,) for part in parts[1:-1]), last), ACROSS))
        return sorted(found, key=lambda alternative: -alternative.weight)

    def _covers(self, keys: list[str], limit: int) -> list[list[str]]:
        """The likeliest ways to cover the clusters by two terms or more, of which the outer two may reach beyond."""
        n = len(keys)
        lexicon = self._lexicon or shipped()
        ways: list[list[tuple[float, list[str]]]] = [[] for _ in range(n + 1)]
        ways[0] = [(0.0, [])]
        for end in range(1, n + 1):
            reached = []
            for start in range(max(0, end - 10), end):
                part = "".join(keys[start:end])
                outer = start == 0 or end == n
                if (start, end) == (0, n) or not ways[start] or not (part in self or outer):
                    continue
                cost = lexicon.cost(part)
                reached += [(so_far + cost, [*parts, part]) for so_far, parts in ways[start]]
            ways[end] = nsmallest(limit, reached, key=lambda way: way[0])
        return [parts for _, parts in ways[n] if self._possible(parts)]

    def _possible(self, parts: list[str]) -> bool:
        first, last = parts[0], parts[-1]
        return (first in self or bool(self.ending(first, 1))) and (last in self or bool(self.beginning(last, 1)))


def _is_khmer(text: str) -> bool:
    return "\u1780" <= text[0] <= "\u17dd"


def _runs(tokens: list[Token]) -> list[list[Token]]:
    runs: list[list[Token]] = []
    for token in tokens:
        if runs and _is_khmer(token.text) == _is_khmer(runs[-1][-1].text):
            runs[-1].append(token)
        else:
            runs.append([token])
    return runs
