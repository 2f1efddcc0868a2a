"""Keeping the search index true to the database.

The database commits first and the index follows; the index is disposable. Whoever is killed between the two leaves an
index that is behind, which `reconcile` finds at the next start by comparing digests, group by group. A rebuild holds
the index for as long as it takes; whoever cannot wait for it is put right when it is done.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.db import Database
from archive.models import LyricLine, LyricVersion, Source
from archive.ports import SearchDocument
from archive.retrieval import documents
from archive.search.index import IndexBusy, SearchIndex

log = logging.getLogger(__name__)


def index_testimony(database: Database, index: SearchIndex, testimony_id: str) -> int:
    """Put a testimony's documents in place of its earlier ones; returns how many there are.

    A testimony that is gone or withdrawn is forgotten to the last byte, and the songs that drew on it are indexed
    again, for what stands in them without it. One that is withdrawn while this goes on is found so by a second look,
    since its purge may have emptied the index before what the first look saw came into it.
    """
    with database.read() as session:
        found = documents.testimony_documents(session, testimony_id)
    if found:
        _replace(index, f"testimony:{testimony_id}", found)
    with database.read() as session:
        if found and documents.not_withdrawn(session, testimony_id) is not None:
            return len(found)
        index.forget_testimony(testimony_id)
        index_songs(session, index, songs_from(session, testimony_id))
    return 0


def songs_from(session: Session, testimony_id: str) -> list[str]:
    """Ids of the songs any of whose words, in any version, were drawn from this testimony."""
    query = (
        select(LyricVersion.song_id)
        .join(LyricLine, LyricLine.version_id == LyricVersion.id)
        .join(Source, Source.line_id == LyricLine.id)
        .where(Source.testimony_id == testimony_id)
    )
    return sorted(set(session.scalars(query)))


def index_songs(session: Session, index: SearchIndex, song_ids: Iterable[str]) -> None:
    """Put these songs' documents in place of their earlier ones; a testimony's passages learn of its songs when it is
    indexed itself."""
    for song_id in song_ids:
        _replace(index, f"song:{song_id}", documents.song_documents(session, song_id))


def _replace(index: SearchIndex, group: str, found: list[SearchDocument]) -> None:
    try:
        index.replace(group, found)
    except IndexBusy:
        log.warning("the index is being made anew; what changed meanwhile is put right when that is done")


def reindex(database: Database, index: SearchIndex) -> None:
    """Make the whole index anew from the database, while the old one still answers; then what changed meanwhile.

    Raises:
        IndexBusy: another process is writing to the index.
    """
    with database.read() as session:
        index.rebuild(documents.all_documents(session))
    reconcile(database, index)


def reconcile(database: Database, index: SearchIndex) -> int:
    """Bring an index that may be behind up to the database; returns how many groups were put right."""
    known = index.digests()
    put_right = 0
    with database.read() as session:
        seen = set()
        for group, found in _grouped(documents.all_documents(session)):
            seen.add(group)
            if known.get(group) != found[0].digest:
                index.replace(group, found)
                put_right += 1
        gone = known.keys() - seen
    for group in gone:
        kind, _, name = group.partition(":")
        if kind == "testimony":
            index.forget_testimony(name)
    index.drop_groups([group for group in gone if not group.startswith("testimony:")])
    return put_right + len(gone)


def _grouped(every: Iterable[SearchDocument]) -> Iterable[tuple[str, list[SearchDocument]]]:
    group, found = "", list[SearchDocument]()
    for document in every:
        if document.group != group and found:
            yield group, found
            found = []
        group = document.group
        found.append(document)
    if found:
        yield group, found


def ensure(database: Database, index: SearchIndex) -> bool:
    """Make an index that is missing, torn or of another version anew, and bring one that is behind up to date.

    Returns:
        Whether anything had to be done.
    """
    if index.stale:
        reindex(database, index)
        return True
    return bool(reconcile(database, index))


def ensure_in_background(database: Database, index: SearchIndex) -> threading.Thread:
    """As `ensure`, beside a site that already answers. A second process that finds the first one at it leaves it be."""

    def run() -> None:
        try:
            ensure(database, index)
        except IndexBusy:
            return

    thread = threading.Thread(target=run, name="index", daemon=True)
    thread.start()
    return thread
