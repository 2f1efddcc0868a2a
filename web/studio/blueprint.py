"""The studio's blueprint, who may come in, and how its answers are given."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from web.site.guard import admit

studio = Blueprint("studio", __name__, url_prefix="/studio")
admit(studio, "songs")


def as_json(document: dict[str, Any], status: int = 200) -> Response:
    """A document that no browser keeps."""
    response: Response = jsonify(document)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
