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

from archive.language.clusters import KHMER_BASE, KHMER_CLUSTER

_CLUSTERS = re.compile(KHMER_CLUSTER)
_BASE = re.compile(f"[{KHMER_BASE}]")
_REMARK = re.compile(rb"^#.*\n", re.MULTILINE)
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


def _first_cluster(word: str) -> str:
    """Where the word is laid; a few of the table begin with a sign that lost its letter, which no text is cut at."""
    first = _CLUSTERS.search(word)
    return first.group() if first else ""


class Lexicon:
    """Words with counts: cuts runs of clusters into the likeliest words.

    The ways through words that begin alike are laid for one first cluster at a time, when a text holds it: one search
    needs a dozen of them, and all together take as long as the search. `lay_all` is for a process that stays.

    Args:
        counts: how often each folded word was seen; words with a count below one are left out.
        version: the digest of the table where it is known already.
    """

    def __init__(self, counts: Mapping[str, float], version: str | None = None) -> None:
        self.counts = {word: n for word, n in counts.items() if n >= 1}
        self._total = math.fsum(self.counts.values()) or 1.0
        self._version = version
        self._by_letter: dict[str, list[str]] = {}
        for word in self.counts:
            letter = word[0] if _BASE.match(word) else _first_cluster(word)[:1]
            self._by_letter.setdefault(letter, []).append(word)
        self._beginnings: dict[str, _Node | None] = {}
        self._all_laid = False

    def lay_all(self) -> None:
        """Lay all ways now, so that no text waits for one of them."""
        self._beginnings = dict(self._laid(self.counts))
        self._all_laid = True

    def _beginning(self, cluster: str) -> _Node | None:
        """Where words lead on from their first cluster. Two threads may lay the same way; either's will do."""
        if self._all_laid or cluster in self._beginnings:
            return self._beginnings.get(cluster)
        near = self._by_letter.get(cluster[0], ())
        alike = [word for word in near if cluster in word and _first_cluster(word) == cluster]
        beginning = self._beginnings[cluster] = self._laid(alike).get(cluster)
        return beginning

    def _laid(self, words: Iterable[str]) -> dict[str, _Node]:
        root = _Node()
        for word in words:
            node = root
            for cluster in _CLUSTERS.findall(word):
                following = node.following.get(cluster)
                if following is None:
                    following = node.following[cluster] = _Node()
                node = following
            node.cost = math.log(self._total / self.counts[word])
        return root.following

    def cost(self, word: str) -> float:
        """How unlikely a folded word is, in nats; one outside the lexicon as if it had been seen half a time."""
        return math.log(self._total / self.counts.get(word, 0.5))

    def __contains__(self, word: str) -> bool:
        return word in self.counts

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that change when any word or count does."""
        if self._version is not None:
            return self._version
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
            node = self._beginning(keys[i])
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
        table = _REMARK.sub(b"", gzip.decompress(path.read_bytes()))
        for line in table.decode().splitlines():
            word, count = line.split("\t")
            counts[word] = float(count)
    except (OSError, EOFError, ValueError) as error:
        raise LexiconFileError(f"the word table {path.name} could not be read") from error
    return Lexicon(counts, hashlib.sha256(table).hexdigest()[:12])


def write(path: Path, counts: Mapping[str, float], remarks: Iterable[str]) -> None:
    """Write a lexicon file; the same counts give the same bytes."""
    lines = [f"# {remark}\n" for remark in remarks]
    lines += [f"{word}\t{counts[word]:g}\n" for word in sorted(counts)]
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as stream:
        stream.write("".join(lines).encode())


@lru_cache(maxsize=1)
def shipped() -> Lexicon:
    """The lexicon that comes with the archive."""
    return read()


def keep_ready() -> None:
    """For a process that answers many: have the shipped lexicon whole before the first text.

    Its hundred thousand small objects stay for good. The garbage collector is told so: walking them again and again
    took a tenth of a second and more out of one search in thirty.
    """
    shipped().lay_all()
    gc.freeze()
