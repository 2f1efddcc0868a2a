"""Statements compiled once: an engine keeps them for itself, and histories open hundreds on databases alike."""

from __future__ import annotations

from sqlalchemy import Engine

from archive.db import open_engine

_FIRST: list[Engine] = []


def opened(url: str) -> Engine:
    """An engine that knows what every one before it has compiled."""
    engine = open_engine(url)
    if _FIRST:
        engine.dialect, engine._compiled_cache = _FIRST[0].dialect, _FIRST[0]._compiled_cache
    else:
        _FIRST.append(engine)
    return engine
