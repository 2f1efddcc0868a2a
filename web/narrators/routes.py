"""Every page of the narrators' room, registered with its blueprint."""

from __future__ import annotations

from web.narrators import code, records, views
from web.narrators.blueprint import narrators

__all__ = ["code", "narrators", "records", "views"]
