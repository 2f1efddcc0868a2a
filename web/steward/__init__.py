"""The steward's room: one blueprint, whose addresses are in three modules."""

from web.steward import revoicing, vault, views
from web.steward.blueprint import steward

__all__ = ["revoicing", "steward", "vault", "views"]
