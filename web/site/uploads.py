"""Taking uploads: straight into the data folder, and only where somebody has been found to be allowed to.

A form's files are read before anything else of the form is known. So a file is written down only while a view has
said that it takes one; anywhere else in the site a file in a form is turned away before a byte of it is kept. It never
lies in the machine's own folder for temporary files, where others might look.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, cast

from flask import Request, g
from werkzeug.exceptions import RequestEntityTooLarge

from web.site.viewer import backends


class CarefulRequest(Request):
    """A request whose files go where the archive keeps its own, if they are wanted at all."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if g.get("drops_files"):
            return cast(IO[bytes], _Dropped())
        if not g.get("takes_files"):
            raise RequestEntityTooLarge
        # Werkzeug closes it when the request ends, and closing removes it.
        kept = NamedTemporaryFile(prefix="upload-", dir=_folder())  # noqa: SIM115
        g.uploads.append(kept)
        return kept


def _folder() -> Path:
    folder = backends().settings.data / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@contextmanager
def takes_files() -> Iterator[None]:
    """Within this, a form's files are kept until the request ends; of a form that breaks off nothing is."""
    g.takes_files, g.uploads = True, []
    try:
        yield
    except BaseException:
        for kept in g.uploads:
            kept.close()
        raise
    finally:
        g.takes_files = False


class _Dropped(io.RawIOBase):
    """Where the bytes of a file go of which only the name is wanted."""

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        return 0

    def write(self, data: Any) -> int:
        return len(data)

    def seek(self, _offset: int, _whence: int = 0) -> int:
        return 0


@contextmanager
def drops_files() -> Iterator[None]:
    """Within this, a form is read for its fields and for the names of its files; nothing of a file is kept."""
    g.drops_files = True
    try:
        yield
    finally:
        g.drops_files = False


def path_of(stream: Any) -> Path:
    """Where an uploaded file lies while the request lasts, all of it written."""
    stream.flush()
    os.fsync(stream.fileno())
    return Path(stream.name)
