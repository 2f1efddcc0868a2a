"""Words spelt nearly alike, sign by sign: a wrong vowel or a missing subscript is one mistake."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from archive.language.clusters import clusters

_BUCKETS = 64  # letters are told apart by their code points' last six bits
MOST = 64  # candidates an engine looks at, nearest first


def mistakes_allowed(word: str) -> int:
    """One mistake in a short word, two in a longer one, none where every other word would do."""
    size = len(clusters(word))
    return 0 if len(word) < 3 or size < 2 else 1 if len(word) < 6 else 2


def distance(one: Sequence[str], other: Sequence[str], most: int) -> int:
    """Insertions, deletions, changes and swaps of neighbours between two words; `most + 1` when there are more.

    Source: Damerau (1964), in the restricted form that edits no letter twice.
    """
    before: list[int] = []
    above = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, above = above, row
    return above[-1]


class Spellings:
    """Many words, laid out so that those near a given one are found without comparing it to each."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = [word for word in words if len(word) > 2 and not word[0].isdigit()]
        self._lengths = np.array([len(word) for word in self.words], np.int64)
        self._letters = np.zeros((len(self.words), _BUCKETS), np.int8)
        for i, word in enumerate(self.words):
            for letter in word:
                self._letters[i, ord(letter) % _BUCKETS] += 1

    def near(self, word: str) -> list[str]:
        """Words with few enough mistakes, nearest first; the word itself is not among them."""
        most = mistakes_allowed(word)
        if not most or not self.words:
            return []
        wanted = np.bincount([ord(letter) % _BUCKETS for letter in word], minlength=_BUCKETS).astype(np.int8)
        alike = np.flatnonzero(np.abs(self._lengths - len(word)) <= most)
        # A changed letter is one too many and one too few; so two mistakes leave at most four letters over.
        over = np.abs(self._letters[alike] - wanted).sum(axis=1)
        found = []
        for i in alike[over <= 2 * most].tolist():
            other = self.words[i]
            if other != word and (apart := distance(word, other, most)) <= most:
                found.append((apart, other))
        return [other for _, other in sorted(found)[:MOST]]
