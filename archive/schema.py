"""The schema: whether the database is of this version, and how it is brought there.

Only `messenger init`, `serve` and `demo` upgrade; everything else says that it is to be done. Whether anything is to be
done is seen by comparing one word in the database with the names of the migrations, so that a command that finds all
in order never loads alembic.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from archive.db import Database
from archive.errors import ArchiveError
from archive.language.messages import Message

_MIGRATIONS = Path(__file__).parent / "migrations"
_COPY = ".before-"
_NAMED = re.compile(r'^(revision|down_revision) = "(\w+)"', re.MULTILINE)


class DatabaseTooNew(ArchiveError, RuntimeError):
    """The database was made by a later version of the archive than this one."""


class DatabaseOutdated(ArchiveError, RuntimeError):
    """The database was made by an earlier version, and this command does not change it."""


class NoArchiveYet(ArchiveError, RuntimeError):
    """There is no archive in this database."""


@cache
def revisions() -> tuple[str, ...]:
    """Every revision that this version knows, the newest last: by what each follows, since numbers are given ahead."""
    follows: dict[str | None, str] = {}
    for path in (_MIGRATIONS / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"):
        named = dict(_NAMED.findall(path.read_text(encoding="utf-8")))
        follows[named.get("down_revision")] = named["revision"]
    chain: list[str] = []
    while (following := follows.get(chain[-1] if chain else None)) is not None:
        chain.append(following)
    return tuple(chain)


def revision(engine: Engine) -> str | None:
    """The revision of a database; None for one with nothing in it."""
    with engine.connect().execution_options(read_only=True) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def ensure(engine: Engine, *, create: bool = True, upgrade: bool = False) -> None:
    """Make sure that the database has this version's schema.

    Args:
        create: make an archive where there is none.
        upgrade: bring an earlier version up to date; a copy of a SQLite database is kept beside it first.

    Raises:
        DatabaseTooNew: the database knows a migration that this version does not.
        DatabaseOutdated: it is of an earlier version, and `upgrade` was not asked for.
        NoArchiveYet: there is nothing, and `create` was not asked for.
    """
    known, current = revisions(), revision(engine)
    if current == known[-1]:
        return
    if current is not None and current not in known:
        raise DatabaseTooNew(
            Message("This data folder was made by a newer version of the archive; install that version.")
        )
    if current is None and not create:
        raise NoArchiveYet(Message("There is no archive here yet; `messenger init` makes one."))
    if current is not None and not upgrade:
        raise DatabaseOutdated(
            Message(
                "This archive's database is of an earlier version; `messenger init` brings it up to date, and keeps a "
                "copy."
            )
        )
    if current is not None:
        keep_copy(Database(engine).file, known[-1])
    _upgrade(engine)


def migrate(engine: Engine) -> None:
    """Bring the database to this version's schema, from nothing or from an earlier one. Raises DatabaseTooNew."""
    ensure(engine, create=True, upgrade=True)


def keep_copy(path: Path | None, before: str) -> Path | None:
    """Keep the whole database beside itself before it is changed, in the place of an earlier copy; None on a server.

    Raises:
        OSError, sqlite3.Error: there is no room for it; then nothing is to be changed either.
    """
    if path is None:
        return None
    target = path.with_name(f"{path.name}{_COPY}{before}")
    unfinished = path.with_name(f"{path.name}{_COPY}{before}.unfinished")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with (
            contextlib.closing(sqlite3.connect(path)) as source,
            contextlib.closing(sqlite3.connect(unfinished)) as kept,
        ):
            source.backup(kept)
        remove_copies(path, but=unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def copies(path: Path | None) -> list[Path]:
    """Copies that were kept before an upgrade, and what a broken off one left."""
    return [] if path is None else sorted(path.parent.glob(f"{path.name}{_COPY}*"))


def remove_copies(path: Path | None, but: Path | None = None) -> int:
    """Remove the kept copies: what is destroyed must not go on in them. Overwritten first, as far as disks allow."""
    there = [one for one in copies(path) if one != but]
    for one in there:
        with one.open("r+b") as file:
            left = one.stat().st_size
            while left > 0:
                left -= file.write(bytes(min(left, 1 << 20)))
            file.flush()
            os.fsync(file.fileno())
        one.unlink(missing_ok=True)
    return len(there)


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["engine"] = engine
    command.upgrade(config, "head")
