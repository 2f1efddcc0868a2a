"""Checking: does the archive still hold what it says it holds.

Each check names what is wrong in one line and touches nothing. The quick ones read the database; the deep ones read
every original and compare its hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import sound
from archive.consent import decisions, sealing
from archive.ledgers import chain
from archive.models import Recording, Source, Testimony, TranscriptVersion
from archive.models.source import quote_hash
from archive.originals.unclaimed import unclaimed
from archive.ports import BlobStore
from archive.transcripts import quotations


def quick(session: Session, store: BlobStore) -> Iterator[str]:
    """Everything that can be seen without reading sound."""
    for broken in chain.verify(session):
        yield f"ledger: {broken}"
    for testimony_id in decisions.disagreeing(session):
        yield f"consent: the permissions of testimony {testimony_id} are not what its events add up to"
    yield from _sources(session)
    yield from _blobs(session, store)
    for recording_id, keys in sorted(unclaimed(session, store).items()):
        yield f"store: the database does not know recording {recording_id}; {len(keys)} file(s) of it are kept"


def deep(session: Session, store: BlobStore, progress: Callable[[int, int], None] | None = None) -> Iterator[str]:
    """The quick checks, and every original against its hash."""
    yield from quick(session, store)
    recordings = session.scalars(select(Recording).where(Recording.original_key != "")).all()
    for number, recording in enumerate(recordings):
        if progress:
            progress(number, len(recordings))
        if sealing.sealed(recording):
            if store.exists(sound.original_key(recording.id)):
                yield f"original: recording {recording.id} is sealed, and lies open as well; seal it again"
        elif store.exists(recording.original_key) and _digest(store, recording.original_key) != recording.sha256:
            yield f"original: the sound of recording {recording.id} is not the one that was taken in"


def _sources(session: Session) -> Iterator[str]:
    """Every source quotes words that stand where it says."""
    for source in session.scalars(select(Source).where(Source.state == "sure")):
        if quote_hash(source.quote) != source.quote_hash:
            yield f"source: the quotation {source.id} is not the one its hash was taken of"
            continue
        version = session.get(TranscriptVersion, source.version_id)
        found = [] if version is None else quotations.anchors(session, version, source.quote)
        if not any(place.segment_id == source.segment_id and place.quote == source.quote for place in found):
            yield f"source: the words quoted by {source.id} no longer stand in their transcript"


def _blobs(session: Session, store: BlobStore) -> Iterator[str]:
    """Every recording that is ready has its original, its listening file and its peaks."""
    live = (
        select(Recording)
        .outerjoin(Testimony, Testimony.recording_id == Recording.id)
        .where(Recording.state.in_(("ready", "needs-a-person")), Testimony.withdrawn_at.is_(None))
    )
    for recording in session.scalars(live):
        for what in ("original_key", "listening_key", "peaks_key"):
            key = getattr(recording, what)
            if not key or not store.exists(key):
                yield f"store: recording {recording.id} has no {what.removesuffix('_key')}"


def _digest(store: BlobStore, key: str) -> str:
    digest = hashlib.sha256()
    for piece in store.read(key):
        digest.update(piece)
    return digest.hexdigest()
