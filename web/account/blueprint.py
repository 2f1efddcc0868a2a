"""Everybody's own account, as addresses: signing in and out, the first password, and one's own page."""

from __future__ import annotations

from flask import Blueprint

account = Blueprint("account", __name__)
