"""Campaigns, as addresses: the band comes in to write; anybody reads what may be read."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from archive.models import Account
from web.site.viewer import account, viewer

campaigns = Blueprint("campaigns", __name__, url_prefix="/campaigns")
campaign = Blueprint("campaign", __name__)


@campaigns.before_request
def only_the_band() -> Response | None:
    """Who is not signed in is asked to, and told nothing; to anybody else there is nothing here."""
    if viewer().inside and account() is not None:
        return None
    if account() is None and request.method == "GET" and request.endpoint == "campaigns.room":
        return redirect(url_for("account.sign_in", next=url_for("campaigns.room")), 303)
    return abort(404)


def writer() -> Account:
    """Whoever works here."""
    who = account()
    if who is None:
        abort(404)
    return who
