"""The desk's routes, gathered: importing this module hangs every one of them on the blueprint."""

from __future__ import annotations

from web.desk import away, draft, gather, helps, origin, publish, versions
from web.desk.room import desk

PARTS = (away, draft, gather, helps, origin, publish, versions)

__all__ = ["PARTS", "desk"]
