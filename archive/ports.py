"""What the archive needs from outside: a store of bytes, a search index, a queue.

The archive states these as Protocols and never imports who fulfils them; `archive.backends` opens the ones that the
settings name. Each has one contract test that every implementation must pass.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from archive.timing import Span


class BlobMissing(KeyError):
    """No blob is stored under this key."""


class BlobStore(Protocol):
    """Bytes under keys such as `recordings/7f3k…/original`; a write is whole or has not happened."""

    def put_file(self, key: str, path: Path) -> None:
        """Store a copy of the file at `path`."""

    def put_bytes(self, key: str, data: bytes) -> None: ...

    def get_bytes(self, key: str) -> bytes:
        """All bytes of a small blob. Raises BlobMissing."""

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to and not including `end`, in chunks. Raises BlobMissing at the call."""

    def size(self, key: str) -> int:
        """Length in bytes. Raises BlobMissing."""

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Remove the blob; removing one that is not there is no error."""

    def keys(self, prefix: str = "") -> Iterator[str]: ...

    def local_path(self, key: str) -> AbstractContextManager[Path]:
        """The blob as a file for as long as the context is open; it must not be written to. Raises BlobMissing."""


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """One thing that can be found; `archive.retrieval.documents` makes these and nobody else does.

    Attributes:
        key: unique in the index, `KIND:FORM:ID`.
        kind: `passage`, `point`, `testimony`, `song`, `line` or `term`.
        ref: id of the model the document was made from; for a passage, its first segment.
        testimonies: every testimony whose consent governs the document; empty only for songs' own words and terms.
        form: what must be allowed to find it: a consent form such as `redacted_transcript`, one of the drafts that
            only the people who make transcripts find, `song` or `term`.
        texts: language code -> text.
        facets: `community`, `theme`, `place`, `year`, `language`, `song`, `speaker` -> values.
        span: the moment in the listening file.
        date: `YYYY-MM-DD` or the beginning of it, for sorting; empty when unknown.
        group: what it is shown under and replaced with: a testimony, a song or a term, `KIND:ID`.
        segments: how many segments a passage has.
        digest: the same on all documents of a group; changes whenever one of them does.
    """

    key: str
    kind: str
    ref: str
    testimonies: tuple[str, ...]
    form: str
    texts: dict[str, str]
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    span: Span | None = None
    date: str = ""
    group: str = ""
    segments: int = 1
    digest: str = ""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A document that answers a query, before the database has confirmed that it may be shown."""

    key: str
    kind: str
    ref: str
    testimonies: tuple[str, ...]
    score: float
    form: str = ""
    group: str = ""
    segments: int = 1


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search engine answers.

    Attributes:
        hits: the best of each group, groups in order and hits in order inside them; none of terms.
        total: how many documents answer; `groups`: how many testimonies and songs they stand in.
        facets: facet -> value -> in how many groups.
        bounded: the engine stopped looking, and there are at least that many.
        within: of the groups that have hits here, how many documents of each answer.
        terms: the terms of the thesaurus that answer, best first: ways on, and nothing that is counted.
    """

    hits: tuple[SearchHit, ...]
    total: int
    facets: dict[str, dict[str, int]]
    groups: int = 0
    bounded: bool = False
    within: dict[str, int] = field(default_factory=dict)
    terms: tuple[SearchHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one viewer may find: form -> ids of testimonies; the filter goes inside the query, before counting.

    Terms of the thesaurus belong to everybody; a song and its lines are found by whoever may open the song.
    """

    forms: dict[str, frozenset[str]]
    songs: frozenset[str]


class JobQueue(Protocol):
    """Carries the ids of recordings that want work; the stage rows in the database are the truth about them."""

    def enqueue(self, recording_id: str) -> bool:
        """Hand it out; False when the queue cannot be reached, and a worker comes upon it by itself after a while."""

    def depth(self) -> int: ...


class DocumentSink(Protocol):
    """The writing half of a search index."""

    def add(self, documents: Iterable[SearchDocument]) -> None:
        """Add or replace documents by key, in one commit. All documents of a group come together."""

    def remove(self, keys: Collection[str]) -> None: ...

    def forget_testimony(self, testimony_id: str) -> None:
        """Remove every document made from this testimony so that no byte of it stays in the index's files."""
