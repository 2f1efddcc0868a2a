"""The steward's room: one blueprint, whose addresses are in three modules."""

from web.steward import sealed, views, voicing
from web.steward.door import steward

__all__ = ["sealed", "steward", "views", "voicing"]
