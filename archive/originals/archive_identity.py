"""Do the database and the store of sound belong together, and is neither older than the other?

Both bear the archive's id. The store also holds how far the audit log had come when the store was last written to: the
number of a line and its hash. A database whose log does not reach that line, or has another one there, is an older
copy, and a start refuses until somebody has decided. The log is only appended and each line carries the hash of the one
before, so neither clocks nor file dates are asked; several processes may write the mark, since it only grows.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.backends import Backends
from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message
from archive.ledgers import audit
from archive.models import ArchiveIdentity, AuditEntry, Recording, new_id
from archive.originals.unclaimed import unclaimed
from archive.ports import BlobMissing, BlobStore

MARK = "archive.json"
_LOOKED_AT = 50
_EMPTY = Message(
    "The store holds none of the sound that the database names; look whether MESSENGER_STORE_URL is right."
)
_UNNAMED = Message(
    "The store holds recordings and the database names none; look whether MESSENGER_DATABASE_URL and MESSENGER_DATA "
    "are right, and put the database back if it was lost."
)
_NEWER = Message(
    "The store belongs to an archive, and this database is new or older than that; look whether "
    "MESSENGER_DATABASE_URL and MESSENGER_DATA are right, and put the database back if it was lost."
)
_ANOTHERS = Message(
    "The store belongs to another archive than the database; look at MESSENGER_STORE_URL and MESSENGER_DATABASE_URL."
)
_OLDER = Message("This database is older than the sound beside it; put the newer database back if there is one.")
_DAMAGED = Message("The store's own mark ({file}) is damaged.")
_WAY_OUT = Message(
    "{what} If they do belong together, `messenger init --adopt-store` joins them: nothing is removed, and what the "
    "database does not know is listed by `messenger unclaimed list`."
)


class StoreMismatch(ArchiveError, RuntimeError):
    """The store is not this database's, or the database is older than the store; nothing is started over the two."""

    def __init__(self, what: Message, **values: object) -> None:
        super().__init__(_WAY_OUT, what=FilledMessage(what, values))


@dataclass(frozen=True, slots=True)
class Mark:
    """What the store says of itself: whose it is, and the newest line of the audit log that it has seen."""

    archive: str
    seq: int = 0
    hash: str = ""


def confirm(backends: Backends) -> str:
    """Make sure that database and store belong together; the first start of an archive writes its id into both.

    Returns:
        The archive's id.

    Raises:
        StoreMismatch: see there; its sentence names the way out.
    """
    mark = read_mark(backends.store)
    with backends.database.read() as session:
        mine = archive_id(session)
        wrong = _unmarked(session, backends.store) if mark is None else _marked(session, mine, mark)
    if wrong is not None:
        raise StoreMismatch(wrong)
    if mine is None or mark is None:
        return _join(backends, mine or new_id())
    return mine


def problems(backends: Backends) -> list[str]:
    """What `confirm` would refuse, for `messenger check`; nothing is written."""
    try:
        mark = read_mark(backends.store)
        with backends.database.read() as session:
            mine = archive_id(session)
            wrong = _unmarked(session, backends.store) if mark is None else _marked(session, mine, mark)
    except StoreMismatch as error:
        return [f"store: {error}"]
    return [f"store: {StoreMismatch(wrong)}"] if wrong and (mine is not None or mark is not None) else []


def adopt_store(backends: Backends) -> str:
    """Join a database and a store that `confirm` refused, at somebody's word. Nothing is removed.

    Returns:
        The archive's id: the database's own, or the store's where the database has none.
    """
    try:
        mark = read_mark(backends.store)
    except StoreMismatch:  # damaged: what it said is gone, and somebody's word takes its place
        mark = None
    with backends.database.write() as session:
        chosen = archive_id(session) or (mark.archive if mark else new_id())
        detail = {"store": mark.archive if mark else "", "seen": mark.seq if mark else 0}
        audit.note(session, None, "store.adopted", f"archive:{chosen}", detail)
    return _join(backends, chosen)


def archive_id(session: Session) -> str | None:
    return session.scalar(select(ArchiveIdentity.archive_id))


def read_mark(store: BlobStore) -> Mark | None:
    """What the store says of itself; None where it says nothing."""
    try:
        said = json.loads(store.get_bytes(MARK))
        return Mark(str(said["archive"]), int(said["seq"]), str(said["hash"]))
    except BlobMissing:
        return None
    except (ValueError, KeyError, TypeError):
        raise StoreMismatch(_DAMAGED, file=MARK) from None


def write_mark(store: BlobStore, mark: Mark) -> None:
    store.put_bytes(MARK, json.dumps(asdict(mark), sort_keys=True).encode())


def newest(session: Session, archive: str) -> Mark:
    """The mark that the store would bear if it had seen everything up to now."""
    row = session.execute(select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)).first()
    return Mark(archive, *row) if row else Mark(archive)


def _join(backends: Backends, archive: str) -> str:
    """The database first: a kill in between leaves a store without a mark, which the next start looks at again."""
    with backends.database.write() as session:
        if archive_id(session) is None:
            session.add(ArchiveIdentity(archive_id=archive))
    write_mark(backends.store, Mark(archive))
    return archive


def _unmarked(session: Session, store: BlobStore) -> Message | None:
    """A store without a mark is a new one, or one of an earlier version: that one holds what the database names."""
    with_sound = select(Recording.original_key).where(Recording.original_key != "").limit(_LOOKED_AT)
    named = list(session.scalars(with_sound))
    if any(store.exists(key) for key in named):
        return None
    if named:
        return _EMPTY
    return _UNNAMED if unclaimed(session, store) else None


def _marked(session: Session, mine: str | None, mark: Mark) -> Message | None:
    if mine is None:
        return _NEWER
    if mine != mark.archive:
        return _ANOTHERS
    if mark.seq and session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == mark.seq)) != mark.hash:
        return _OLDER
    return None
