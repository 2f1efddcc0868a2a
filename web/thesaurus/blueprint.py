"""The room of the thesaurus, as an address: stewards come in, anybody looks at a theme that they may know of."""

from __future__ import annotations

from flask import Blueprint

from web.site.guard import admit, is_steward

thesaurus = Blueprint("thesaurus", __name__, url_prefix="/steward/thesaurus")
admit(thesaurus, "room", is_steward)
theme = Blueprint("theme", __name__)
