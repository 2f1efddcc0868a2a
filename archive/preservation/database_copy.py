"""The whole database as one SQLite file, out of either database and back into either.

A server's is read in one transaction through the models and written as the file that a laptop has, so that no tool of
the server's version is needed to make a backup, to look into it, or to put it back elsewhere. Rows go in the order in
which tables name each other; where a row names another of its own table, that is filled in afterwards.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)

from archive import schema
from archive.db import Database, open_engine
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.models import AccountSession, Base, Discarded

_BATCH = 500


class CopyDamaged(ArchiveError, RuntimeError):
    """The copy of the database is not whole; it must not be relied on."""


def take_out(database: Database, copy: Path) -> None:
    """Write one moment of the database into a new file, without sessions and without uploads on their way.

    Raises:
        CopyDamaged: see there.
    """
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if database.file is not None:
        with (
            contextlib.closing(sqlite3.connect(database.file)) as source,
            contextlib.closing(sqlite3.connect(copy)) as to,
        ):
            source.backup(to)
    else:
        engine = open_engine(f"sqlite:///{copy}")
        schema.migrate(engine)
        _take_rows_out(database, Database(engine))
        engine.dispose()
    kept = Database(open_engine(f"sqlite:///{copy}"))
    try:
        with kept.write() as session:
            session.execute(delete(AccountSession))
            session.execute(delete(Discarded).where(Discarded.bringing != ""))
        kept.compact()
        _whole(kept)
    finally:
        kept.engine.dispose()


def put_back(copy: Path, database: Database) -> None:
    """Fill an empty server's database, which has its schema, with the rows of a copy, in one transaction."""
    kept = Database(open_engine(f"sqlite:///{copy}"))
    try:
        with kept.engine.connect().execution_options(read_only=True) as source, database.engine.begin() as to:
            for table in Base.metadata.sorted_tables:
                _fill(source, to, table)
                _count_on(to, table)
    finally:
        kept.engine.dispose()


def bring_up_to_date(copy: Path) -> None:
    """Bring a copy that an earlier version made to this version's schema.

    Raises:
        CopyDamaged: see there.
        archive.schema.DatabaseTooNew: a later version made it.
    """
    engine = open_engine(f"sqlite:///{copy}")
    try:
        _whole(Database(engine))
        schema.migrate(engine)
        schema.remove_copies(copy)
        Database(engine).compact()
    finally:
        engine.dispose()


def _whole(database: Database) -> None:
    try:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    except Exception as error:
        raise CopyDamaged(Message("The copy of the database cannot be read.")) from error
    if found != "ok":
        raise CopyDamaged(
            Message("The copy of the database is damaged; run `messenger check`, and make the backup again.")
        )


def _take_rows_out(database: Database, kept: Database) -> None:
    source = database.engine.connect().execution_options(isolation_level="REPEATABLE READ")
    with source, source.begin(), kept.engine.connect() as to:
        to.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in Base.metadata.sorted_tables:
            for rows in source.execution_options(yield_per=_BATCH).execute(select(table)).partitions(_BATCH):
                to.execute(table.insert(), [dict(row._mapping) for row in rows])
        to.commit()


def _fill(source: Connection, to: Connection, table: Table) -> None:
    """Copy the rows of one table; columns that name the table itself are filled in when all its rows are there."""
    own = _naming_itself(table)
    for rows in source.execution_options(yield_per=_BATCH).execute(select(table)).partitions(_BATCH):
        empty = dict.fromkeys(one.name for one in own)
        to.execute(insert(table), [dict(row._mapping) | empty for row in rows])
    keys = list(table.primary_key.columns)
    for column in own:
        named = select(*keys, column).where(column.is_not(None))
        filled = (
            update(table)
            .where(*(key == bindparam(f"key_{key.name}") for key in keys))
            .values({column.name: bindparam("named")})
        )
        for rows in source.execution_options(yield_per=_BATCH).execute(named).partitions(_BATCH):
            to.execute(
                filled,
                [
                    {f"key_{key.name}": row._mapping[key] for key in keys} | {"named": row._mapping[column]}
                    for row in rows
                ],
            )


def _naming_itself(table: Table) -> list[Column[object]]:
    return [key.parent for key in table.foreign_keys if key.column.table is table and key.parent.nullable]


def _count_on(to: Connection, table: Table) -> None:
    """A server counts on behind the highest number it was given."""
    if to.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        if column is not table.autoincrement_column or not isinstance(column.type, Integer):
            continue
        counter = to.scalar(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
        )
        if counter is not None:
            highest = select(func.coalesce(func.max(column), literal_column("0")) + 1).scalar_subquery()
            to.execute(select(func.setval(counter, highest, literal_column("false"))))
