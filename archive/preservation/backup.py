"""A backup while the site runs: the database as it was at one moment, every original, and the file of withdrawals.

The backup is a data folder: put in the place of one, the archive starts from it. A database on a server is written out
as the SQLite file that a laptop has, through the same models. The database is taken first and the sound after it, so
that whatever the copy names is there; what came in between is not named by it and is left out. Originals that a backup
holds already, with the same length, are not copied again, so a second backup to the same place, or one that was broken
off, goes on. Keys are never in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import delete, select

from archive import schema, tombstones
from archive.access import sound
from archive.backends import Backends
from archive.db import Database, open_engine
from archive.models import AccountSession, Base, Discarded, Recording
from archive.originals import archive_identity
from archive.ports import BlobMissing, BlobStore
from archive.settings import Settings
from archive.withdrawal import purge

MANIFEST = "backup.json"
DATABASE = "archive.db"
WITHDRAWN = "tombstones.jsonl"
_BLOBS = "blobs/"
_MADE = ("exports/", "cache/")
_BATCH = 500


class NotABackup(ValueError):
    """A backup cannot go there."""


class BackupWrong(RuntimeError):
    """What was written is not what was read; the backup must not be relied on."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds: files copied now, files that were there already, files removed, and what is not there."""

    copied: int
    kept: int
    removed: int
    missing: tuple[str, ...]


def check_target(settings: Settings, target: Path) -> None:
    """Raises NotABackup where the backup would lie in what it backs up, or in a folder with something else in it."""
    here, wanted = settings.data.resolve(), target.resolve()
    if wanted == here or here in wanted.parents or wanted in here.parents:
        raise NotABackup("A backup does not belong in the data folder, or around it; name another disk.")
    if target.exists() and not target.is_dir():
        raise NotABackup(f"{target} is a file; name a folder.")
    if target.is_dir() and any(target.iterdir()) and not (target / MANIFEST).exists():
        unfinished = {one.name for one in target.iterdir()} <= {DATABASE, WITHDRAWN, _BLOBS.rstrip("/")}
        if not unfinished:
            raise NotABackup(f"{target} holds something else; name an empty folder or an earlier backup.")


def write(
    backends: Backends, target: BlobStore, *, originals_only: bool, progress: Callable[[int, int], None] | None = None
) -> BackupReport:
    """Write a backup, or bring one up to date, and read it back.

    Args:
        target: a store whose keys are the files of the backup.
        originals_only: leave out what can be made again: listening files, peaks, redacted sound, exports.

    Raises:
        BackupWrong: see there.
    """
    target.delete(MANIFEST)  # until it is written again, this is no whole backup
    with TemporaryDirectory(prefix="backup-", dir=backends.settings.data) as folder:
        copy = Path(folder) / DATABASE
        _copy_database(backends.database, copy)
        target.put_file(DATABASE, copy)
        hashes = {DATABASE: _same(target, DATABASE, _digest_of(copy))}
        kept = Database(open_engine(f"sqlite:///{copy}"))
        try:
            with kept.read() as session:
                named = {one.id: one for one in session.scalars(select(Recording))}
                archive = archive_identity.archive_id(session) or ""
                mark = archive_identity.newest(session, archive)
        finally:
            kept.engine.dispose()
    stones = tombstones.tombstone_file(backends.settings)
    if stones.exists():
        target.put_file(WITHDRAWN, stones)
    keys = [key for key in backends.store.keys("") if _wanted(key, named, originals_only)]
    done, already, checked = _copy_blobs(backends, target, keys, named, progress)
    hashes |= checked
    missing = sorted(
        key
        for one in named.values()
        if (key := one.original_key) and key not in keys and not backends.store.exists(key)
    )
    removed = _remove_what_went(backends, target, keys)
    target.put_bytes(_BLOBS + archive_identity.MARK, json.dumps(asdict(mark), sort_keys=True).encode())
    said = {"archive": archive, "made_of": mark.seq, "files": hashes, "missing": missing}
    target.put_bytes(MANIFEST, json.dumps(said | {"mark": asdict(mark)}, sort_keys=True, indent=1).encode())
    return BackupReport(done, already, removed, tuple(missing))


