"""Tombstones that outlive the database: which testimonies were withdrawn, in a file outside the data folder.

A backup that is restored knows nothing of what was withdrawn after it was made. The file lies outside the data folder
and its backups, and holds random ids, a date and what was asked for, one JSON object a line; the last line about an id
counts. It is written before the database is, so that a crash in between withdraws too much rather than too little.

A withdrawal must not fail because the disk is full. The file therefore ends in empty lines, room that the disk has
given already: a line is written over them, and the room is filled up again when there is some to be had. A line that
broke off stays what it is, a line by itself that says nothing; nobody was told that it held.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.settings import Settings

MODES = ("restrict", "destroy")
LIFTED = "lifted"
READMITTED = "readmitted"
"""Destroyed it stays, but its sound may come in again as if for the first time."""
RESERVE_BYTES = 16 * 1024
_STEP = 4 * 1024
LONGEST_WAIT_S = 5.0
"""A line takes milliseconds: whoever holds the file longer hangs, and a withdrawal does not wait for that."""
_LOOK_AGAIN_S = 0.02
_BEGINS = re.compile(r'\{"(?:at|mode|testimony)": ')


class TombstonesHeld(OSError):
    """Another process holds the file of withdrawals and did not let go in time."""

    def __init__(self, path: Path) -> None:
        why = "another program holds it and did not let go; end that program, or restart the machine"
        super().__init__(errno.EAGAIN, why, str(path))


class TombstonesUnreadable(ArchiveError, RuntimeError):
    """The file of withdrawn testimonies is damaged; nothing may be served until somebody has looked at it."""


@dataclass(frozen=True, slots=True)
class TombstoneLine:
    """What was said of a testimony: a withdrawal, or that one was lifted.

    Attributes:
        mode: `restrict`, `destroy`, `lifted` or `readmitted`.
        recordings: ids of its recordings, hers and a reading.
        sealed: those of them that had a key of their own.
        sounds: marks by which its sound is known again; see `withdrawn_sound`.
        given: how her word was given, so that the ledger can still be written when the database can; never a note.
    """

    testimony_id: str
    mode: str
    at: datetime
    recordings: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ()
    sounds: tuple[str, ...] = ()
    given: Mapping[str, object] = field(default_factory=dict)

    def to_json(self) -> str:
        """One line without its end."""
        row: dict[str, object] = {"testimony": self.testimony_id, "mode": self.mode, "at": self.at.isoformat()}
        for name in ("recordings", "sealed", "sounds"):
            if getattr(self, name):
                row[name] = sorted(getattr(self, name))
        if self.given:
            row["given"] = dict(self.given)
        return json.dumps(row)


@dataclass(frozen=True, slots=True)
class Stones:
    """What a file says.

    Attributes:
        said: the last word about each testimony, a destruction before all others; the oldest first.
        torn: numbers of lines that broke off.
    """

    said: tuple[TombstoneLine, ...]
    torn: tuple[int, ...] = ()


def from_json(row: object) -> TombstoneLine:
    """Raises KeyError, TypeError or ValueError where it is none."""
    if not isinstance(row, dict):
        raise TypeError("not an object")
    lists = {name: tuple(map(str, row.get(name, ()))) for name in ("recordings", "sealed", "sounds")}
    mode = str(row["mode"])
    if mode not in {*MODES, LIFTED, READMITTED}:
        raise ValueError("not a mode")
    given = row.get("given", {})
    return TombstoneLine(
        str(row["testimony"]),
        mode,
        datetime.fromisoformat(row["at"]),
        **lists,
        given=given if isinstance(given, dict) else {},
    )


def tombstone_file(settings: Settings) -> Path:
    """Where the archive keeps its tombstones; never in the data folder."""
    return settings.withdrawals


def write(path: Path, stone: TombstoneLine) -> None:
    """Add one line and see it onto the disk, the folder's entry included.

    Raises:
        OSError: it could not be written; the file says what it said before. Of a file that somebody holds it is
            `TombstonesHeld`.
    """
    new = not path.exists()
    with _locked(path) as handle:
        content = _content(handle)
        end = len(content.rstrip(b"\n"))
        torn = bool(end) and content[end : end + 1] != b"\n"
        start = end + (not torn and bool(end))
        line = (b"\n" if torn else b"") + stone.to_json().encode() + b"\n"
        try:
            _put(handle, line, start)
            os.fsync(handle)
        except OSError:
            _take_out(handle, start, len(content))
            raise
        _make_room(handle, start + len(line), len(content))
    if new:
        _see_entry_onto_the_disk(path.parent)


def keep_room(path: Path) -> None:
    """Make the file, if need be, with its room for lines to come. Raises OSError."""
    new = not path.exists()
    with _locked(path) as handle:
        content = _content(handle)
        _make_room(handle, len(content.rstrip(b"\n")) + 1 if content else 0, len(content))
    if new:
        _see_entry_onto_the_disk(path.parent)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _hold(handle, path)
        yield handle
    finally:
        os.close(handle)


def _hold(handle: int, path: Path) -> None:
    until = time.monotonic() + LONGEST_WAIT_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise TombstonesHeld(path) from None
        time.sleep(_LOOK_AGAIN_S)


def _content(handle: int) -> bytes:
    return os.pread(handle, os.fstat(handle).st_size, 0)


def _put(handle: int, data: bytes, at: int) -> None:
    while data:
        written = os.pwrite(handle, data, at)
        data, at = data[written:], at + written


def _take_out(handle: int, start: int, length: int) -> None:
    """What was written of a line that did not find room."""
    try:
        if length > start:
            _put(handle, b"\n" * (length - start), start)
        os.ftruncate(handle, length)
        os.fsync(handle)
    except OSError:  # what broke off is a line that says nothing
        return


def _make_room(handle: int, used: int, length: int) -> None:
    """Room for the next lines, in empty ones; a full disk gives none, and then what is left has to do."""
    if length - used >= RESERVE_BYTES // 2:
        return
    at = max(length, used)
    try:
        while at < used + RESERVE_BYTES:
            _put(handle, b"\n" * _STEP, at)
            at += _STEP
        os.fsync(handle)
    except OSError:
        return


def _see_entry_onto_the_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(path: Path) -> Stones:
    """What the file says; raises FileNotFoundError where there is none.

    Raises:
        TombstonesUnreadable: a line is neither what the archive wrote nor the beginning of that.
        OSError: it cannot be read.
    """
    found: dict[str, TombstoneLine] = {}
    torn: list[int] = []
    for number, line in enumerate(path.read_bytes().rstrip(b"\n").split(b"\n"), 1):
        if not line:
            continue
        try:
            stones, whole = _stones_in(line.decode())
        except ValueError:
            raise TombstonesUnreadable(
                Message(
                    "Line {number} of {path} is damaged. Put the newest copy of that file in its place, or take that "
                    "line out if you know what it said; nothing is served until then."
                ),
                number=number,
                path=path,
            ) from None
        if not whole:
            torn.append(number)
        for stone in stones:
            found[stone.testimony_id] = later(found.get(stone.testimony_id), stone)
    return Stones(tuple(sorted(found.values(), key=lambda stone: stone.at)), tuple(torn))


def _stones_in(line: str) -> tuple[list[TombstoneLine], bool]:
    """The stones of a line, and whether nothing of it broke off: a torn line may have the next one glued to it."""
    begins = [match.start() for match in _BEGINS.finditer(line)]
    if not begins or begins[0] != 0:
        if not begins and any(start.startswith(line) for start in ('{"testimony": ', '{"at": ', '{"mode": ')):
            return [], False
        raise ValueError("not a line of ours")
    stones, whole, reached = [], True, 0
    for begin, end in zip(begins, [*begins[1:], len(line)], strict=True):
        if begin < reached:
            continue
        try:
            row, reached = json.JSONDecoder().raw_decode(line, begin)
        except ValueError:
            whole = False
            if end == len(line) and line.endswith("}"):
                raise
            continue
        try:
            stones.append(from_json(row))
        except (KeyError, TypeError) as error:
            raise ValueError("not a stone") from error
        if reached < len(line) and reached not in begins:
            raise ValueError("something strange stands behind a line")
    return stones, whole


def later(before: TombstoneLine | None, stone: TombstoneLine) -> TombstoneLine:
    """What counts of two words about one testimony, the second said after the first."""
    if before is None:
        return stone
    if before.mode in {"destroy", READMITTED} and stone.mode not in {"destroy", READMITTED}:
        return before
    if stone.mode == LIFTED:
        return stone
    # What is known of it is kept together: a later line may have been written without the database.
    both = {name: tuple(sorted({*getattr(before, name), *getattr(stone, name)})) for name in ("recordings", "sealed")}
    sounds = () if stone.mode == READMITTED else tuple(sorted({*before.sounds, *stone.sounds}))
    given = stone.given or before.given
    return TombstoneLine(stone.testimony_id, stone.mode, stone.at, **both, sounds=sounds, given=given)
