"""The narrators' room, as an address: the band and the stewards come in; what changes a record is the stewards'."""

from __future__ import annotations

from flask import Blueprint

from web.site.guard import admit

narrators = Blueprint("narrators", __name__, url_prefix="/narrators")
admit(narrators, "people")
