"""A file on its way in: named as one that may be removed before it is stored, until its rows are written.

Kill the process in between and the name is left, so that the next start removes this upload and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.access.sound import quarantine_key
from archive.backends import Backends
from archive.originals import discarding

log = logging.getLogger(__name__)


@contextmanager
def arriving(backends: Backends, recording_id: str, path: Path) -> Iterator[None]:
    """Put a file into quarantine; within the context its rows are written, and `discarding.kept` is called with them.

    Whatever fails in between, neither the file nor its name stays.
    """
    with discarding.at_it(recording_id):
        with backends.database.write() as session:
            discarding.expect(session, recording_id)
        try:
            backends.store.put_file(quarantine_key(recording_id), path)
            yield
        except BaseException:
            _give_up(backends, recording_id)
            raise


def sweep(backends: Backends) -> int:
    """Remove the uploads that were broken off by a kill before their rows were written; returns how many."""
    with backends.database.read() as session:
        left = discarding.broken_off(session)
    for recording_id in left:
        _remove(backends, recording_id)
    return len(left)


def _give_up(backends: Backends, recording_id: str) -> None:
    try:
        _remove(backends, recording_id)
    except Exception as error:  # what failed first is what the person has to hear of; the name stays for `sweep`
        log.warning("an upload could not be removed yet (%s); it is tried again later", type(error).__name__)


def _remove(backends: Backends, recording_id: str) -> None:
    backends.store.delete(quarantine_key(recording_id))
    with backends.database.write() as session:
        discarding.kept(session, recording_id)
