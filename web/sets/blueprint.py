"""Sets, as addresses: the band's alone."""

from __future__ import annotations

from flask import Blueprint

from web.site.guard import admit

sets = Blueprint("sets", __name__, url_prefix="/sets")
admit(sets, "room")
