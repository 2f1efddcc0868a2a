"""Blobs as private files in one folder of this machine.

A blob is written beside its place, forced to the disk and then renamed, so that after a power cut there is the whole
blob or none. Files are 0600 in folders 0700: another account on a shared computer reads nothing.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from archive.ports import BlobMissing
from archive.settings import Settings
from media.store.keys import checked_key, checked_prefix

CHUNK = 256 * 1024
_UNFINISHED = ".unfinished-"
_ATTEMPTS = 64  # eight were not enough where a purge ran all the time


def open_store(url: str, _settings: Settings | None = None) -> LocalStore:
    """The store in the folder that `file:///FOLDER` names."""
    return LocalStore(Path(unquote(urlsplit(url).path)))


class LocalStore:
    """Blobs under one folder; the folder is made when it is missing."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        _private_folder(self._root)
        with contextlib.suppress(OSError):  # a stick that is read-only, or knows no modes
            self._root.chmod(0o700)

    def put_file(self, key: str, path: Path) -> None:
        with path.open("rb") as source, self._replacing(key) as target:
            shutil.copyfileobj(source, target, CHUNK)

    def put_bytes(self, key: str, data: bytes) -> None:
        with self._replacing(key) as target:
            target.write(data)

    def get_bytes(self, key: str) -> bytes:
        with self._opened(key) as file:
            return file.read()

    def read(self, key: str, start: int = 0, end: int | None = None) -> Chunks:
        file = self._opened(key)
        file.seek(start)
        return Chunks(file, None if end is None else max(0, end - start))

    def size(self, key: str) -> int:
        with self._opened(key) as file:
            return os.fstat(file.fileno()).st_size

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        path = self._path(key)
        path.unlink(missing_ok=True)
        for folder in path.parents:
            if folder == self._root:
                break
            with contextlib.suppress(FileNotFoundError):
                try:
                    folder.rmdir()
                except OSError:
                    break
        with contextlib.suppress(FileNotFoundError):
            _sync_folder(folder)

    def keys(self, prefix: str = "") -> Iterator[str]:
        checked_prefix(prefix)
        folder = self._root / prefix.rpartition("/")[0]
        for path in sorted(folder.rglob("*")):
            key = path.relative_to(self._root).as_posix()
            if key.startswith(prefix) and path.is_file() and not path.name.startswith("."):
                yield key

    @contextlib.contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        path = self._path(key)
        if not path.is_file():
            raise BlobMissing(key)
        yield path

    def sweep_unfinished(self) -> int:
        """Remove what killed writers left behind; to be called when nobody writes. Returns how many were removed."""
        left = list(self._root.rglob(f"{_UNFINISHED}*"))
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _path(self, key: str) -> Path:
        return self._root / checked_key(key)

    def _opened(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise BlobMissing(key) from None

    @contextlib.contextmanager
    def _replacing(self, key: str) -> Iterator[BinaryIO]:
        target = self._path(key)
        unfinished = self._root / f"{_UNFINISHED}{secrets.token_hex(8)}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            self._move(unfinished, target)
        finally:
            unfinished.unlink(missing_ok=True)

    def _move(self, unfinished: Path, target: Path) -> None:
        """Rename into place; a neighbour's `delete` may take the empty folder away in between, so it is made again."""
        for attempt in range(_ATTEMPTS):
            for folder in reversed([target.parent, *target.parent.parents]):
                if folder.is_relative_to(self._root):
                    _private_folder(folder)
            try:
                unfinished.replace(target)
            except FileNotFoundError:
                if attempt == _ATTEMPTS - 1:
                    raise
                continue
            _sync_folder(target.parent)
            return


class Chunks:
    """Bytes of an open file in chunks; closes the file when they are read, when told to, or when forgotten."""

    def __init__(self, file: BinaryIO, left: int | None) -> None:
        self._file = file
        self._left = left

    def __iter__(self) -> Chunks:
        return self

    def __next__(self) -> bytes:
        if self._file.closed:
            raise StopIteration
        chunk = self._file.read(CHUNK if self._left is None else min(CHUNK, self._left))
        if not chunk:
            self.close()
            raise StopIteration
        if self._left is not None:
            self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        self._file.close()

    def __del__(self) -> None:
        self._file.close()


def _private_folder(folder: Path) -> None:
    if not folder.is_dir():
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
