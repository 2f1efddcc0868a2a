"""What every model shares: the declarative base, random ids, and times in UTC.

Ids are random, never counted: a number in an address tells how many testimonies there are and invites guessing the
next.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Integer, MetaData, String
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 14  # 30 ** 14: about 68 random bits

Id = String(32)
Sequential = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts rows only in INTEGER keys


def new_id() -> str:
    """A random id of 14 characters that is easy to read aloud (no 0, 1, i, l, o, u)."""
    return "".join(secrets.choice(LETTERS) for _ in range(ID_LENGTH))


def new_code(digits: int) -> str:
    """Random digits, to be typed from one screen into another."""
    return "".join(secrets.choice("0123456789") for _ in range(digits))


def now() -> datetime:
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored as UTC without its zone so that SQLite and PostgreSQL hold the same."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone cannot be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The declarative base; constraint names follow one convention so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
