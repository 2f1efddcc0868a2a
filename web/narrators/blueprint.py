"""The narrators' room, as an address: the band and the stewards come in; what changes a record is the stewards'."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from archive.models import Account
from web.site.viewer import account, viewer

narrators = Blueprint("narrators", __name__, url_prefix="/narrators")


@narrators.before_request
def only_inside() -> Response | None:
    """Who is not signed in is asked to, and told nothing; to anybody else there is nothing here."""
    if viewer().inside and account() is not None:
        return None
    if account() is None and request.method == "GET" and request.endpoint == "narrators.people":
        return redirect(url_for("account.sign_in", next=url_for("narrators.people")), 303)
    return abort(404)


def the_steward() -> Account:
    """Who is signed in, where that is a steward; to anybody else there is nothing."""
    who = account()
    if who is None or viewer().role != "steward":
        abort(404)
    return who
