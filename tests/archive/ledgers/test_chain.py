"""The ledgers: whole chains, named breaks, no gaps under crowding, and a database that refuses to edit them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from archive.access.rule import Grant
from archive.consent import decisions
from archive.db import Database
from archive.ledgers import audit, chain
from archive.models import AuditEntry, ConsentEvent
from tests.archive.testimonies import GIVEN, a_testimony

pytestmark = pytest.mark.commits  # the triggers are asked past the sessions, on connections of their own


def _lift(database: Database, ledger_name: str) -> None:
    """Do what somebody with the database's file in their hands could do: take the guard away."""
    with database.engine.begin() as connection:
        if database.is_sqlite:
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER {ledger_name}_refuses_{verb}"))
        else:
            connection.execute(text(f"ALTER TABLE {ledger_name} DISABLE TRIGGER USER"))


def _restore(database: Database, ledger_name: str) -> None:
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {ledger_name} ENABLE TRIGGER USER"))


@pytest.fixture
def written(database: Database) -> Database:
    with database.write() as session:
        told = a_testimony(session).id
        decisions.grant(session, told, [Grant("existence", "public"), Grant("place", "WNU", level="district")], GIVEN)
        decisions.narrow(session, told, [Grant("existence", "band")], GIVEN)
        decisions.suspend(session, told, GIVEN)
    return database


def test_a_ledger_nobody_touched_is_whole(written: Database) -> None:
    with written.read() as session:
        assert chain.verify(session) == []
        assert list(session.scalars(select(ConsentEvent.seq).order_by(ConsentEvent.seq))) == [1, 2, 3]


@pytest.mark.parametrize("name", ["consent_event", "audit_entry"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = at", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_edit_a_ledger(written: Database, name: str, statement: str) -> None:
    with pytest.raises(DBAPIError, match="appended, never edited"), written.engine.begin() as connection:
        connection.execute(text(statement.format(name)))


@pytest.mark.parametrize(
    ("column", "value"),
    [("note", "x"), ("kind", "grant"), ("grants", "[]"), ("at", "2020-01-01 00:00:00.000000"), ("testimony_id", "b")],
)
def test_a_changed_row_is_named_and_no_other(written: Database, column: str, value: str) -> None:
    _lift(written, "consent_event")
    with written.engine.begin() as connection:
        connection.execute(text(f"UPDATE consent_event SET {column} = :value WHERE seq = 2"), {"value": value})
    with written.read() as session:
        found = chain.verify(session)
    _restore(written, "consent_event")
    assert [(b.ledger, b.seq, b.what) for b in found] == [
        ("consent_event", 2, "this row was changed after it was written")
    ]


def test_a_flipped_byte_that_breaks_the_json_is_named_too(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told = a_testimony(session).id
        decisions.grant(session, told, [Grant("existence", "public")], GIVEN)
        decisions.suspend(session, told, GIVEN)
    _lift(sqlite_database, "consent_event")
    with sqlite_database.engine.begin() as connection:
        connection.execute(text("UPDATE consent_event SET grants = replace(grants, '[', 'K') WHERE seq = 1"))
    with sqlite_database.read() as session:
        assert [(b.ledger, b.seq) for b in chain.verify(session)] == [("consent_event", 1)]


def test_a_row_taken_from_the_middle_leaves_a_gap_that_is_named(written: Database) -> None:
    _lift(written, "audit_entry")
    with written.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE seq = 2"))
    with written.read() as session:
        found = chain.verify(session)
    _restore(written, "audit_entry")
    assert [str(one) for one in found] == ["audit_entry 2: this row is missing"]


def test_a_ledger_cut_off_at_its_end_is_missed_by_the_audit_log(written: Database) -> None:
    _lift(written, "consent_event")
    with written.engine.begin() as connection:
        connection.execute(text("DELETE FROM consent_event WHERE seq > 1"))
    with written.read() as session:
        found = chain.verify(session)
    _restore(written, "consent_event")
    assert [(b.ledger, b.seq) for b in found] == [("consent_event", 2), ("consent_event", 3)]


def test_a_row_that_was_forged_whole_does_not_fit_the_chain(written: Database) -> None:
    _lift(written, "audit_entry")
    with written.write() as session:
        row = session.scalars(select(AuditEntry).where(AuditEntry.seq == 2)).one()
        row.action = "account.disabled"
        row.hash = chain.digest("audit_entry", {c.name: getattr(row, c.name) for c in row.__table__.columns})
    with written.read() as session:
        found = chain.verify(session)
    _restore(written, "audit_entry")
    assert [str(one) for one in found] == ["audit_entry 3: this row does not follow the one before it"]


def test_many_writers_at_once_leave_no_gap_and_no_fork(database: Database) -> None:
    def write(number: int) -> None:
        with database.write() as session:
            audit.note(session, None, "test.wrote", f"n:{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    with database.read() as session:
        assert list(session.scalars(select(AuditEntry.seq).order_by(AuditEntry.seq))) == list(range(1, 41))
        assert chain.verify(session) == []


def test_an_act_that_is_rolled_back_leaves_no_trace_and_no_gap(database: Database) -> None:
    def stumble() -> None:
        with database.write() as session:
            audit.note(session, None, "test.wrote")
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        stumble()
    with database.write() as session:
        assert audit.note(session, None, "test.wrote").seq == 1


def test_time_in_a_ledger_never_goes_back(database: Database) -> None:
    late = datetime(2031, 5, 1, tzinfo=UTC)
    with database.write() as session:
        audit.note(session, None, "test.wrote", at=late)
        assert audit.note(session, None, "test.wrote", at=late - timedelta(days=900)).at == late
