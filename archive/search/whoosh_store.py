"""The folder of a Whoosh index: which build answers, who may write, and how a new build takes the old one's place.

    CURRENT            the name of the build that answers; replaced in one step
    lock               held by whoever writes, in this process or another
    build-XXXX/        one Whoosh index, with `about.json`: what version made it

The folder is its owner's alone: an index holds the words of testimonies, and pickles, so that whoever could write
here could run code. Nothing in it is worth a backup; everything can be made again from the database.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from archive.search import analysis
from archive.search.index import IndexBusy
from archive.search.whoosh_schema import SCHEMA_VERSION

_POLL_S = 0.02


def version() -> str:
    """What an index must have been made by to be of any use: fields, cutting and words."""
    return f"whoosh-{SCHEMA_VERSION}.{analysis.version()}"


class Builds:
    """The builds in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)

    def current(self) -> Path | None:
        """The build that answers, or None when there is none."""
        try:
            name = (self.folder / "CURRENT").read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
        build = self.folder / name
        return build if name.startswith("build-") and build.is_dir() else None

    def is_of_this_version(self, build: Path) -> bool:
        try:
            about = json.loads((build / "about.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        return isinstance(about, dict) and about.get("version") == version()

    def begin(self) -> Path:
        """A new, empty build folder; what an interrupted rebuild left is cleared away."""
        answering = self.current()
        for left in self.folder.glob("build-*"):
            if left != answering:
                shutil.rmtree(left, ignore_errors=True)
        build = self.folder / f"build-{secrets.token_hex(4)}"
        build.mkdir(mode=0o700)
        return build

    def publish(self, build: Path) -> None:
        """Let `build` answer from now on, and remove the one before it."""
        before = self.current()
        (build / "about.json").write_text(json.dumps({"version": version()}), encoding="utf-8")
        pointer = self.folder / f"CURRENT.{secrets.token_hex(4)}"
        with pointer.open("w", encoding="ascii") as stream:
            stream.write(build.name)
            stream.flush()
            os.fsync(stream.fileno())
        pointer.replace(self.folder / "CURRENT")
        if before is not None and before != build:
            shutil.rmtree(before, ignore_errors=True)

    @contextmanager
    def writing(self, wait_s: float) -> Iterator[None]:
        """Be the only writer, in this process and among all others; the lock falls with the process that holds it.

        Raises:
            IndexBusy: somebody else has been writing for `wait_s` seconds.
        """
        with (self.folder / "lock").open("a") as stream:
            _lock(stream, time.monotonic() + wait_s)
            yield


def _lock(stream: IO[str], deadline: float) -> None:
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise IndexBusy from None
            time.sleep(_POLL_S)
        else:
            return
