"""The steward's room: one blueprint, whose addresses are in five modules."""

from web.steward import accounts, near_copies, revoicing, vault, views
from web.steward.blueprint import steward

__all__ = ["accounts", "near_copies", "revoicing", "steward", "vault", "views"]
