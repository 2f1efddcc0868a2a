"""Purging: everything that was made of a withdrawn testimony is removed, and then the room is swept.

The steps can be repeated; a purge that was broken off is found by its tombstone and begins again. Bytes go before rows,
since the rows say where the bytes are. Restricting keeps the original sound and the transcripts, which nobody is
served; destroying keeps an id and a date.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive import schema
from archive.access import sound
from archive.backends import Backends
from archive.consent import vault
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import (
    LyricLine,
    LyricVersion,
    RecognisedWindow,
    RecognitionCheckpoint,
    Revoicing,
    Source,
    Testimony,
    Tombstone,
    now,
)
from archive.originals import discarding
from archive.retrieval import indexing
from archive.withdrawal import near_copies, purged_rows
from archive.withdrawal.purged_rows import Purge

_MADE_OF_SONGS = ("exports/", "cache/")
_PACKS = "packs/"
"""Of many songs each; all are made again after a withdrawal that reaches any song."""
WITHDRAWALS = "withdrawals/"
"""The store's own word about each withdrawal lies under this prefix and is no part of what is withdrawn."""
_CODES = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read-only",
    errno.EACCES: "read-only",
    errno.EPERM: "read-only",
    errno.ENODEV: "away",
    errno.EIO: "broken",
}
_SAID = (
    ("locked", "locked"),
    ("lock timeout", "locked"),
    ("full", "full"),
    ("readonly", "read-only"),
    ("connect", "unreachable"),
)


class NotWithdrawn(ArchiveError, ValueError):
    """Only what its narrator withdrew is purged."""


def purge(backends: Backends, testimony_id: str) -> dict[str, int]:
    """Remove everything derived from a withdrawn testimony, and with `destroy` the testimony itself.

    Returns:
        Step -> how many things it removed, for the steward's report.

    Raises:
        NotWithdrawn: there is no tombstone for it.
    """
    wanted = _wanted(backends, testimony_id)
    done: dict[str, int] = {}
    failed: dict[str, Exception] = {}
    for name, step in (*STEPS, ("database file", _compact)):
        if failed.keys() & _AFTER.get(name, ()):
            continue
        try:
            done[name] = step(backends, wanted)
        except Exception as error:  # one that cannot be done must not keep the others from being done
            failed[name] = error
    with backends.database.write() as session:
        stone = session.get_one(Tombstone, testimony_id)
        stone.troubles = {name: trouble(error) for name, error in failed.items()}
        if not failed:
            stone.purged_at = now()
            detail: dict[str, object] = {"mode": wanted.mode, **done}
            audit.note(session, None, "testimony.purged", f"testimony:{testimony_id}", detail)
    if failed:
        raise next(iter(failed.values()))
    return done


