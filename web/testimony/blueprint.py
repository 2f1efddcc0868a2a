"""A testimony's pages, as addresses; what a viewer may not know of is answered as what does not exist."""

from __future__ import annotations

from flask import Blueprint

testimony = Blueprint("testimony", __name__)
testimony.add_app_template_filter(lambda spans, span: any(one.overlaps(span) for one in spans), "overlapping")
