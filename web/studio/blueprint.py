"""The studio's blueprint, who may come in, and how its answers are given."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web.site.viewer import account, viewer

studio = Blueprint("studio", __name__, url_prefix="/studio")


@studio.before_request
def only_inside() -> AnyResponse | None:
    """The studio is the band's. Who is not signed in is asked to, and told nothing; others find nothing here."""
    if viewer().inside:
        return None
    if account() is None and request.method == "GET" and request.endpoint == "studio.songs":
        return redirect(url_for("account.sign_in", next=url_for("studio.songs")), 303)
    return abort(404)


def who() -> str | None:
    """The id of the account at work."""
    found = account()
    return found.id if found else None


def as_json(document: dict[str, Any], status: int = 200) -> Response:
    """A document that no browser keeps."""
    response: Response = jsonify(document)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
