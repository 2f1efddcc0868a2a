"""The database: one engine, and sessions. Its schema is brought up to date by `archive.schema`.

SQLite runs in WAL with `synchronous=FULL` (with NORMAL the last commits may be lost when the power goes, and it goes),
enforces foreign keys, and overwrites deleted content with zeros.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from archive import private

BUSY_MS = 15_000
_SYNCHRONOUS = "FULL"


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

    def compact(self) -> None:
        """Rewrite the file so that nothing deleted is left in free pages or in the write-ahead log."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM"))
            if self.is_sqlite:
                connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
