"""The port of a search engine: what every engine under this room must do.

`archive.backends` opens one by its address, and `tests/archive/search/contract.py` holds them to the same behaviour.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from archive.ports import Allowed, DocumentSink, SearchAnswer, SearchDocument
from archive.search.query import Node

Sort = Literal["relevance", "date"]

FACETS = ("community", "theme", "place", "year", "language", "song")

# A value of these facets is only told, counted or matched where the viewer may have this form of the testimony.
GUARDS = {"place": "place", "speaker": "pseudonym"}

# One testimony may stand in the index in several editions; a viewer finds the last of these that she may have.
EDITIONS = ("redacted_transcript", "full_transcript", "draft_redacted", "draft_full")


class IndexBusy(RuntimeError):
    """Another process has been writing to the index for longer than anybody should wait."""

    def __init__(self) -> None:
        super().__init__("The search index is being written by another process; try again in a minute.")


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of the answer is wanted: groups (a testimony, a song, a term), and hits inside each."""

    limit: int = 20
    offset: int = 0
    per_group: int = 3
    sort: Sort = "relevance"


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
