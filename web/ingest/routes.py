"""Every page of the room where recordings come in, registered with its blueprint."""

from __future__ import annotations

from web.ingest import discarding, pieces, views
from web.ingest.blueprint import ingest

__all__ = ["discarding", "ingest", "pieces", "views"]
