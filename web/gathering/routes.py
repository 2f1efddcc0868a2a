"""Every address of the collections, registered with its blueprint."""

from __future__ import annotations

from web.gathering import passages, taking, views
from web.gathering.blueprint import gathering

__all__ = ["gathering", "passages", "taking", "views"]
