"""Every address of the sets, registered with its blueprint."""

from __future__ import annotations

from web.sets import entries, views
from web.sets.blueprint import sets

__all__ = ["entries", "sets", "views"]
