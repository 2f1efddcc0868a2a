"""The desk's routes, gathered: importing this module hangs every one of them on the blueprint."""

from __future__ import annotations

from web.desk import about_song, clippings, draft, offline, publish, usage, versions, writing_aids
from web.desk.blueprint import desk

PARTS = (about_song, offline, draft, clippings, writing_aids, usage, publish, versions)

__all__ = ["PARTS", "desk"]
