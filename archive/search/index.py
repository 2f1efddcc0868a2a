"""The port of a search engine: what every engine under this room must do.

`archive.backends` opens one by its address, and `tests/archive/search/contract.py` holds them to the same behaviour.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from archive.ports import Allowed, DocumentSink, SearchAnswer, SearchDocument, SearchHit
from archive.search.query import Node, Words

Sort = Literal["relevance", "date"]

FACETS = ("community", "theme", "place", "year", "language", "song")

# A value of these facets is only told, counted or matched where the viewer may have this form of the testimony.
GUARDS = {"place": "place", "speaker": "pseudonym"}

# One testimony may stand in the index in several editions; a viewer finds the last of these that she may have.
EDITIONS = ("redacted_transcript", "full_transcript", "draft_redacted", "draft_full")


MOST_TERMS = 20  # of an answer


class IndexBusy(RuntimeError):
    """Another process has been writing to the index for longer than anybody should wait."""

    def __init__(self) -> None:
        super().__init__("The search index is being written by another process; try again in a minute.")


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of the answer is wanted: groups (a testimony, a song), and hits inside each."""

    limit: int = 20
    offset: int = 0
    per_group: int = 3
    sort: Sort = "relevance"


@dataclass(frozen=True, slots=True)
class AlikeAnswer:
    """The passages that share most with some words.

    Attributes:
        hits: those that share the rarest words, best first.
        spread: word -> in how many of the viewer's passages it stands.
        passages: how many passages she has; `sharing`: how many of them share any of the words.
    """

    hits: tuple[SearchHit, ...]
    spread: Mapping[str, int]
    passages: int
    sharing: int


@dataclass(frozen=True, slots=True)
class UseCount:
    """In how many passages something stands, and of how many testimonies."""

    passages: int
    testimonies: int


@dataclass(frozen=True, slots=True)
class UsesAnswer:
    """Where a phrase stands: counts by community, and some of the places, each of another testimony."""

    by_community: Mapping[str, UseCount]
    hits: tuple[SearchHit, ...]


@dataclass(frozen=True, slots=True)
class RhymingTerm:
    """An indexed word that rhymes, in how many passages it is said, and some of them, each of another testimony."""

    term: str
    times: int
    hits: tuple[SearchHit, ...]


class SearchIndex(DocumentSink, Protocol):
    """Finds documents. What it answers is confirmed against the database before anything is shown."""

    @property
    def stale(self) -> bool:
        """Whether the index is missing, cannot be read, or was made by another version, and wants a rebuild."""

    def search(self, query: Node, allowed: Allowed, paging: Paging = Paging()) -> SearchAnswer:
        """Answer a query. Nothing outside `allowed` touches hits, order, totals, scores or counts."""

    def near(self, word: str, allowed: Allowed) -> list[str]:
        """Indexed words spelt nearly like `word` that occur in documents of `allowed`, most frequent first."""

    def values(self, facet: str, allowed: Allowed) -> dict[str, int]:
        """Every value of a facet that this viewer may know of, with the number of groups that have it."""

    def alike(
        self, words: Collection[str], pairs: Collection[tuple[str, str]], allowed: Allowed, most: int
    ) -> AlikeAnswer:
        """The passages of `allowed` that share the rarest of these words, and of these pairs of neighbours.

        Where she has no more than `most` passages, all of them, whether they share anything or not.
        """

    def uses(self, phrase: Words, allowed: Allowed, most: int) -> UsesAnswer:
        """In how many passages of `allowed` a phrase stands, and `most` places at the most."""

    def rhyming(self, key: str, without: str, allowed: Allowed, most: int, places: int) -> list[RhymingTerm]:
        """Words of the passages of `allowed` that rhyme on a key (`romanise.rhyme_key`), those said most often first.

        Args:
            without: the word that they rhyme with.
            most: how many words; `places`: how many passages are named of each.
        """

    def replace(self, group: str, documents: Iterable[SearchDocument]) -> None:
        """Put these documents in place of all that the group had, in one commit."""

    def rebuild(self, documents: Iterable[SearchDocument]) -> None:
        """Make the index anew from all documents while the old one still answers, then put it in its place.

        Raises:
            IndexBusy: another process is writing.
        """

    def digests(self) -> dict[str, str]:
        """For every group in the index, the digest its documents carried."""

    def drop_groups(self, groups: Collection[str]) -> None:
        """Remove groups that are no longer in the database."""

    def close(self) -> None: ...