def trouble(error: Exception) -> str:
    """Why something cannot be done now, as a code that pages and commands have words for."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.errno in _CODES:
            return _CODES[found.errno]
        found = found.__cause__ or found.__context__
    words = str(error).lower()
    return next((code for part, code in _SAID if part in words), "failed")


def purge_waiting(backends: Backends) -> list[str]:
    """Finish every purge that was broken off, and remove sound that somebody killed in between wrote too late.

    Only what a tombstone or a discarded recording names is removed; what the database does not know stays.

    Raises:
        Exception: the first that something stumbled over, after everything else has been done.
    """
    with backends.database.read() as session:
        waiting = list(session.scalars(select(Tombstone.testimony_id).where(Tombstone.purged_at.is_(None))))
    failed: list[Exception] = []
    for testimony_id in waiting:
        try:
            purge(backends, testimony_id)
        except Exception as error:  # the others' purges do not wait for it
            failed.append(error)
    if failed:
        raise failed[0]
    for key in left_over(backends):
        backends.store.delete(key)
    return waiting


def sweep(backends: Backends, recording_id: str) -> None:
    """Remove what a stage wrote of a recording while its testimony was withdrawn; to be called when the stage is over.

    Does nothing where neither a tombstone nor a discarded recording names it.
    """
    with backends.database.read() as session:
        stones = session.execute(select(Tombstone.testimony_id, Tombstone.recordings))
        testimony_id = next((told for told, recordings in stones if recording_id in recordings), None)
        wanted = _purge_of(session, testimony_id) if testimony_id else None
        if wanted is None and recording_id in discarding.discarded(session):
            wanted = Purge("", "destroy", recording_id, None, ())
    if wanted is None:
        return
    for step in (_blobs, _work_folders):
        step(backends, wanted)
    if wanted.testimony_id:
        _index(backends, wanted)


def gone(backends: Backends) -> frozenset[str]:
    """Ids of which no byte is to stay anywhere: destroyed testimonies, their recordings, and discarded recordings."""
    with backends.database.read() as session:
        stones = session.scalars(select(Tombstone).where(Tombstone.mode == "destroy")).all()
        return discarding.discarded(session).union(*({one.testimony_id, *one.recordings} for one in stones))


def left_over(backends: Backends) -> list[str]:
    """Keys of blobs of withdrawn testimonies and of discarded recordings, apart from what a narrator may return to."""
    with backends.database.read() as session:
        stones = session.scalars(select(Tombstone.testimony_id)).all()
        closed = [one for one in (_purge_of(session, stone) for stone in stones) if one is not None]
        closed += [Purge("", "destroy", one, None, ()) for one in discarding.discarded(session)]
    kept = set().union(*(_kept(backends, one) for one in closed))
    ids = frozenset().union(*(one.ids for one in closed))
    return [key for key in backends.store.keys("") if key not in kept and _named(key, ids)]


def _wanted(backends: Backends, testimony_id: str) -> Purge:
    with backends.database.read() as session:
        found = _purge_of(session, testimony_id)
    if found is None:
        raise NotWithdrawn(Message("This testimony was not withdrawn."))
    return found


def _purge_of(session: Session, testimony_id: str) -> Purge | None:
    stone = session.get(Tombstone, testimony_id)
    if stone is None:
        return None
    testimony = session.get(Testimony, testimony_id)
    drawn = select(LyricVersion.song_id).join(LyricLine).join(Source).where(Source.testimony_id == testimony_id)
    songs = tuple(sorted(set(session.scalars(drawn))))
    named = tuple(stone.recordings)
    if testimony is None:
        return Purge(testimony_id, stone.mode, None, None, songs, named=named)
    read = session.scalar(select(Revoicing.recording_id).where(Revoicing.testimony_id == testimony_id))
    return Purge(testimony_id, stone.mode, testimony.recording_id, testimony.narrator_id, songs, read, named)


def _kept(backends: Backends, wanted: Purge) -> set[str]:
    """What a restricted testimony keeps: its original, in whatever state it came in, and how her word was given."""
    if wanted.mode != "restrict":
        return set()
    kept = set(backends.store.keys(vault.evidence_folder(wanted.testimony_id)))
    for recording_id in wanted.ids - {wanted.testimony_id}:
        originals = (sound.original_key(recording_id), sound.sealed_key(recording_id), f"quarantine/{recording_id}")
        kept |= set([key for key in originals if backends.store.exists(key)][:1])
    return kept


def _blobs(backends: Backends, wanted: Purge) -> int:
    kept = _kept(backends, wanted)
    keys = [key for key in backends.store.keys("") if key not in kept and _made_of(key, wanted)]
    for key in keys:
        backends.store.delete(key)
    return len(keys)


def _parts(key: str) -> list[str]:
    return key.replace(".", "/").split("/")


def _named(key: str, ids: Collection[str]) -> bool:
    return not key.startswith(WITHDRAWALS) and not set(ids).isdisjoint(_parts(key))


def _made_of(key: str, wanted: Purge) -> bool:
    of_a_song = key.startswith(_MADE_OF_SONGS) and not set(wanted.songs).isdisjoint(_parts(key))
    return of_a_song or _named(key, wanted.ids) or (bool(wanted.songs) and key.startswith(_PACKS))


def _keys(backends: Backends, wanted: Purge) -> int:
    """Destroy the keys of its sound; those that lie on a stick that is not here are written down and wait for it."""
    if wanted.mode != "destroy":
        return 0
    with backends.database.read() as session:
        waiting = set(session.get_one(Tombstone, wanted.testimony_id).sealed)
    destroyed, reachable = 0, vault.keys_are_here(backends.settings)
    for one in sorted(wanted.ids):
        try:
            destroyed += vault.destroy_sound_key(backends.settings, one)
            if reachable:
                waiting.discard(one)
        except OSError:
            waiting.add(one)
    with backends.database.write() as session:
        session.get_one(Tombstone, wanted.testimony_id).keys_waiting = sorted(waiting)
    return destroyed


def _compact(backends: Backends, _wanted: Purge) -> int:
    backends.database.compact()
    return 1


def _work_folders(backends: Backends, wanted: Purge) -> int:
    """Half-done work, in the database and on this machine: nothing is at it, since nothing is claimed any more."""
    folders = [backends.settings.data / "work" / one for one in wanted.ids]
    there = [folder for folder in folders if folder.exists()]
    for folder in there:
        shutil.rmtree(folder, ignore_errors=True)
    with backends.database.write() as session:
        ids = list(wanted.ids)
        begun = [
            delete(RecognisedWindow).where(RecognisedWindow.recording_id.in_(ids)),
            delete(RecognitionCheckpoint).where(RecognitionCheckpoint.recording_id.in_(ids)),
        ]
        return len(there) + purged_rows.removed(session, begun)


def _index(backends: Backends, wanted: Purge) -> int:
    backends.index.forget_testimony(wanted.testimony_id)
    return 1


def _rows(backends: Backends, wanted: Purge) -> int:
    with backends.database.write() as session:
        if wanted.mode == "restrict":
            return purged_rows.of_restricted(session, wanted)
        return purged_rows.of_destroyed(session, wanted)


def _near_copies(backends: Backends, wanted: Purge) -> int:
    """Where others wrote nearly her words, noted while these are still there to compare with."""
    if wanted.mode != "destroy":
        return 0
    with backends.database.write() as session:
        return near_copies.note(session, wanted.testimony_id)


def _songs(backends: Backends, wanted: Purge) -> int:
    """What may still be found of the songs: forgetting the testimony took all of their lines out of the index."""
    with backends.database.read() as session:
        indexing.index_songs(session, backends.index, wanted.songs)
    return len(wanted.songs)


def _copies(backends: Backends, wanted: Purge) -> int:
    """Copies of the database that were kept before an upgrade hold her words: a destroyed testimony ends there too."""
    return schema.remove_copies(backends.database.file) if wanted.mode == "destroy" else 0


STEPS: tuple[tuple[str, Callable[[Backends, Purge], int]], ...] = (
    ("keys", _keys),
    ("blobs", _blobs),
    ("work folders", _work_folders),
    ("index", _index),
    ("near copies", _near_copies),
    ("rows", _rows),
    ("songs", _songs),
    ("copies of the database", _copies),
)
OF_MISTAKES: tuple[Callable[[Backends, Purge], int], ...] = (_blobs, _work_folders, _index, _rows, _copies)
"""The steps by which a recording goes that was taken in by mistake; nothing in songs is made of it."""
_AFTER = {"rows": {"blobs", "work folders", "near copies"}, "songs": {"blobs", "work folders", "index", "rows"}}
"""Steps that wait for others: the rows say where the bytes are, and what she said."""
