"""What is wrong with the place where the archive keeps things, told apart from what is wrong with the archive.

A full disk, a read-only folder, a locked or damaged database and a store that does not answer look alike to the code
that meets them; here each is known by what its driver says, so that a person gets the sentence that helps.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message
from archive.settings import read_settings

Trouble = Literal["full", "read-only", "locked", "damaged", "failing", "database-away", "store-away", "store-refuses"]

OURS = frozenset({"archive", "media", "ingest", "web"})
SENTENCES: dict[Trouble, Message] = {
    "full": Message("There is no room left on the disk; nothing was changed. Free some space, then do it again."),
    "read-only": Message(
        "The archive's data cannot be written: the folder, the disk or the database is read-only, or belongs "
        "to another account. Nothing was changed. Give this account the right to write there, then do it again."
    ),
    "locked": Message(
        "Another program is holding the database, and did not let go in time; nothing was changed. Close it, or "
        "wait, then do it again."
    ),
    "damaged": Message(
        "The database is damaged. Stop the archive, keep the file, and put the newest backup in its place; the "
        "sound is not touched, and `messenger unclaimed list` shows what the backup does not know."
    ),
    "failing": Message(
        "The disk could not be read or written; nothing was changed. Look whether it is full or failing, and "
        "make a backup before anything else."
    ),
    "database-away": Message(
        "The database does not answer; nothing was changed. Look whether it runs, and whether "
        "MESSENGER_DATABASE_URL names it."
    ),
    "store-away": Message(
        "The store of sound ({where}) does not answer; nothing was changed. Look whether it runs, and whether "
        "MESSENGER_STORE_URL and MESSENGER_S3_ENDPOINT name it."
    ),
    "store-refuses": Message(
        "The store of sound refuses this archive; nothing was changed. Look at its credentials and at its "
        "room, then do it again."
    ),
}

_BY_ERRNO: dict[int, Trouble] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EFBIG: "full",
    errno.EROFS: "read-only",
    errno.EACCES: "read-only",
    errno.EPERM: "read-only",
}
_BY_SQLITE: dict[int, Trouble] = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_CANTOPEN: "read-only",
    sqlite3.SQLITE_PERM: "read-only",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}
_BY_SQLSTATE: dict[str, Trouble] = {
    "53100": "full",
    "53200": "full",
    "25006": "read-only",
    "42501": "read-only",
    "55P03": "locked",
    "40P01": "locked",
    "57014": "locked",
    "XX001": "damaged",
    "XX002": "damaged",
    "57P01": "database-away",
    "57P03": "database-away",
    "53300": "database-away",
}
_S3_AWAY = {"EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError", "SSLError"}
_S3_REFUSES = {"NoCredentialsError", "PartialCredentialsError", "ClientError", "S3UploadFailedError"}


def sentence(trouble: Trouble) -> FilledMessage:
    """What to tell people; of a store that is away also where it was looked for."""
    if trouble != "store-away":
        return FilledMessage(SENTENCES[trouble])
    settings = read_settings()
    where = f"{settings.store_url} at {settings.s3_endpoint}" if settings.s3_endpoint else settings.store_url
    return FilledMessage(SENTENCES[trouble], {"where": where})


def told(error: BaseException) -> FilledMessage | None:
    """What people are told of an error: what is wrong with the place, or what an error of ours says.

    None for anybody else's, whose words may quote what somebody told.
    """
    if (trouble := trouble_of(error)) is not None:
        return sentence(trouble)
    if isinstance(error, ArchiveError):
        return error.sentence
    return FilledMessage(Message(str(error))) if type(error).__module__.split(".")[0] in OURS else None


def trouble_of(error: BaseException) -> Trouble | None:
    """What is wrong with the place where things are kept; None when it is something else."""
    return next((known for one in _chain(error) if (known := _one(one)) is not None), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [getattr(one, "orig", None), one.__cause__]


def _one(error: BaseException) -> Trouble | None:
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if isinstance(error, OSError) and error.errno is not None:
        known = _BY_ERRNO.get(error.errno)
        return known if known == "full" or (error.filename and _in_the_archive(str(error.filename))) else None
    module = type(error).__module__.partition(".")[0]
    if module == "psycopg":
        state = getattr(error, "sqlstate", None)
        away = state is None or state.startswith("08")
        return "database-away" if away and type(error).__name__ == "OperationalError" else _BY_SQLSTATE.get(state or "")
    if module in {"botocore", "boto3", "s3transfer"}:
        name = type(error).__name__
        return "store-away" if name in _S3_AWAY else "store-refuses" if name in _S3_REFUSES else None
    return None


def _in_the_archive(name: str) -> bool:
    """Whether a file that could not be opened is the archive's own, and not one that somebody named."""
    settings = read_settings()
    folders = [settings.data, Path(unquote(urlsplit(settings.store_url).path) or settings.data)]
    return any(Path(name).absolute().is_relative_to(folder) for folder in folders)


def _of_sqlite(error: sqlite3.Error) -> Trouble | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    if code & 0xFF == sqlite3.SQLITE_IOERR:
        return "failing"
    return _BY_SQLITE.get(code & 0xFF)
