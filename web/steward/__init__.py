"""The steward's room: one blueprint, whose addresses are in four modules."""

from web.steward import accounts, revoicing, vault, views
from web.steward.blueprint import steward

__all__ = ["accounts", "revoicing", "steward", "vault", "views"]
