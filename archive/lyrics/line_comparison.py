"""How alike a line and a passage are: the words they share, and the longest stretch they both say.

Texts are compared cluster by cluster, each between marks of its own, so that plain search in strings finds whole
clusters and nothing else; hundreds of passages are compared in the time in which one was read letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archive.language.clusters import KHMER_LETTER, clusters
from archive.language.normalise import Normalised, normalise
from archive.search.analysis import is_khmer, search_form, terms

RUN = 4  # clusters: shorter runs that two texts share are chance
RUN_OF_LETTERS = 12  # in Latin letters, which say less each
LEAST_SHARED = 2
SHORTEST_WORD = 3  # characters: shorter ones carry little
_MARK = "\x1f"
_LATIN = re.compile(rf"[^\W_{KHMER_LETTER}]+(?:'[^\W\d_{KHMER_LETTER}]+)*")


def line_words(text: str) -> tuple[str, ...]:
    """The words of a line in the form of the index, in order, without the shortest, which carry little."""
    return tuple(term for term in terms(text) if len(term) >= SHORTEST_WORD)


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike a passage is to a line, from 0 to 1, by which shared words and which stretch."""

    score: float
    shared: tuple[str, ...]
    run: str


class LineComparison:
    """A line, ready to be compared with many passages.

    Args:
        weight: word -> how much it counts, more the rarer it is.
    """

    def __init__(self, line: str, words: tuple[str, ...], weight: Mapping[str, float]) -> None:
        self._weight = {word: weight[word] for word in words}
        self._whole = sum(self._weight.values())
        khmer = [word for word in self._weight if is_khmer(word)]
        self._khmer = {word: _marked([one.text for one in clusters(word)]) for word in khmer}
        self._latin = self._weight.keys() - self._khmer.keys()
        self._line = _pieces(normalise(line).text)

    def compare(self, text: str) -> Alike:
        folded = normalise(text)
        marked = _marked(_pieces(folded.text))
        shared = {word for word, wanted in self._khmer.items() if wanted in marked}
        if self._latin:
            shared |= self._latin & {search_form(word) for word in _LATIN.findall(folded.text)}
        score = sum(self._weight[word] for word in shared) / self._whole if len(shared) >= LEAST_SHARED else 0.0
        run, share = self._told(folded, *self._longest_run(marked), text)
        ordered = tuple(sorted(shared, key=lambda word: (-self._weight[word], word)))
        return Alike(max(score, share), ordered, run)

    def _longest_run(self, marked: str) -> tuple[int, int]:
        """The longest stretch of the line's clusters that a text has: how many, and the number of its first there."""
        best, at = 0, 0
        for start in range(len(self._line)):
            while start + best < len(self._line):
                place = marked.find(_marked(self._line[start : start + best + 1]))
                if place < 0:
                    break
                best, at = best + 1, marked.count(_MARK, 0, place)
        return best, at

    def _told(self, folded: Normalised, length: int, first: int, text: str) -> tuple[str, float]:
        if length < RUN:
            return "", 0.0
        run = [one for one in clusters(folded.text) if one.text.strip()][first : first + length]
        start, end = folded.original_span(run[0].start, run[-1].end)
        if text[start:end].isascii() and length < RUN_OF_LETTERS:
            return "", 0.0
        return text[start:end].strip(), length / len(self._line)


def _pieces(folded: str) -> list[str]:
    """The clusters of a folded text, without spaces; in plain ASCII each letter is one."""
    if folded.isascii():
        return list("".join(folded.split()))
    return [one.text for one in clusters(folded) if one.text.strip()]


def _marked(pieces: Sequence[str]) -> str:
    return _MARK + _MARK.join(pieces) + _MARK
