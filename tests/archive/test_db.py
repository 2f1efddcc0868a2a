"""The database on both engines: the schema, transactions that leave nothing half done, and compaction."""

from __future__ import annotations

import io
import traceback
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from archive import db
from archive.db import Database, open_engine
from archive.models import Account, Base, Campaign, Song, Term
from archive.schema import DatabaseTooNew, migrate
from archive.withdrawal import purge

pytestmark = pytest.mark.commits  # these are tests of committing


def test_the_migrations_make_exactly_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_sqlite_has_written_what_it_says_is_kept(
    tmp_path: Path, production_synchronous: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With less than FULL, the last commits may be lost when the power goes."""
    monkeypatch.setattr(db, "_SYNCHRONOUS", production_synchronous)
    engine = open_engine(f"sqlite:///{tmp_path / 'archive.db'}")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    engine.dispose()


def test_a_failed_write_leaves_nothing(database: Database) -> None:
    def write_and_stumble() -> None:
        with database.write() as session:
            session.add(Campaign(id="half", name_en="Half done"))
            session.flush()
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        write_and_stumble()
    with database.read() as session:
        assert session.get(Campaign, "half") is None


def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(Song(slug="a", title_km="ក", campaign_id="nobody"))


def test_an_error_repeats_nothing_of_what_was_to_be_written(database: Database) -> None:
    with pytest.raises(IntegrityError) as error, database.write() as session:
        session.add(Song(slug="a", title_km="ក", note_en="canary-7f3k", campaign_id="nobody"))
    assert "canary-7f3k" not in str(error.value)


def test_an_error_repeats_nothing_of_the_row_it_refused(database: Database) -> None:
    """PostgreSQL would quote the whole row of a broken NOT NULL, in its own error and in the traceback of it."""
    with pytest.raises(IntegrityError) as error, database.write() as session:
        session.execute(Campaign.__table__.insert().values(id="c", name_km="canary-7f3k", name_en=None))
    kept = io.StringIO()
    traceback.print_exception(error.value, file=kept)
    said = [line for line in kept.getvalue().splitlines() if not line.startswith(" ")]  # the rest is our own source
    assert not any("canary-7f3k" in line for line in said)
    assert "canary-7f3k" not in str(error.value)
    assert "canary-7f3k" not in str(error.value.__cause__)
    assert "DETAIL" not in str(error.value)


def test_times_come_back_in_utc(database: Database) -> None:
    phnom_penh = timezone(timedelta(hours=7))
    with database.write() as session:
        session.add(
            Account(
                name="a",
                display_name="A",
                password_hash="",
                role="band",
                created_at=datetime(2026, 1, 1, 6, tzinfo=phnom_penh),
            )
        )
    with database.read() as session:
        assert session.scalars(select(Account.created_at)).one() == datetime(2025, 12, 31, 23, tzinfo=UTC)


def test_a_time_without_its_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    with pytest.raises(StatementError, match="without its zone"), database.write() as session:
        session.add(Account(name="a", display_name="A", password_hash="", role="band", created_at=naive))


def test_a_database_of_a_later_version_is_refused_in_one_sentence(sqlite_database: Database) -> None:
    with sqlite_database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNew, match="newer version"):
        migrate(sqlite_database.engine)


def test_compacting_leaves_no_deleted_word_in_the_files(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        session.add(Campaign(id="c", name_en="canary-7f3k"))
    with sqlite_database.write() as session:
        session.delete(session.get(Campaign, "c"))
    sqlite_database.compact()
    name = sqlite_database.engine.url.database
    assert name
    files = list(Path(name).parent.glob("archive.db*"))
    assert files
    assert all(b"canary-7f3k" not in file.read_bytes() for file in files)


@pytest.mark.postgres
def test_a_server_s_table_is_written_anew_without_what_was_deleted(postgres_database: Database) -> None:
    """As the stewards' book says of a destroy: rows go, and their bytes with them, from the table's own file."""
    canary = "she-slept-on-the-factory-floor"

    def written() -> bool:
        with postgres_database.engine.connect() as connection:
            connection.execute(text("CHECKPOINT"))
            file = text("SELECT pg_read_binary_file(pg_relation_filepath('campaign'))")
            return canary.encode() in bytes(connection.scalar(file))

    with postgres_database.write() as session:
        session.add(Campaign(name_en=canary))
    assert written()
    with postgres_database.write() as session:
        session.execute(delete(Campaign))
    assert written(), "the row is gone and its bytes are not"
    postgres_database.compact()
    assert not written()


@pytest.mark.postgres
def test_a_table_that_somebody_holds_is_not_waited_for_without_end(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "LOCK_MS", 50)
    with postgres_database.write() as session:
        session.add(Campaign(name_en="held"))
    with postgres_database.write() as session:
        session.execute(select(Campaign)).all()
        with pytest.raises(OperationalError) as refused:
            postgres_database.compact(Campaign.__tablename__)
    assert purge.trouble(refused.value) == "locked"
    postgres_database.compact(Campaign.__tablename__)


@pytest.mark.postgres
def test_a_row_that_somebody_still_sees_is_not_called_gone(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To a reader who began before, the deleted row is there, so the server carries its bytes into the new file."""
    monkeypatch.setattr(db, "LOCK_MS", 50)
    with postgres_database.write() as session:
        session.add(Campaign(name_en="seen"))
    reader = postgres_database.engine.connect().execution_options(isolation_level="REPEATABLE READ")
    reader.execute(select(Term.id).limit(1)).all()  # another table: that it holds no lock on this one is not enough
    with postgres_database.write() as session:
        session.execute(delete(Campaign))
    with pytest.raises(OperationalError) as refused:
        postgres_database.compact(Campaign.__tablename__)
    assert purge.trouble(refused.value) == "locked"
    reader.close()
    postgres_database.compact(Campaign.__tablename__)
