"""Two ledgers that are only appended: consent events and audit entries, each a chain of hashes.

A row's hash covers its canonical JSON, in which the hash of the row before it stands, so an edited row no longer
agrees with its own hash and a removed one leaves a gap. The chain alone cannot tell that its newest rows were cut
off; therefore every consent event is also written down in the audit log with its number, and `verify` compares the
two.

Canonical JSON: keys sorted, no spaces, UTF-8 as it is, times in UTC with six decimals and a `Z`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from archive.access import clock
from archive.models import AuditEntry, ConsentEvent, now

Row = TypeVar("Row", ConsentEvent, AuditEntry)
Kind = type[ConsentEvent] | type[AuditEntry]
LEDGERS: tuple[Kind, ...] = (ConsentEvent, AuditEntry)
FIRST = "0" * 64
CONSENT_ACTION = "consent."
_BATCH = 500
_UNREADABLE = (ValueError, TypeError, LookupError, DBAPIError)
_LOCK = 0x6D62_6C67  # any constant will do; it names the lock that appending takes in PostgreSQL


@dataclass(frozen=True, slots=True)
class Break:
    """A row of a ledger that is not as it was written."""

    ledger: str
    seq: int
    what: str

    def __str__(self) -> str:
        return f"{self.ledger} {self.seq}: {self.what}"


def canonical(ledger: str, values: Mapping[str, Any]) -> bytes:
    """The bytes that a row's hash covers: the ledger's name and every column but the hash itself."""
    plain = {name: _plain(value) for name, value in values.items() if name != "hash"}
    return json.dumps(plain | {"ledger": ledger}, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value


def digest(ledger: str, values: Mapping[str, Any]) -> str:
    """SHA-256 of a row's canonical bytes, in hexadecimal."""
    return hashlib.sha256(canonical(ledger, values)).hexdigest()


def take_turn(session: Session) -> None:
    """Wait until nobody else is appending, and keep the others waiting until this transaction ends.

    SQLite's write transactions take turns by themselves; PostgreSQL takes a lock that its commit gives back.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def append(session: Session, row: Row) -> Row:
    """Give the row its place, time and hash, and add it; the caller's transaction decides whether it stays.

    The row's time never lies before the one before it, so a clock put back shows in the ledger as standing still.
    """
    take_turn(session)
    kind = type(row)
    last = session.execute(select(kind.seq, kind.hash).order_by(kind.seq.desc()).limit(1)).one_or_none()
    row.seq, row.previous_hash = (last.seq + 1, last.hash) if last else (1, FIRST)
    row.at = max(row.at or now(), clock.moment(session).mark)
    for column in row.__table__.columns:
        if getattr(row, column.name) is None and column.default is not None:
            setattr(row, column.name, _default(column.default))
    row.hash = digest(row.__tablename__, {column.name: getattr(row, column.name) for column in row.__table__.columns})
    session.add(row)
    session.flush()
    return row


def _default(default: Any) -> Any:
    # The hash is made before the database would fill these in. SQLAlchemy wraps callables to take a context.
    return default.arg(None) if default.is_callable else default.arg


def verify(session: Session) -> list[Break]:
    """Every row of either ledger that is broken, in order; an empty list when both are whole."""
    found = [broken for kind in LEDGERS for broken in _walk(session, kind)]
    return found + list(_cut_off(session))


def _walk(session: Session, kind: Kind) -> Iterator[Break]:
    name, previous, expected = kind.__tablename__, FIRST, 1
    numbers = list(session.scalars(select(kind.seq).order_by(kind.seq)))
    for start in range(0, len(numbers), _BATCH):
        for seq, values in _rows(session, kind, numbers[start : start + _BATCH]):
            if seq != expected:
                yield Break(name, expected, "this row is missing")
                previous = values.get("previous_hash", "")
            expected = seq + 1
            if "problem" in values:
                yield Break(name, seq, f"this row cannot be read ({values['problem']})")
            elif digest(name, values) != values["hash"]:
                yield Break(name, seq, "this row was changed after it was written")
            elif values["previous_hash"] != previous:
                yield Break(name, seq, "this row does not follow the one before it")
            previous = values["hash"]


def _rows(session: Session, kind: Kind, numbers: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    columns = kind.__table__.columns
    rows = select(*columns).where(kind.seq.in_(numbers)).order_by(kind.seq)
    try:
        yield from [(row.seq, dict(row._mapping)) for row in session.execute(rows)]
    except _UNREADABLE:
        for seq in numbers:  # one by one, so that a single damaged row is named and the others are still looked at
            try:
                row = session.execute(select(*columns).where(kind.seq == seq)).one()
                yield seq, dict(row._mapping)
            except _UNREADABLE as problem:
                chain = session.execute(select(kind.hash, kind.previous_hash).where(kind.seq == seq)).one()
                yield seq, {"problem": type(problem).__name__, **chain._mapping}


def _cut_off(session: Session) -> Iterator[Break]:
    """Consent events that the audit log remembers and the ledger no longer has at its end."""
    last = session.scalar(select(func.max(ConsentEvent.seq))) or 0
    noted = select(AuditEntry.seq).where(AuditEntry.action.startswith(CONSENT_ACTION)).order_by(AuditEntry.seq)
    numbers = list(session.scalars(noted))
    for start in range(0, len(numbers), _BATCH):
        for _, values in _rows(session, AuditEntry, numbers[start : start + _BATCH]):
            seq = values.get("detail", {}).get("seq")
            if isinstance(seq, int) and seq > last:
                yield Break(ConsentEvent.__tablename__, seq, "this row is missing; the audit log remembers it")
