"""A backup becomes an archive again, in an empty place: its sound, its database, its index, and what was taken back.

Nothing is written over: where there is an archive already, this refuses and says the way out. Sound is put first and
the database last, so that what was broken off starts as nothing; called again, it goes on. What was withdrawn after the
backup was made is withdrawn again before this returns, from every file of withdrawals that can be found.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url, select

from archive import in_force, schema, tombstones
from archive.access import sound
from archive.backends import Backends, open_backends, open_store
from archive.db import Database, open_engine
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import Discarded, Tombstone, VaultEntry
from archive.originals import archive_identity
from archive.ports import BlobMissing, BlobStore
from archive.preservation import backup_place, database_copy, last_backup, sidecars
from archive.preservation.backup_place import BLOBS, DATABASE, WITHDRAWN, BackupPlace, FileEntry, Manifest
from archive.retrieval import indexing
from archive.settings import Settings
from archive.tombstones import TombstoneLine
from archive.withdrawal import carrying_out

_BEGUN = "restoring.json"
_WORKING = ".restoring-"


class NotEmpty(ArchiveError, ValueError):
    """There is an archive already where the backup was to go; nothing was changed."""


class BackupDamaged(ArchiveError, RuntimeError):
    """The backup's database is not the one that was written; nothing was changed."""


@dataclass(slots=True)
class RestoreReport:
    """What came of putting a backup back.

    Attributes:
        manifest: of the backup; `upgraded`: its database was of an earlier version and was brought up to date.
        files: how many were put; `damaged`: names of those that are not as they were written, or are not there, and
            cannot be made again; `to_remake`: how many can.
        withdrawn: testimonies that are closed by a word which the backup's database did not know.
        closed: testimonies that are suspended, since something was decided that its database does not know.
        sealed_names: legal names are in it, and the key to read them is not here.
    """

    manifest: Manifest
    upgraded: bool = False
    files: int = 0
    damaged: list[str] = field(default_factory=list)
    to_remake: int = 0
    withdrawn: int = 0
    closed: list[str] = field(default_factory=list)
    sealed_names: bool = False


