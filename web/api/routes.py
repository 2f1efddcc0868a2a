"""Every address of the interface, registered with its blueprint."""

from __future__ import annotations

from web.api import guide, searching, views
from web.api.blueprint import api

__all__ = ["api", "guide", "searching", "views"]
