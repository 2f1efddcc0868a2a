"""Which recordings are not kept, so that their bytes may be removed: uploads on their way, refused ones, replaced ones.

An upload is named here before its first byte is stored. Whoever is killed before the rows are written leaves the name,
and the next start removes exactly that; what nobody named is never touched.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.models import Discarded, now

LONGEST_UPLOAD = timedelta(days=1)
"""After this, a process on another machine that did not say that its upload is over is taken for dead."""


_AT_IT: set[str] = set()


@contextmanager
def at_it(recording_id: str) -> Iterator[None]:
    """This process is taking a recording in."""
    _AT_IT.add(recording_id)
    try:
        yield
    finally:
        _AT_IT.discard(recording_id)


def expect(session: Session, recording_id: str) -> None:
    """A file is about to be stored; until `kept` is called, nothing of it is to stay when this process is gone."""
    session.add(Discarded(recording_id=recording_id, bringing=f"{socket.gethostname()}/{os.getpid()}"))


def kept(session: Session, recording_id: str) -> None:
    """The rows of a recording are written, in this same transaction, or its file is gone: it need not be named."""
    session.execute(delete(Discarded).where(Discarded.recording_id == recording_id))


def discard(session: Session, recording_id: str) -> None:
    """Nothing is to stay of a recording, whatever is written of it later."""
    session.merge(Discarded(recording_id=recording_id, bringing="", at=now()))


def discarded(session: Session) -> frozenset[str]:
    """Ids of recordings of which nothing is to stay."""
    return frozenset(session.scalars(select(Discarded.recording_id).where(Discarded.bringing == "")))


def uploads(session: Session) -> frozenset[str]:
    """Ids of recordings that are on their way in, whether or not their process still lives."""
    return frozenset(session.scalars(select(Discarded.recording_id).where(Discarded.bringing != "")))


def broken_off(session: Session) -> frozenset[str]:
    """Ids of uploads whose process is gone. Only their file in quarantine may go: an older copy of the database may
    still name an upload that was finished since."""
    rows = session.scalars(select(Discarded).where(Discarded.bringing != ""))
    return frozenset(one.recording_id for one in rows if not _on_its_way(one))


def _on_its_way(row: Discarded) -> bool:
    if not row.bringing or row.at < now() - LONGEST_UPLOAD:
        return False
    host, _, process = row.bringing.rpartition("/")
    if host != socket.gethostname():
        return True
    if int(process) == os.getpid():
        return row.recording_id in _AT_IT
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
