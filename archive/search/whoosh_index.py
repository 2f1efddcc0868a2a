"""The embedded search engine: a Whoosh index in a folder of its own.

Whoosh writes and keeps the index; what answers is numpy over its posting lists (`whoosh_match`), inside the view that
the gate gives a viewer. Comfortable to 200,000 passages; beyond that, PostgreSQL.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
from whoosh.index import create_in, open_dir
from whoosh.reading import SegmentReader

from archive.ports import Allowed, SearchAnswer, SearchDocument, SearchHit
from archive.search import whoosh_helps
from archive.search.index import FACETS, MOST_TERMS, AlikeAnswer, Paging, RhymingTerm, UsesAnswer
from archive.search.query import Node, Words
from archive.search.whoosh_match import Matching, Scores
from archive.search.whoosh_postings import Ints
from archive.search.whoosh_schema import as_fields, codec, schema
from archive.search.whoosh_snapshot import Leaf, Mask, Snapshot, segment_of
from archive.search.whoosh_store import Builds
from archive.settings import Settings

WRITE_WAIT_S = 10.0
REBUILD_WAIT_S = 5.0
_READ_TRIES = 50
_REBUILD_MB = 256


def open_index(url: str, _settings: Settings) -> WhooshIndex:
    """The index that `whoosh:///FOLDER` names."""
    return WhooshIndex(Path(unquote(urlsplit(url).path)))


class WhooshIndex:
    """A `SearchIndex` in `folder`; any number of threads may search it, and any number of processes write to it."""

    def __init__(self, folder: Path, *, write_wait_s: float = WRITE_WAIT_S) -> None:
        self.builds = Builds(folder)
        self._write_wait_s = write_wait_s
        self._reading = threading.Lock()  # Whoosh's files have one reading position each
        self._build: Path | None = None
        self._index: Any = None  # Whoosh's FileIndex, which is only typed in part
        self._generation = -1
        self._snapshot = Snapshot((), ())
        self._leaves: dict[str, Leaf] = {}

    @property
    def stale(self) -> bool:
        build = self.builds.current()
        if build is None or not self.builds.is_of_this_version(build):
            return True
        with self._reading:
            self._refresh()
            return self._index is None

    def search(self, query: Node, allowed: Allowed, paging: Paging = Paging()) -> SearchAnswer:  # noqa: B008
        with self._reading:
            snapshot = self._refresh()
            view = snapshot.view(allowed)
            matching = Matching(snapshot, view)
            every, scores = matching.evaluate(query)
            terms, _ = _best(snapshot, every & snapshot.of_terms, scores, Paging(MOST_TERMS, per_group=1))
            mask = every & ~snapshot.of_terms
            facets = {facet: _counts(snapshot, matching, facet, mask) for facet in FACETS}
            docs, groups = _best(snapshot, mask, scores, paging)
            hits, named = (tuple(self._hit(snapshot, int(doc), scores) for doc in some) for some in (docs, terms))
            total, within = int(np.count_nonzero(mask)), _within(snapshot, mask, docs)
            return SearchAnswer(hits, total, facets, groups, matching.bounded, within, named)

    def near(self, word: str, allowed: Allowed) -> list[str]:
        with self._reading:
            snapshot = self._refresh()
            matching = Matching(snapshot, snapshot.view(allowed))
            if matching.occurrences(word):
                return []
            found = {other for leaf in snapshot.leaves for other in leaf.spellings.near(word)}
            seen = [(matching.occurrences(other), other) for other in found]
        return [other for count, other in sorted(seen, key=lambda pair: (-pair[0], pair[1])) if count]

    def values(self, facet: str, allowed: Allowed) -> dict[str, int]:
        with self._reading:
            snapshot = self._refresh()
            view = snapshot.view(allowed)
            return _counts(snapshot, Matching(snapshot, view), facet, view.documents)

    def alike(
        self, words: Collection[str], pairs: Collection[tuple[str, str]], allowed: Allowed, most: int
    ) -> AlikeAnswer:
        with self._matching(allowed) as (matching, told):
            return whoosh_helps.alike(matching, words, pairs, most, told)

    def uses(self, phrase: Words, allowed: Allowed, most: int) -> UsesAnswer:
        with self._matching(allowed) as (matching, told):
            return whoosh_helps.uses(matching, phrase, most, told)

    def rhyming(self, key: str, without: str, allowed: Allowed, most: int, places: int) -> list[RhymingTerm]:
        with self._matching(allowed) as (matching, told):
            return whoosh_helps.rhyming(matching, key, without, most, places, told)

    @contextmanager
    def _matching(self, allowed: Allowed) -> Iterator[tuple[Matching, whoosh_helps.Told]]:
        """The newest state, seen by one viewer, and how a document of it is told of."""
        with self._reading:
            snapshot = self._refresh()
            yield Matching(snapshot, snapshot.view(allowed)), lambda doc: self._hit(snapshot, doc, None)

    def digests(self) -> dict[str, str]:
        with self._reading:
            snapshot = self._refresh()
            living = snapshot.living_cards
            return {card.group: card.digest for card, lives in zip(snapshot.cards, living, strict=True) if lives}

    def add(self, documents: Iterable[SearchDocument]) -> None:
        def change(writer: Any) -> None:
            for document in documents:
                writer.delete_by_term("key", document.key)
                writer.add_document(**as_fields(document))

        self._write(change)

    def replace(self, group: str, documents: Iterable[SearchDocument]) -> None:
        def change(writer: Any) -> None:
            writer.delete_by_term("group", group)
            for document in documents:
                writer.add_document(**as_fields(document))

        self._write(change)

    def remove(self, keys: Collection[str]) -> None:
        self._write(lambda writer: [writer.delete_by_term("key", key) for key in keys])

    def drop_groups(self, groups: Collection[str]) -> None:
        if groups:
            self._write(lambda writer: [writer.delete_by_term("group", group) for group in groups])

    def forget_testimony(self, testimony_id: str) -> None:
        # Whoosh keeps deleted words in their segment until it is merged: every segment that has any is written anew.
        self._write(lambda writer: writer.delete_by_term("testimony", testimony_id), mergetype=_rewrite_deleted)

    def rebuild(self, documents: Iterable[SearchDocument]) -> None:
        with self.builds.writing(REBUILD_WAIT_S):
            build = self.builds.begin()
            writer: Any = create_in(str(build), schema()).writer(limitmb=_REBUILD_MB, codec=codec())
            try:
                for document in documents:
                    writer.add_document(**as_fields(document))
            except BaseException:
                writer.cancel()
                raise
            writer.commit()
            self.builds.publish(build)

    def close(self) -> None:
        with self._reading:
            self._leave()

    def _write(self, change: Callable[[Any], object], **commit: Any) -> None:
        with self.builds.writing(self._write_wait_s):
            build = self.builds.current()
            if build is None:
                build = self.builds.begin()
                create_in(str(build), schema())
                self.builds.publish(build)
            writer: Any = open_dir(str(build)).writer(timeout=self._write_wait_s, codec=codec())
            try:
                change(writer)
            except BaseException:
                writer.cancel()
                raise
            writer.commit(**commit)

    def _refresh(self) -> Snapshot:
        """The newest state that can be read. A commit may remove files while they are being opened: then again."""
        for _ in range(_READ_TRIES):
            try:
                return self._newest()
            except FileNotFoundError:
                self._leave()
            except Exception:  # a torn file may fail in any way: unpickling, decompressing, counting
                self._leave()
                break
        return self._snapshot

    def _newest(self) -> Snapshot:
        build = self.builds.current()
        if build != self._build:
            self._leave()
            self._build = build
        if build is None:
            return self._snapshot
        if self._index is None:
            self._index = open_dir(str(build))
        generation = self._index.latest_generation()
        if generation != self._generation:
            self._load(self._index, generation)
        return self._snapshot

    def _load(self, index: Any, generation: int) -> None:
        opened = index.reader()
        readers = [reader for reader, _ in opened.leaf_readers() if isinstance(reader, SegmentReader)]
        names = [segment_of(reader).segment_id() for reader in readers]
        self._leaves = {name: self._leaves.get(name) or Leaf(r) for name, r in zip(names, readers, strict=True)}
        before, self._snapshot = self._snapshot, Snapshot(readers, [self._leaves[name] for name in names])
        self._generation = generation
        for reader in before.readers:
            reader.close()

    def _leave(self) -> None:
        for reader in self._snapshot.readers:
            reader.close()
        self._snapshot = Snapshot((), ())
        self._leaves = {}
        self._index, self._generation, self._build = None, -1, None

    @staticmethod
    def _hit(snapshot: Snapshot, doc: int, scores: Scores | None) -> SearchHit:
        leaf = bisect_right(snapshot.offsets.tolist(), doc) - 1
        row = snapshot.readers[leaf].stored_fields(doc - int(snapshot.offsets[leaf]))
        key, ref, segments = row["stored"]
        card = snapshot.cards[snapshot.card_of[doc]]
        score = 0.0 if scores is None else round(float(scores[doc]), 4)
        return SearchHit(key, card.kind, ref, card.testimonies, score, card.form, card.group, segments)


def _rewrite_deleted(writer: Any, segments: list[Any]) -> list[Any]:
    """A merge policy: copy the living documents of every segment that has deleted ones, and keep the rest."""
    kept = []
    for segment in segments:
        if segment.has_deletions():
            reader = SegmentReader(writer.storage, writer.schema, segment)
            writer.add_reader(reader)
            reader.close()
        else:
            kept.append(segment)
    return kept


def _counts(snapshot: Snapshot, matching: Matching, facet: str, mask: Mask) -> dict[str, int]:
    """In how many groups each value of a facet occurs among the documents of a mask."""
    pairs = snapshot.pairs(facet)
    if not len(pairs.cards):
        return {}
    chosen = snapshot.cards_of(mask)[pairs.cards] & matching.told(facet)
    groups = snapshot.group_of_card[pairs.cards[chosen]]
    both = np.unique(groups * len(pairs.values) + pairs.codes[chosen])
    counts = np.bincount(both % len(pairs.values), minlength=len(pairs.values))
    named = [(pairs.values[i], int(counts[i])) for i in np.flatnonzero(counts).tolist()]
    return dict(sorted(named, key=lambda pair: (-pair[1], pair[0])))


def _within(snapshot: Snapshot, mask: Mask, shown: Sequence[int]) -> dict[str, int]:
    """How many documents of a mask there are in each group of which some are shown."""
    counts = np.bincount(snapshot.group_of_card[snapshot.card_of[np.flatnonzero(mask)]])
    cards = {int(snapshot.card_of[doc]) for doc in shown}
    return {snapshot.cards[card].group: int(counts[snapshot.group_of_card[card]]) for card in cards}


def _best(snapshot: Snapshot, mask: Mask, scores: Scores | None, paging: Paging) -> tuple[list[int], int]:
    """The documents to show, in order, and how many groups there are in all."""
    docs = np.flatnonzero(mask)
    if not len(docs):
        return [], 0
    score = np.zeros(len(docs)) if scores is None else scores[docs]
    groups: Ints = snapshot.group_of_card[snapshot.card_of[docs]]
    order = np.lexsort((snapshot.start[docs], groups, -np.round(score, 9)))
    if paging.sort == "date":
        order = order[np.argsort(-snapshot.day[docs][order], kind="stable")]
    groups_in_order = groups[order]
    _, firsts = np.unique(groups_in_order, return_index=True)
    wanted = groups_in_order[np.sort(firsts)[paging.offset : paging.offset + paging.limit]]
    chosen: list[int] = []
    for group in wanted:
        chosen.extend(docs[order[groups_in_order == group][: paging.per_group]].tolist())
    return chosen, len(firsts)
