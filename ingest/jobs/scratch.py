"""Scratch folders: what a stage needs on its own machine while it runs, and nothing that anybody needs afterwards.

A process that is killed leaves its folder behind, with sound in it. Each machine looks for such folders when its
workers start, removes those that nobody is at, and says so; `messenger check` names those that are left.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.backends import Backends
from ingest.jobs import claims

log = logging.getLogger(__name__)


def work_folder(backends: Backends, recording_id: str) -> Path:
    """Where scratch of one recording lies on this machine."""
    return backends.settings.data / "work" / recording_id


@contextmanager
def folder(backends: Backends, recording_id: str) -> Iterator[Path]:
    """A folder for one run of one stage; it goes when the context closes."""
    work = work_folder(backends, recording_id)
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with TemporaryDirectory(prefix="stage-", dir=work) as name:
            yield Path(name)
    finally:
        if work.is_dir() and not any(work.iterdir()):
            work.rmdir()


def _clear_fetched(backends: Backends) -> int:
    """boto3 is there only where the store is S3's, so its module is imported only there."""
    if not backends.settings.store_url.startswith("s3:"):
        return 0
    from media.store.s3 import clear_fetched

    return clear_fetched(backends.settings.data)


def clear(backends: Backends) -> int:
    """Remove what killed workers left on this machine; returns of how many recordings there was something.

    Folders of songs' files that are being made are looked after by `ingest.exports.export_jobs`.
    """
    work = backends.settings.data / "work"
    cleared = 0
    for one in sorted(work.iterdir()) if work.is_dir() else ():
        if claims.under_way(backends.database, one.name) or any(one.glob("export-*")):
            continue
        shutil.rmtree(one, ignore_errors=True)
        cleared += 1
    if fetched := _clear_fetched(backends):
        log.warning("%d file(s) of sound that a killed process had fetched from the store were removed", fetched)
    if cleared:
        log.warning("scratch of %d recording(s) that a killed worker had left on this machine was removed", cleared)
    return cleared
