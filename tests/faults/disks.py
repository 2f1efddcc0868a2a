"""Disks of a few megabytes that are really full and folders that are really read-only, where this account may mount.

Elsewhere a folder loses its right to be written in, and a process that acts has a quota for the files it writes: the
system refuses there as well, with another number. What is missing is named at the end of a run (marker `mounts`).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

MEGABYTE = 1 << 20
_BALLAST = "ballast"


@cache
def can_mount() -> bool:
    """Whether this account may mount a small disk; it is tried once, since root in a container may not either."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        if not _mounted(place, "-t", "tmpfs", "-o", "size=64k", "tmpfs"):
            return False
        _let_go(place)
    return True


class SmallDisk:
    """A place for an archive, on a disk of its own where that can be had.

    Attributes:
        place: the folder.
        real: whether it is a disk; `fill` does nothing where it is not.
    """

    def __init__(self, place: Path, megabytes: int) -> None:
        self.place = place
        place.mkdir(exist_ok=True)
        self.real = can_mount()
        if self.real:
            assert _mounted(place, "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs")

    def fill(self, leaving: int) -> None:
        """Leave room for so many bytes and no more."""
        if not self.real:
            return
        ballast = os.open(self.place / _BALLAST, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            room = os.fstatvfs(ballast)
            if (wanted := room.f_bavail * room.f_frsize - leaving) > 0:
                os.posix_fallocate(ballast, 0, wanted)
        finally:
            os.close(ballast)

    def give_room(self) -> None:
        (self.place / _BALLAST).unlink(missing_ok=True)

    def close(self) -> None:
        if self.real:
            _let_go(self.place)


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[SmallDisk]:
    """A disk for as long as the context is open."""
    disk = SmallDisk(place, megabytes)
    try:
        yield disk
    finally:
        disk.close()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing can be written below a folder, by whoever opens something there from now on."""
    if can_mount():
        assert _mounted(folder, "--bind", str(folder))
        try:
            assert _mounted(folder, "-o", "remount,bind,ro")
            yield
        finally:
            _let_go(folder)
        return
    below = [folder, *folder.rglob("*")]
    before = [(one, one.stat().st_mode) for one in below]
    for one in reversed(below):
        one.chmod(0o500 if one.is_dir() else 0o400)
    try:
        yield
    finally:
        for one, mode in before:
            one.chmod(mode)


def _mounted(place: Path, *how: str) -> bool:
    try:
        return subprocess.run(["mount", *how, str(place)], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _let_go(place: Path) -> None:
    subprocess.run(["umount", "-l", str(place)], check=True)
