"""Who signs in."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from archive.models import Account, new_id
from tests.factories.rows import kept


def account(session: Session, **given: Any) -> Account:
    """A steward without a password; `archive.accounts.accounts.create` makes one who can sign in."""
    name = given.get("name") or new_id()
    usual = {"name": name, "display_name": name, "password_hash": "", "role": "steward"}
    return kept(session, Account, usual, given)
