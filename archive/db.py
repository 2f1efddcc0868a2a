"""The database: one engine, and sessions. Its schema is brought up to date by `archive.schema`.

SQLite runs in WAL with `synchronous=FULL` (with NORMAL the last commits may be lost when the power goes, and it goes),
enforces foreign keys, and overwrites deleted content with zeros.
"""

from __future__ import annotations

import re
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from archive import private

if TYPE_CHECKING:
    from psycopg.errors import Diagnostic

BUSY_MS = 15_000
LOCK_MS = 5_000
"""How long a server's table is waited for before it is written anew; whoever asks for it meanwhile waits as well.

And how long it is waited for those who began to read before rows were deleted: to them these are still there, and the
server carries them over into the new file.
"""
_SYNCHRONOUS = "FULL"

_LOOK_S = 0.1
_WRITTEN_TABLES = text(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
    " AND pg_relation_size(oid) + coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0) > 0 ORDER BY relname"
)


def _configure_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        f"synchronous={_SYNCHRONOUS}",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={BUSY_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    # A deferred transaction that reads and then writes fails at once when another has written between; an immediate one
    # waits its turn. Readers in WAL are not held up by it.
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN" if options.get("read_only") else "BEGIN IMMEDIATE")


def _quote_no_row(context: ExceptionContext) -> None:
    """PostgreSQL repeats the row it refused, words and all, in the lines behind the first: those are left out."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args and isinstance(error.args[0], str):
            error.args = (error.args[0].partition("\nDETAIL:")[0].partition("\nCONTEXT:")[0], *error.args[1:])


def open_engine(url: str) -> Engine:
    """An engine for `url`; a SQLite file's folder is made, private to its owner.

    Errors name no values: what a narrator said must not end in a log because a statement about it failed.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "handle_error", _quote_no_row)
        return engine
    if parsed.database and parsed.database != ":memory:":
        folder = Path(parsed.database).parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        private.secure_file(Path(parsed.database))
    engine = create_engine(parsed, connect_args={"isolation_level": None}, hide_parameters=True)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


class Database:
    """An engine and its sessions.

    `write()` is one transaction that commits at the end or leaves nothing; `read()` sees one consistent state and
    writes nothing. When nobody holds it any more, its idle connections are closed.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        if self.is_sqlite:  # a server's connections may be in other hands; a process that ends lets go of all
            weakref.finalize(self, engine.dispose).atexit = False
        self._info: dict[str, object] = {}
        self._writing = sessionmaker(engine, expire_on_commit=False)
        self._reading = sessionmaker(engine.execution_options(read_only=True), autoflush=False)

    def tell_sessions(self, name: str, value: object) -> None:
        """Put something into the `info` of every session that is opened from now on."""
        self._info[name] = value
        for maker in (self._writing, self._reading):
            maker.configure(info=self._info)

    def before_each(self, hook: Callable[[ORMExecuteState], object]) -> None:
        """Call `hook` before each statement of a session; what it returns, unless None, takes the statement's place."""
        for maker in (self._writing, self._reading):
            event.listen(maker, "do_orm_execute", hook)

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self._writing.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._reading() as session:
            yield session

    @property
    def file(self) -> Path | None:
        """Where SQLite keeps it; None on a server."""
        name = self.engine.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def compact(self, *tables: str) -> None:
        """Write the database anew, so that nothing deleted is left in free pages, nor in a file's write-ahead log.

        A server writes one table after another into a new file and lets go of the old one; nobody reads or writes that
        table meanwhile. Its own log, its standbys and its backups are the server's: see `docs/steward.md`.

        Args:
            tables: those that were touched, all when none is named; a laptop's one file is always written whole.

        Raises:
            sqlalchemy.exc.DBAPIError: somebody holds a table, or reads on, for too long, or there is no room; to be
                done again.
        """
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if self.is_sqlite:
                connection.execute(text("VACUUM"))
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
                return
            connection.execute(text(f"SET lock_timeout = {LOCK_MS}"))
            try:
                for name in tables or connection.scalars(_WRITTEN_TABLES).all():
                    _write_anew(connection, name)
            finally:
                connection.execute(text("RESET lock_timeout"))


def _write_anew(connection: Connection, table: str) -> None:
    """Write a server's table into a new file, again until no deleted row is carried over. Raises DBAPIError."""
    import psycopg  # a laptop's commands answer sooner without it

    statement = f"VACUUM (FULL, VERBOSE) {connection.dialect.identifier_preparer.quote(table)}"
    left: list[int] = []

    def heard(notice: Diagnostic) -> None:
        # "3 dead row versions cannot be removed yet." in the server's language; the number comes first in all of them
        if (number := re.search(r"\d+", notice.message_detail or "")) is not None:
            left.append(int(number[0]))

    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    driver.add_notice_handler(heard)
    try:
        until = time.monotonic() + LOCK_MS / 1000
        while True:
            left.clear()
            connection.execute(text(statement))
            if not any(left):
                return
            if time.monotonic() > until:
                why = "lock timeout: deleted rows are still seen by a transaction that began before"
                raise OperationalError(statement, None, psycopg.errors.LockNotAvailable(why))
            time.sleep(_LOOK_S)
    finally:
        driver.remove_notice_handler(heard)
