"""Alembic's entry point: runs migrations on the engine it is handed, or on the one the settings name."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlalchemy import Connection, Engine

from archive.days import LONGEST, EdtfDay
from archive.db import open_engine
from archive.models import Base
from archive.models.base import UtcDateTime
from archive.settings import read_settings


def _render(kind: str, item: object, _context: object) -> str | Literal[False]:
    # A migration is history: it must not change its meaning when the model's own types do.
    if kind == "type" and isinstance(item, EdtfDay):
        return f"sa.String(length={LONGEST})"
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcDateTime) else False


def _keys(connection: Connection, state: Literal["ON", "OFF"]) -> None:
    # On the driver's connection, since the pragma does nothing inside a transaction.
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys={state}")
    cursor.close()


def run() -> None:
    engine: Engine | None = context.config.attributes.get("engine")
    if engine is None:
        engine = open_engine(read_settings().database_url)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # A table is altered there by making it anew; with the keys on, dropping the old one would empty others.
            _keys(connection, "OFF")
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True, render_item=_render
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if connection.dialect.name == "sqlite":
            _keys(connection, "ON")


run()