def _copy_blobs(
    backends: Backends,
    target: BlobStore,
    keys: Sequence[str],
    named: Mapping[str, Recording],
    progress: Callable[[int, int], None] | None,
) -> tuple[int, int, dict[str, str]]:
    """How many blobs were written, how many lay there already, and file -> SHA-256 of each original, read back."""
    done, already = 0, 0
    hashes: dict[str, str] = {}
    for number, key in enumerate(keys):
        if progress:
            progress(number, len(keys))
        name = _BLOBS + key
        try:
            size = backends.store.size(key)
            if _lies_there(target, name, size) and not key.endswith(".json"):
                already += 1
            else:
                with backends.store.local_path(key) as path:
                    target.put_file(name, path)
                done += 1
        except BlobMissing:
            continue  # it was taken back meanwhile
        original = named.get(key.split("/")[1]) if key.startswith("recordings/") else None
        if original is not None and key == sound.original_key(original.id):
            hashes[name] = _same(target, name, original.sha256)
    return done, already, hashes


def _copy_database(database: Database, copy: Path) -> None:
    """One moment of the database as a SQLite file, without sessions and without uploads on their way."""
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if database.file is not None:
        with (
            contextlib.closing(sqlite3.connect(database.file)) as source,
            contextlib.closing(sqlite3.connect(copy)) as to,
        ):
            source.backup(to)
    else:
        engine = open_engine(f"sqlite:///{copy}")
        schema.migrate(engine)
        _copy_rows(database, Database(engine))
        engine.dispose()
    kept = Database(open_engine(f"sqlite:///{copy}"))
    with kept.write() as session:
        session.execute(delete(AccountSession))
        session.execute(delete(Discarded).where(Discarded.bringing != ""))
    kept.compact()
    with kept.engine.connect() as connection:
        sound_of_mind = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    kept.engine.dispose()
    if sound_of_mind != "ok":
        raise BackupWrong("The copy of the database is damaged; run `messenger check`, and make the backup again.")


def _copy_rows(database: Database, kept: Database) -> None:
    source = database.engine.connect().execution_options(isolation_level="REPEATABLE READ")
    with source, source.begin(), kept.engine.connect() as to:
        to.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in Base.metadata.sorted_tables:
            for rows in source.execution_options(yield_per=_BATCH).execute(select(table)).partitions(_BATCH):
                to.execute(table.insert(), [dict(row._mapping) for row in rows])
        to.commit()


def _wanted(key: str, named: dict[str, Recording], originals_only: bool) -> bool:
    if key == archive_identity.MARK:
        return False
    first, _, rest = key.partition("/")
    if first in {"recordings", "quarantine"} and rest.split("/")[0] not in named:
        return True  # nobody knows it, and it may be the only copy
    if not originals_only:
        return True
    if first == "recordings":
        recording_id = rest.split("/")[0]
        return key in {
            sound.original_key(recording_id),
            sound.sealed_key(recording_id),
            sound.description_key(recording_id),
        }
    return not key.startswith(_MADE)


def _remove_what_went(backends: Backends, target: BlobStore, keys: list[str]) -> int:
    """A backup brought up to date lets go of what a tombstone or a discarded recording names, and of no more."""
    gone = purge.gone(backends)
    there = [key for key in target.keys(_BLOBS) if set(key.replace(".", "/").split("/")) & gone]
    kept = {_BLOBS + key for key in keys}
    removed = [key for key in there if key not in kept]
    for key in removed:
        target.delete(key)
    return len(removed)


def _lies_there(target: BlobStore, name: str, size: int) -> bool:
    try:
        return target.size(name) == size
    except BlobMissing:
        return False


def _same(target: BlobStore, name: str, wanted: str) -> str:
    digest = hashlib.sha256()
    for piece in target.read(name):
        digest.update(piece)
    if digest.hexdigest() != wanted:
        target.delete(name)
        raise BackupWrong(
            f"{name} could not be read back as it was; the disk may be failing. Make the backup elsewhere."
        )
    return wanted


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
