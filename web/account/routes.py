"""Every page of the account, registered with its blueprint."""

from __future__ import annotations

from web.account import access, own_page, tokens, views, welcome
from web.account.blueprint import account

__all__ = ["access", "account", "own_page", "tokens", "views", "welcome"]