def restore(
    settings: Settings,
    place: BackupPlace,
    *,
    withdrawals: Iterable[Path] = (),
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> RestoreReport:
    """Put the backup in `place` where the settings say that the archive is.

    Args:
        withdrawals: newer files of withdrawals than the backup's, besides those that the settings name.

    Raises:
        NotEmpty, BackupDamaged: see there.
        backup_place.NotABackup: there is none, or it is not whole.
        backup_place.PlaceTrouble: it cannot be read.
        archive.schema.DatabaseTooNew: a later version made it.
        archive.tombstones.TombstonesUnreadable: a file of withdrawals is damaged.
    """
    manifest = backup_place.read_manifest(place)
    if manifest.revision not in schema.revisions():
        raise schema.DatabaseTooNew(
            Message(
                "The backup in {place} was made by a newer version of the archive; install that version, and restore "
                "with it. Nothing was changed."
            ),
            place=place.name,
        )
    report = RestoreReport(manifest, upgraded=manifest.revision != schema.revisions()[-1])
    begun = _begun(settings, manifest)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(prefix=_WORKING, dir=settings.data) as folder:
        copy = _checked_copy(place, manifest, Path(folder) / DATABASE)
        stones = _stones(place, copy, withdrawals, settings)
        _begin(settings, manifest)
        store = open_store(settings, settings.store_url)
        _put_blobs(place, manifest, store, _gone(copy, stones), report, progress)
        if not (begun and _database_is_there(settings, manifest)):
            _put_database(settings, copy)
    archive_identity.write_mark(store, manifest.mark)
    backends = open_backends(settings, create=False)
    try:
        _make_whole(backends, place, stones, report)
    finally:
        backends.database.engine.dispose()
    (settings.data / _BEGUN).unlink(missing_ok=True)
    return report


def _make_whole(
    backends: Backends, place: BackupPlace, stones: dict[str, TombstoneLine], report: RestoreReport
) -> None:
    """What is to be done when sound and database are there: withdrawals, the log, descriptions and the index."""
    manifest = report.manifest
    _take_back(backends, stones, report)
    report.closed = sidecars.close_what_was_decided_later(backends)
    with backends.database.write() as session:
        named = session.scalar(select(VaultEntry.id).limit(1)) is not None
        detail = {"made": manifest.moment.isoformat(), "from": place.name}
        audit.note(session, None, last_backup.RESTORED, f"archive:{manifest.archive}", detail)
    report.sealed_names = named and not backends.settings.vault_key.exists()
    sidecars.follow(backends)
    indexing.reindex(backends.database, backends.index)
    backends.index.close()


def _begun(settings: Settings, manifest: Manifest) -> bool:
    """Make sure that nothing is there; True when a restore of this very backup was broken off here. Raises NotEmpty."""
    path = settings.data / _BEGUN
    if path.exists():
        try:
            said = json.loads(path.read_bytes())["backup"]
        except (ValueError, KeyError, TypeError):
            said = ""
        if said == _hash(manifest):
            return True
        raise NotEmpty(
            Message(
                "Another backup was being restored to {folder} and was broken off; go on with that one, or move the "
                "folder away and begin anew."
            ),
            folder=settings.data,
        )
    if _has_database(settings) or next(iter(open_store(settings, settings.store_url).keys("")), None) is not None:
        raise NotEmpty(
            Message(
                "There is an archive here already, and nothing of it was changed. Move its folder away (mv {folder} "
                "{folder}.before), or name an empty place: MESSENGER_DATA, and where they are set "
                "MESSENGER_DATABASE_URL and MESSENGER_STORE_URL. Then do it again."
            ),
            folder=settings.data,
        )
    return False


def _begin(settings: Settings, manifest: Manifest) -> None:
    (settings.data / _BEGUN).write_text(json.dumps({"backup": _hash(manifest)}))


def _hash(manifest: Manifest) -> str:
    return hashlib.sha256(manifest.to_json()).hexdigest()


def _file(settings: Settings) -> Path | None:
    """Where SQLite is to keep the database; None on a server."""
    url = make_url(settings.database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _has_database(settings: Settings) -> bool:
    path = _file(settings)
    if path is not None:
        return path.exists() and path.stat().st_size > 0
    engine = open_engine(settings.database_url)
    try:
        return schema.revision(engine) is not None
    finally:
        engine.dispose()


def _checked_copy(place: BackupPlace, manifest: Manifest, copy: Path) -> Path:
    """The backup's database on this machine, whole and of this version. Raises BackupDamaged."""
    wanted = manifest.files.get(DATABASE)
    damaged = BackupDamaged(
        Message(
            "The database in {place} is not the one that was written there; it was changed or is damaged. Restore from "
            "another backup. Nothing was changed here."
        ),
        place=place.name,
    )
    if wanted is None or not _fetch(place, DATABASE, wanted, lambda path: shutil.copyfile(path, copy)):
        raise damaged
    copy.chmod(0o600)
    try:
        database_copy.bring_up_to_date(copy)
    except database_copy.CopyDamaged:
        raise damaged from None
    kept = Database(open_engine(f"sqlite:///{copy}"))
    try:
        with kept.read() as session:
            archive = archive_identity.archive_id(session) or ""
    finally:
        kept.engine.dispose()
    if archive != manifest.archive:
        raise BackupDamaged(
            Message(
                "The database in {place} belongs to another archive than its list says. Restore from another backup. "
                "Nothing was changed here."
            ),
            place=place.name,
        )
    return copy


def _fetch(place: BackupPlace, name: str, wanted: FileEntry, use: Callable[[Path], object]) -> bool:
    """Use one file of the backup if it is there and as it was written."""
    if place.size(name) != wanted.size:
        return False
    try:
        with place.fetched(name) as path:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != wanted.sha256:
                    return False
            use(path)
    except BlobMissing:
        return False
    return True


def _stones(place: BackupPlace, copy: Path, named: Iterable[Path], settings: Settings) -> dict[str, TombstoneLine]:
    """The last word about each testimony, out of the backup, the files that were named, and those of this machine."""
    found: list[TombstoneLine] = []
    if (data := place.get_bytes(WITHDRAWN)) is not None:
        path = copy.with_name(WITHDRAWN)
        path.write_bytes(data)
        found += tombstones.read(path).said
    for path in named:
        found += tombstones.read(path).said
    here = in_force.InForce(settings)
    here.readable()
    return in_force.merged([*found, *here.stones().values()])


def _gone(copy: Path, stones: dict[str, TombstoneLine]) -> set[str]:
    """Ids of which no byte is to come back."""
    destroyed = [one for one in stones.values() if one.mode in {"destroy", tombstones.READMITTED}]
    found = {one.testimony_id for one in destroyed}.union(*(one.recordings for one in destroyed))
    kept = Database(open_engine(f"sqlite:///{copy}"))
    try:
        with kept.read() as session:
            rows = session.scalars(select(Tombstone).where(Tombstone.mode == "destroy")).all()
            found.update(session.scalars(select(Discarded.recording_id)))
            return found.union({one.testimony_id for one in rows}, *(one.recordings for one in rows))
    finally:
        kept.engine.dispose()


def _put_blobs(
    place: BackupPlace,
    manifest: Manifest,
    store: BlobStore,
    gone: set[str],
    report: RestoreReport,
    progress: Callable[[int, int], None],
) -> None:
    names = sorted(name for name in manifest.files if name.startswith(BLOBS))
    for number, name in enumerate(names):
        progress(number, len(names))
        key, entry = name.removeprefix(BLOBS), manifest.files[name]
        if set(key.replace(".", "/").split("/")) & gone:
            continue
        if _lies(store, key, entry) or _fetch(place, name, entry, partial(store.put_file, key)):
            report.files += 1
        elif _can_be_made_again(key):
            report.to_remake += 1
        else:
            report.damaged.append(name)
    progress(len(names), len(names))


def _lies(store: BlobStore, key: str, wanted: FileEntry) -> bool:
    """Whether a broken off restore has put it there already."""
    try:
        if store.size(key) != wanted.size:
            return False
        digest = hashlib.sha256()
        for piece in store.read(key):
            digest.update(piece)
    except BlobMissing:
        return False
    return digest.hexdigest() == wanted.sha256


def _can_be_made_again(key: str) -> bool:
    first, _, rest = key.partition("/")
    recording_id = rest.split("/")[0]
    return first == "recordings" and key not in {sound.original_key(recording_id), sound.sealed_key(recording_id)}


def _database_is_there(settings: Settings, manifest: Manifest) -> bool:
    if not _has_database(settings):
        return False
    database = Database(open_engine(settings.database_url))
    try:
        if schema.revision(database.engine) != schema.revisions()[-1]:
            return False
        with database.read() as session:
            return archive_identity.archive_id(session) == manifest.archive
    finally:
        database.engine.dispose()


def _put_database(settings: Settings, copy: Path) -> None:
    path = _file(settings)
    if path is None:
        engine = open_engine(settings.database_url)
        schema.migrate(engine)
        database_copy.put_back(copy, Database(engine))
        engine.dispose()
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for beside in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        beside.unlink(missing_ok=True)
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    shutil.copyfile(copy, unfinished)
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)


def _take_back(backends: Backends, stones: dict[str, TombstoneLine], report: RestoreReport) -> None:
    """Make every withdrawal that is known anywhere hold here, and carry it out."""
    with backends.database.read() as session:
        known = set(session.scalars(select(Tombstone.testimony_id)))
    here = backends.withdrawals.stones()
    for one in stones.values():
        if here.get(one.testimony_id) != one:
            backends.withdrawals.write(one)
    carrying_out.at_start(backends)
    report.withdrawn = len({one.testimony_id for one in stones.values() if one.mode != tombstones.LIFTED} - known)


__all__ = ["BackupDamaged", "NotEmpty", "RestoreReport", "restore"]
