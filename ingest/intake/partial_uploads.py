"""Recordings that come piece by piece: what has come stays here until the rest follows, for some days.

Each lies in the data folder as two files: its bytes so far, whose number is the truth after a kill or a power cut, and
a note of whose it is and how large it will be. Nobody else can ask for it, and nothing of it is in the database until
it is whole and handed in like any other file.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archive.access.gate import Unknown
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.models import new_id
from archive.settings import Settings

KEPT_DAYS = 7
MOST_OF_ONE_ACCOUNT = 10
SPARE_BYTES = 200 * 1024 * 1024
"""What has to stay free on the disk: the stages that follow need room of their own."""
_ID = re.compile(r"[a-z0-9]{10,20}")


class UploadRefused(ArchiveError, ValueError):
    """A recording cannot begin to come; its code is `large`, `many` or `full`."""


class NotThere(ArchiveError, ValueError):
    """A piece does not begin where the one before it ended, or goes past the end that was announced."""


class BeingWritten(ArchiveError, RuntimeError):
    """Another request is writing to the same recording."""


@dataclass(frozen=True, slots=True)
class PartialUpload:
    """A recording that is coming.

    Attributes:
        size: how many bytes it will have; `offset`: how many have come.
        path: where they lie.
    """

    id: str
    account_id: str
    size: int
    offset: int
    path: Path

    @property
    def whole(self) -> bool:
        return self.offset == self.size


def begin(settings: Settings, account_id: str, size: int) -> PartialUpload:
    """Make place for a recording of so many bytes.

    Raises:
        UploadRefused: it is larger than any may be, this account has too many on their way, or the disk is full.
    """
    if not 0 < size <= settings.max_upload_mb * 1024 * 1024:
        raise UploadRefused(
            Message("Larger than {mb} MB. Cut it in two."), code="large", mb=round(settings.max_upload_mb)
        )
    sweep(settings)
    if sum(one.account_id == account_id for one in _every(settings)) >= MOST_OF_ONE_ACCOUNT:
        raise UploadRefused(
            Message("{n} recordings are on their way already. Let them come to their end, or wait a week."),
            code="many",
            n=MOST_OF_ONE_ACCOUNT,
        )
    folder = _folder(settings)
    if shutil.disk_usage(folder).free < size + SPARE_BYTES:
        raise UploadRefused(Message("There is no room left on the archive’s disk."), code="full")
    upload_id = new_id()
    path = folder / f"{upload_id}.part"
    path.touch(mode=0o600)
    note = folder / f"{upload_id}.json"
    note.write_text(json.dumps({"account": account_id, "size": size}))
    return PartialUpload(upload_id, account_id, size, 0, path)


def find(settings: Settings, account_id: str, upload_id: str) -> PartialUpload:
    """An account's own recording on its way. Raises Unknown for anybody else's, and for one that is not there."""
    found = _read(settings, upload_id)
    if found is None or found.account_id != account_id:
        raise Unknown("There is no such upload.")
    return found


def append(upload: PartialUpload, offset: int, pieces: Iterable[bytes]) -> int:
    """Write what has come behind what is there; returns how many bytes there are now.

    What was written stays where the line breaks in the middle of a piece.

    Raises:
        NotThere, BeingWritten: see there.
        OSError: it cannot be written; nothing of what was there before is lost.
    """
    with _held(upload) as file:
        end = file.seek(0, os.SEEK_END)
        if offset != end:
            raise NotThere(Message("This piece belongs elsewhere in the recording."))
        for piece in pieces:
            if end + len(piece) > upload.size:
                file.truncate(offset)
                raise NotThere(Message("There is more of the recording than was announced."))
            file.write(piece)
            end += len(piece)
        os.fsync(file.fileno())
    return end


def remove(upload: PartialUpload) -> None:
    """Forget a recording, whole or not."""
    upload.path.unlink(missing_ok=True)
    upload.path.with_suffix(".json").unlink(missing_ok=True)


def sweep(settings: Settings) -> int:
    """Remove what nothing was added to for `KEPT_DAYS`; returns how many."""
    old = time.time() - KEPT_DAYS * 86_400
    removed = 0
    for path in _folder(settings).glob("*.*"):
        try:
            untouched = path.with_suffix(".part").stat().st_mtime < old
        except FileNotFoundError:  # a kill between the two files
            untouched = path.stat().st_mtime < old
        if untouched:
            path.unlink(missing_ok=True)
            removed += path.suffix == ".part"
    return removed


def _folder(settings: Settings) -> Path:
    folder = settings.data / "unfinished"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _every(settings: Settings) -> Iterator[PartialUpload]:
    for note in _folder(settings).glob("*.json"):
        if (found := _read(settings, note.stem)) is not None:
            yield found


def _read(settings: Settings, upload_id: str) -> PartialUpload | None:
    if not _ID.fullmatch(upload_id):
        return None
    path = _folder(settings) / f"{upload_id}.part"
    try:
        note = json.loads(path.with_suffix(".json").read_text())
        return PartialUpload(upload_id, str(note["account"]), int(note["size"]), path.stat().st_size, path)
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextmanager
def _held(upload: PartialUpload) -> Iterator[BinaryIO]:
    """The file, for one writer; unbuffered, so that every piece is there when the next is waited for."""
    try:
        file = upload.path.open("r+b", buffering=0)
    except FileNotFoundError:
        raise Unknown("There is no such upload.") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BeingWritten(Message("Another window is sending the same recording.")) from None
        yield file
