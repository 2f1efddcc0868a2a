"""The steward's room: one blueprint, whose addresses are in twelve modules."""

from web.steward import (
    accounts,
    catalogue,
    fixity,
    invitations,
    models,
    near_copies,
    readmitting,
    report,
    revoicing,
    unclaimed,
    vault,
    views,
)
from web.steward.blueprint import steward

__all__ = [
    "accounts",
    "catalogue",
    "fixity",
    "invitations",
    "models",
    "near_copies",
    "readmitting",
    "report",
    "revoicing",
    "steward",
    "unclaimed",
    "vault",
    "views",
]
