"""A backup while the site runs: the database as it was at one moment, every original, and the file of withdrawals.

The backup is a data folder: put in the place of one, the archive starts from it; `restore` does more. A database on a
server is written out as the SQLite file that a laptop has, through the same models. The database is taken first and the
sound after it, so that whatever the copy names is there; what came in between is not named by it and is left out.
Originals that a backup holds already, with the same hash, are not copied again, so a second backup to the same place,
or one that was broken off, goes on; the backup before it stays whole until the new database is put there. Keys are
never in it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from archive import schema, tombstones
from archive.access import sound
from archive.backends import Backends
from archive.db import Database, open_engine
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.models import Recording, Tombstone, now
from archive.originals import archive_identity, discarding
from archive.ports import BlobMissing
from archive.preservation import backup_place, database_copy
from archive.preservation.backup_place import (
    BLOBS,
    DATABASE,
    MANIFEST,
    UNFINISHED,
    WITHDRAWN,
    BackupPlace,
    FileEntry,
    Manifest,
)
from archive.withdrawal import purge

_MADE = ("exports/", "packs/", "cache/")
_LOCK = "backup.lock"
_MAKING = ".making-backup-"
_ROUNDS = 4
"""How often files are looked for that were moved while the others were copied."""


class BackupWrong(ArchiveError, RuntimeError):
    """What was written is not what was read; the backup must not be relied on."""


class BackupUnderWay(ArchiveError, RuntimeError):
    """Another backup of this archive is being made."""


@dataclass(slots=True)
class BackupReport:
    """What came of a backup.

    Attributes:
        copied, kept, removed: files written now, files that were there already, files that went.
        missing: keys that the database names and the store does not have; `damaged`: originals whose sound is not the
            one that was taken in, here and not only in the copy.
    """

    copied: int = 0
    kept: int = 0
    removed: int = 0
    missing: tuple[str, ...] = ()
    damaged: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Writing:
    """One backup while it is written."""

    backends: Backends
    place: BackupPlace
    before: dict[str, FileEntry]
    originals_only: bool
    reread: bool
    progress: Callable[[int, int], None]
    report: BackupReport
    files: dict[str, FileEntry] = field(default_factory=dict)
    named: dict[str, Recording] = field(default_factory=dict)


def write(
    backends: Backends,
    place: BackupPlace,
    *,
    originals_only: bool = False,
    reread: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> BackupReport:
    """Write a backup, or bring one up to date, and read back what was written.

    Args:
        originals_only: leave out what can be made again: listening files, peaks, redacted sound, exports.
        reread: read also what lay there already, and compare.

    Raises:
        BackupWrong, BackupUnderWay: see there.
        backup_place.NotABackup: a backup of another archive lies there.
        backup_place.PlaceTrouble: the place is full, read-only or away.
    """
    with _alone(backends), _working_folder(backends, place) as folder:
        with backends.database.read() as session:
            archive = archive_identity.archive_id(session) or ""
        before = backup_place.earlier(place, archive)
        backup_place.begin(place, archive)
        files = before.files if before else {}
        writing = _Writing(backends, place, files, originals_only, reread, progress, BackupReport())
        for _ in range(2):  # an original may be sealed in between, and is then not where the copy says
            moment, copy = now(), folder / DATABASE
            copy.unlink(missing_ok=True)
            with backup_place.told_of(place.name):
                database_copy.take_out(backends.database, copy)
            mark = _look_into(writing, copy, archive)
            _copy_blobs(writing)
            if not (missing := _missing(writing)):
                break
        writing.report.missing = tuple(missing)
        _put_database(writing, copy)
        place.put_bytes(BLOBS + archive_identity.MARK, json.dumps(asdict(mark), sort_keys=True).encode())
        revision = schema.revisions()[-1]
        said = Manifest(archive, revision, moment, mark, originals_only, writing.files, writing.report.missing)
        place.put_bytes(MANIFEST, said.to_json())
        _remove_what_went(writing)
        place.delete(UNFINISHED)
    return writing.report


@contextmanager
def _alone(backends: Backends) -> Iterator[None]:
    with (backends.settings.data / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupUnderWay(
                Message("Another backup of this archive is being made; wait until it is done.")
            ) from None
        yield


@contextmanager
def _working_folder(backends: Backends, place: BackupPlace) -> Iterator[Path]:
    """Where the copy of the database is made: on the backup's own disk, since the archive's may be full."""
    where = place.folder or backends.settings.data
    for left in where.glob(f"{_MAKING}*"):  # by one that was killed
        shutil.rmtree(left, ignore_errors=True)
    with backup_place.told_of(place.name):
        folder = TemporaryDirectory(prefix=_MAKING, dir=where)
    with folder as name:
        yield Path(name)


def _look_into(writing: _Writing, copy: Path, archive: str) -> archive_identity.Mark:
    kept = Database(open_engine(f"sqlite:///{copy}"))
    try:
        with kept.read() as session:
            writing.named = {one.id: one for one in session.scalars(select(Recording))}
            return archive_identity.newest(session, archive)
    finally:
        kept.engine.dispose()


def _copy_blobs(writing: _Writing) -> None:
    """Copy every blob that is wanted; what is moved meanwhile is found where it lies then."""
    for _ in range(_ROUNDS):
        wanted = _wanted(writing)
        keys = [key for key in wanted if BLOBS + key not in writing.files]
        if not keys:
            return
        for number, key in enumerate(keys):
            writing.progress(number, len(keys))
            try:
                _copy_one(writing, key)
            except BlobMissing:
                continue  # it was moved or taken back meanwhile
        writing.progress(len(keys), len(keys))


def _wanted(writing: _Writing) -> list[str]:
    keys = list(writing.backends.store.keys(""))
    with writing.backends.database.read() as session:  # after the keys: whatever comes in is named here first
        known = set(session.scalars(select(Recording.id))) | discarding.discarded(session) | discarding.uploads(session)
        known.update(*session.scalars(select(Tombstone.recordings)))
    return [key for key in keys if _belongs(writing, key, known)]


def _belongs(writing: _Writing, key: str, known: set[str]) -> bool:
    if key == archive_identity.MARK:
        return False
    first, _, rest = key.partition("/")
    recording_id = rest.split("/")[0]
    if first in {"recordings", "quarantine"} and recording_id not in writing.named:
        return recording_id not in known  # nobody knows it, and it may be the only copy; else it came in since
    if not writing.originals_only:
        return True
    return _cannot_be_made_again(key)


def _cannot_be_made_again(key: str) -> bool:
    first, _, rest = key.partition("/")
    recording_id = rest.split("/")[0]
    if first == "recordings":
        return key in {
            sound.original_key(recording_id),
            sound.sealed_key(recording_id),
            sound.description_key(recording_id),
        }
    return not key.startswith(_MADE)


def _copy_one(writing: _Writing, key: str) -> None:
    """Copy one blob unless it lies there already, and read it back. Raises BlobMissing, BackupWrong."""
    name, store, place = BLOBS + key, writing.backends.store, writing.place
    recording = writing.named.get(key.split("/")[1]) if key.startswith("recordings/") else None
    wanted = recording.sha256 if recording is not None and key == sound.original_key(recording.id) else ""
    size, lies, before = store.size(key), place.size(name), writing.before.get(name)
    unchanged = before is not None and lies == size == before.size and wanted in {"", before.sha256}
    if before is not None and unchanged and not key.endswith(".json") and not writing.reread:
        writing.files[name] = before
        writing.report.kept += 1
        return
    there = place.digest_or_none(name) if lies is not None else None
    with store.local_path(key) as path:
        digest = _digest_of(path)
        if wanted and digest != wanted:
            writing.report.damaged.append(key)
            if lies is not None and there == wanted:  # the backup holds it whole still
                writing.files[name] = FileEntry(lies, wanted)
                return
        if there == digest:
            writing.report.kept += 1
        else:
            place.put_file(name, path)
            _same(place, name, digest)
            writing.report.copied += 1
    writing.files[name] = FileEntry(size, digest)


def _missing(writing: _Writing) -> list[str]:
    """Originals that the copy names and the backup does not hold, apart from those that were taken back meanwhile."""
    lacking: dict[str, str] = {}
    for one in writing.named.values():
        key = one.original_key or sound.quarantine_key(one.id)
        on_its_way = not one.original_key and one.state in {"waiting", "working"}
        keys = {key, sound.original_key(one.id)} if on_its_way else {key}
        if (on_its_way or one.original_key) and not any(BLOBS + each in writing.files for each in keys):
            lacking[key] = one.id
    if not lacking:
        return []
    with writing.backends.database.read() as session:
        there = set(session.scalars(select(Recording.id).where(Recording.id.in_(lacking.values()))))
    return sorted(key for key, one in lacking.items() if one in there)


def _put_database(writing: _Writing, copy: Path) -> None:
    """From here until the list of files is written anew, there is no whole backup."""
    place, digest = writing.place, _digest_of(copy)
    stones = tombstones.tombstone_file(writing.backends.settings)
    place.delete(MANIFEST)
    place.put_file(DATABASE, copy)
    _same(place, DATABASE, digest)
    writing.files[DATABASE] = FileEntry(copy.stat().st_size, digest)
    if stones.exists():
        place.put_file(WITHDRAWN, stones)


def _remove_what_went(writing: _Writing) -> None:
    """A backup that is brought up to date lets go of what a tombstone or a discarded recording names, and of files of
    a recording beside its original that the archive has no longer; and of no more."""
    gone = purge.gone(writing.backends)
    for name in writing.place.names(BLOBS):
        if name in writing.files or name == BLOBS + archive_identity.MARK:
            continue
        parts = name.removeprefix(BLOBS).split("/")
        named = parts[1] if len(parts) > 1 and parts[0] in {"recordings", "quarantine"} else ""
        safe = any(BLOBS + key in writing.files for key in (sound.original_key(named), sound.sealed_key(named)))
        taken_back = bool(set(name.replace(".", "/").split("/")) & gone)
        if taken_back or safe or name.removeprefix(BLOBS).startswith(_MADE):
            writing.place.delete(name)
            writing.report.removed += 1


def _same(place: BackupPlace, name: str, wanted: str) -> None:
    if place.digest_or_none(name) != wanted:
        place.delete(name)
        raise BackupWrong(
            Message("{name} could not be read back as it was; the disk may be failing. Make the backup elsewhere."),
            name=name,
        )


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


__all__ = ["BackupReport", "BackupUnderWay", "BackupWrong", "write"]
