"""Every page of the narrators' room, registered with its blueprint."""

from __future__ import annotations

from web.narrators import records, views
from web.narrators.blueprint import narrators

__all__ = ["narrators", "records", "views"]
