"""Collections, as addresses: for whoever has an account."""

from __future__ import annotations

from flask import Blueprint

from web.site.guard import admit
from web.site.viewer import account

gathering = Blueprint("gathering", __name__, url_prefix="/collections")
admit(gathering, "room", lambda: account() is not None)
