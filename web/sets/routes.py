"""Every address of the sets, registered with its blueprint."""

from __future__ import annotations

from web.sets import views
from web.sets.blueprint import sets

__all__ = ["sets", "views"]
