"""The words a text is cut into, and how common each is.

A lexicon is a table of folded words and counts, read once and never changed, so any number of threads may use one. Its
version is a digest of the table: an index stores the version it was built with and is rebuilt when that changes.
"""

from __future__ import annotations

import gc
import gzip
import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path

from archive.language.clusters import KHMER_CLUSTER

_CLUSTERS = re.compile(KHMER_CLUSTER)
SHIPPED = Path(__file__).with_name("data") / "lexicon.tsv.gz"

# What a word outside the lexicon costs, in nats: known words are to win over unknown ones. Chosen on sentences kept out
# of the counts, where the cut does not change between 6 and 15 and from 5 upwards, and with the bench's scores in view.
UNKNOWN_OPEN = 9.0
UNKNOWN_PER_CLUSTER = 7.0


class LexiconFileError(Exception):
    """The table of words could not be read."""


class _Node:
    """One cluster on the way through the words that begin alike; `cost` where a word ends here."""

    __slots__ = ("cost", "following")

    def __init__(self) -> None:
        self.cost: float | None = None
        self.following: dict[str, _Node] = {}


class Lexicon:
    """Words with counts: cuts runs of clusters into the likeliest words.

    Args:
        counts: how often each folded word was seen; words with a count below one are left out.
    """

    def __init__(self, counts: Mapping[str, float]) -> None:
        self.counts = {word: n for word, n in counts.items() if n >= 1}
        self._total = math.fsum(self.counts.values()) or 1.0
        self._root = _Node()
        for word, n in self.counts.items():
            node = self._root
            for cluster in _CLUSTERS.findall(word):
                following = node.following.get(cluster)
                if following is None:
                    following = node.following[cluster] = _Node()
                node = following
            node.cost = math.log(self._total / n)

    def cost(self, word: str) -> float:
        """How unlikely a folded word is, in nats; one outside the lexicon as if it had been seen half a time."""
        return math.log(self._total / self.counts.get(word, 0.5))

    def __contains__(self, word: str) -> bool:
        return word in self.counts

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that change when any word or count does."""
        digest = hashlib.sha256()
        for word in sorted(self.counts):
            digest.update(f"{word}\t{self.counts[word]:g}\n".encode())
        return digest.hexdigest()[:12]

    def cut(self, keys: list[str], gaps: frozenset[int] = frozenset(), gap_cost: float = 0.0) -> list[int]:
        """Where words end in a run of folded clusters: ascending indexes into `keys`, the last one its length.

        Unigram Viterbi: the cut whose words are together the likeliest. Clusters no word covers are kept together as
        one unknown word where that is cheaper.

        Args:
            gaps: cluster indexes before which the writer left a word boundary.
            gap_cost: what a word pays, in nats, for each such boundary it runs across.
        """
        n = len(keys)
        best = [0.0, *[math.inf] * n]
        back = [0] * (n + 1)
        unknown, unknown_from = math.inf, 0
        for i in range(n):
            here = best[i]
            crossed = gap_cost if i in gaps else 0.0
            if unknown + crossed > here + UNKNOWN_OPEN:
                unknown, unknown_from = here + UNKNOWN_OPEN, i
            else:
                unknown += crossed
            unknown += UNKNOWN_PER_CLUSTER
            if unknown < best[i + 1]:
                best[i + 1], back[i + 1] = unknown, unknown_from
            node = self._root.following.get(keys[i])
            j = i + 1
            while node is not None:
                if node.cost is not None and here + node.cost < best[j]:
                    best[j], back[j] = here + node.cost, i
                if j == n:
                    break
                if j in gaps:
                    here += gap_cost
                node = node.following.get(keys[j])
                j += 1
        ends = []
        at = n
        while at:
            ends.append(at)
            at = back[at]
        ends.reverse()
        return ends


def read(path: Path = SHIPPED) -> Lexicon:
    """A lexicon from a gzipped table: one `word<TAB>count` a line, `#` before a remark.

    Raises:
        LexiconFileError: when the file is missing or a line is not a word and a number.
    """
    counts: dict[str, float] = {}
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for line in stream:
                if not line.startswith("#"):
                    word, count = line.rstrip("\n").split("\t")
                    counts[word] = float(count)
    except (OSError, EOFError, ValueError) as error:
        raise LexiconFileError(f"the word table {path.name} could not be read") from error
    return Lexicon(counts)


def write(path: Path, counts: Mapping[str, float], remarks: Iterable[str]) -> None:
    """Write a lexicon file; the same counts give the same bytes."""
    lines = [f"# {remark}\n" for remark in remarks]
    lines += [f"{word}\t{counts[word]:g}\n" for word in sorted(counts)]
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as stream:
        stream.write("".join(lines).encode())


@lru_cache(maxsize=1)
def shipped() -> Lexicon:
    """The lexicon that comes with the archive.

    Its hundred thousand small objects stay for good. The garbage collector is told so: walking them again and again
    took a tenth of a second and more out of one search in thirty.
    """
    lexicon = read()
    gc.freeze()
    return lexicon
