"""The place where a backup lies, or is to lie: a folder or a prefix in a bucket, and what may be wrong with it.

What a place says of the backup in it is `backup.json`, written last; while one is being written, `unfinished.json` lies
beside it. A backup with the second and without the first was broken off, and is not one.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from archive import troubles
from archive.backends import open_store
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.originals.archive_identity import Mark
from archive.ports import BlobMissing, BlobStore
from archive.settings import Settings

MANIFEST = "backup.json"
UNFINISHED = "unfinished.json"
DATABASE = "archive.db"
WITHDRAWN = "tombstones.jsonl"
BLOBS = "blobs/"
FORMAT = 2
_OURS = {MANIFEST, UNFINISHED, DATABASE, WITHDRAWN, BLOBS.rstrip("/")}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}


class NotABackup(ArchiveError, ValueError):
    """A backup cannot go there, or what lies there is none."""


class PlaceTrouble(ArchiveError, RuntimeError):
    """The place is full, cannot be written or read, or does not answer."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a backup as it was when it was written."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        archive: id of the archive; `revision`: of its database's schema.
        moment: when the database was copied; nothing that happened later is in it.
        mark: the newest line of the audit log in it.
        files: every file of the backup but this, by its name.
        missing: keys that the database named and the store did not have.
    """

    archive: str
    revision: str
    moment: datetime
    mark: Mark
    originals_only: bool
    files: dict[str, FileEntry] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        said = {
            "format": FORMAT,
            "archive": self.archive,
            "revision": self.revision,
            "moment": self.moment.isoformat(),
            "mark": {"archive": self.mark.archive, "seq": self.mark.seq, "hash": self.mark.hash},
            "originals_only": self.originals_only,
            "files": {name: [one.size, one.sha256] for name, one in self.files.items()},
            "missing": list(self.missing),
        }
        return json.dumps(said, sort_keys=True, indent=1).encode()


class BackupPlace:
    """A store of a backup's files; what goes wrong there is told as a sentence that names it.

    Attributes:
        name: as a person wrote it, without credentials.
        folder: where it lies on this machine; None in a bucket.
    """

    def __init__(self, store: BlobStore, name: str, folder: Path | None = None) -> None:
        self.store, self.name, self.folder = store, name, folder

    def put_file(self, name: str, path: Path) -> None:
        with self._told():
            self.store.put_file(name, path)

    def put_bytes(self, name: str, data: bytes) -> None:
        with self._told():
            self.store.put_bytes(name, data)

    def get_bytes(self, name: str) -> bytes | None:
        """None where there is no such file."""
        try:
            with self._told():
                return self.store.get_bytes(name)
        except BlobMissing:
            return None

    def delete(self, name: str) -> None:
        with self._told():
            self.store.delete(name)

    def names(self, prefix: str = "") -> list[str]:
        with self._told():
            return list(self.store.keys(prefix))

    def size(self, name: str) -> int | None:
        """None where there is no such file."""
        try:
            with self._told():
                return self.store.size(name)
        except BlobMissing:
            return None

    def digest_or_none(self, name: str) -> str | None:
        """SHA-256 of a file as it is read back; None where there is no such file."""
        digest = hashlib.sha256()
        try:
            with self._told():
                for piece in self.store.read(name):
                    digest.update(piece)
        except BlobMissing:
            return None
        return digest.hexdigest()

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        """The file on this machine for as long as the context is open. Raises BlobMissing."""
        with self._told():
            fetching = self.store.local_path(name)
            path = fetching.__enter__()
        try:
            yield path
        finally:
            fetching.__exit__(None, None, None)

    def _told(self) -> AbstractContextManager[None]:
        return told_of(self.name)


def to_write(settings: Settings, wanted: str) -> BackupPlace:
    """The place for a backup of this archive.

    Raises:
        NotABackup: it would lie in what it backs up, or where something else lies already.
        PlaceTrouble: see there.
    """
    _apart_from_the_store(settings, wanted)
    if wanted.startswith("s3://"):
        place = _bucket(settings, wanted)
        strangers = [one for one in place.names()[:1000] if one.partition("/")[0] not in _OURS]
        if strangers:
            raise NotABackup(
                Message("{place} holds something else; name an empty prefix or an earlier backup."), place=place.name
            )
        return place
    folder = _folder(wanted)
    check_target(settings, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise PlaceTrouble(
            Message("{folder} cannot be made ({reason}); name a folder on a disk that is in."),
            folder=folder,
            reason=error.strerror,
        ) from None
    with told_of(str(folder)):
        return BackupPlace(open_store(settings, f"file://{quote(str(folder))}"), str(folder), folder)


def to_read(settings: Settings, wanted: str) -> BackupPlace:
    """The place of a backup that is there. Raises NotABackup, PlaceTrouble."""
    if wanted.startswith("s3://"):
        return _bucket(settings, wanted)
    folder = _folder(wanted)
    if not folder.is_dir():
        raise NotABackup(Message("There is no folder {folder}; is the disk with the backup in?"), folder=folder)
    with told_of(str(folder)):
        return BackupPlace(open_store(settings, f"file://{quote(str(folder))}"), str(folder), folder)


def check_target(settings: Settings, target: Path) -> None:
    """Raises NotABackup where the backup would lie in what it backs up, or in a folder with something else in it."""
    here, wanted = settings.data.resolve(), target.resolve()
    if wanted == here or here in wanted.parents or wanted in here.parents:
        raise NotABackup(Message("A backup does not belong in the data folder, or around it; name another disk."))
    if target.exists() and not target.is_dir():
        raise NotABackup(Message("{target} is a file; name a folder."), target=target)
    if not target.is_dir() or (target / MANIFEST).exists():
        return
    strangers = {one.name for one in target.iterdir() if not one.name.startswith(".")} - _OURS
    if strangers:
        raise NotABackup(
            Message("{target} holds something else; name an empty folder or an earlier backup."), target=target
        )


def read_manifest(place: BackupPlace) -> Manifest:
    """What the backup there says of itself.

    Raises:
        NotABackup: there is none, it was broken off, or it is of another version.
    """
    data = place.get_bytes(MANIFEST)
    if data is None:
        if place.get_bytes(UNFINISHED) is not None or place.size(DATABASE) is not None:
            raise NotABackup(
                Message(
                    "The backup in {place} was broken off before it was whole; run `messenger backup` there again "
                    "where its archive is, or restore from another one."
                ),
                place=place.name,
            )
        raise NotABackup(
            Message("There is no backup in {place}; a backup's folder holds a file {file}."),
            place=place.name,
            file=MANIFEST,
        )
    return _manifest(place, data)


def earlier(place: BackupPlace, archive: str) -> Manifest | None:
    """The backup of this archive that lies there; None where there is none yet.

    Raises:
        NotABackup: it is of another archive.
    """
    begun = place.get_bytes(UNFINISHED)
    data = place.get_bytes(MANIFEST)
    try:
        found = _manifest(place, data) if data is not None else None
    except NotABackup:
        found = None  # written anew
    owners = {found.archive} if found else set()
    if begun is not None:
        try:
            owners.add(str(json.loads(begun)["archive"]))
        except (ValueError, KeyError, TypeError):
            owners.discard("")
    if owners - {archive}:
        raise NotABackup(
            Message("{place} holds a backup of another archive; nothing was changed there. Name another place."),
            place=place.name,
        )
    return found


def begin(place: BackupPlace, archive: str) -> None:
    """Say that a backup is being written there, and of which archive."""
    place.put_bytes(UNFINISHED, json.dumps({"archive": archive}).encode())


def _manifest(place: BackupPlace, data: bytes) -> Manifest:
    try:
        said: dict[str, Any] = json.loads(data)
        if said["format"] != FORMAT:
            raise NotABackup(
                Message(
                    "The backup in {place} was written by another version of the archive; restore it with that one."
                ),
                place=place.name,
            )
        mark = said["mark"]
        return Manifest(
            archive=str(said["archive"]),
            revision=str(said["revision"]),
            moment=datetime.fromisoformat(said["moment"]),
            mark=Mark(str(mark["archive"]), int(mark["seq"]), str(mark["hash"])),
            originals_only=bool(said["originals_only"]),
            files={str(name): FileEntry(int(one[0]), str(one[1])) for name, one in said["files"].items()},
            missing=tuple(map(str, said["missing"])),
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        if isinstance(error, NotABackup):
            raise
        raise NotABackup(
            Message("{file} in {place} is damaged; restore from another backup."),
            file=MANIFEST,
            place=place.name,
        ) from None


def _folder(wanted: str) -> Path:
    if "://" in wanted and not wanted.startswith("file://"):
        scheme = wanted.partition("://")[0]
        raise NotABackup(
            Message("{scheme}:// is no place for a backup; name a folder or s3://BUCKET/PREFIX."), scheme=scheme
        )
    return Path(wanted.removeprefix("file://")).expanduser().absolute()


def _bucket(settings: Settings, wanted: str) -> BackupPlace:
    parts = urlsplit(wanted)
    if not parts.hostname or "@" in parts.netloc:
        raise NotABackup(Message("Name the bucket as s3://BUCKET/PREFIX; credentials come from the environment."))
    name = f"s3://{parts.netloc}/{parts.path.strip('/')}".rstrip("/")
    with told_of(name):
        return BackupPlace(open_store(settings, name), name)


@contextmanager
def told_of(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _of_the_disk(name, error) from None
    except Exception as error:
        known = troubles.trouble_of(error)
        if known == "full":
            raise _of_the_disk(name, OSError(errno.ENOSPC, "")) from None
        if known == "store-away":
            raise PlaceTrouble(
                Message("{name} does not answer; look whether it can be reached, and go on."), name=name
            ) from None
        if known == "store-refuses":
            raise PlaceTrouble(
                Message("{name} refuses this archive; look at the credentials and at its room, and go on."), name=name
            ) from None
        raise


def _of_the_disk(name: str, error: OSError) -> PlaceTrouble:
    if error.errno in _FULL:
        full = Message("There is no room left for {name}. What lies there is no whole backup; make room, and go on.")
        return PlaceTrouble(full, name=name)
    if error.errno in _CLOSED:
        closed = Message("{name} cannot be written or read: it is read-only, or belongs to another account.")
        return PlaceTrouble(closed, name=name)
    away = Message("{name} could not be written or read ({reason}); is it still there?")
    return PlaceTrouble(away, name=name, reason=error.strerror or type(error).__name__)


def _apart_from_the_store(settings: Settings, wanted: str) -> None:
    mine, other = urlsplit(settings.store_url), urlsplit(wanted)
    if (mine.scheme, mine.netloc) != (other.scheme, other.netloc) or other.scheme != "s3":
        return
    one, two = (f"{parts.path.strip('/')}/".lstrip("/") for parts in (mine, other))
    if one.startswith(two) or two.startswith(one):
        raise NotABackup(Message("A backup does not belong in the store of sound, or around it; name another bucket."))
