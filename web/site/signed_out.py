"""At a room that asks for an account: whoever is not signed in is asked to, comes back to where they were going, and
what they sent goes on with them.

Whether there is anything behind an address is not looked at: everybody is asked alike who has no session, whatever the
address names. Scripts are answered by the rooms themselves, since nobody reads a page there.
"""

from __future__ import annotations

from dataclasses import replace

from flask import Flask, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.site import kept_forms
from web.site.viewer import account

ROOMS = frozenset(
    {
        "about",
        "campaigns",
        "desk",
        "gathering",
        "ingest",
        "kept",
        "narrators",
        "packs",
        "record",
        "review",
        "sets",
        "steward",
        "studio",
        "thesaurus",
    }
)
"""Blueprints of which nearly every page asks for an account."""
OPEN_TO_ALL = frozenset({"about.read", "kept.public_feed", "kept.feed"})
ALSO = frozenset(
    {
        "account.own",
        "account.present",
        "testimony.ask",
        "testimony.change_several",
        "testimony.choose_several",
        "testimony.correct",
        "testimony.decide_theme",
        "testimony.describe",
        "testimony.join",
        "testimony.joining",
        "testimony.several",
        "testimony.undo_description",
        "testimony.undo_several",
    }
)


def too_late() -> Response | None:
    """What to show in place of an answer to a form that came too late; None where it is nothing that can be kept.

    Who is signed in, perhaps again and in another window, is shown what came and sends it by a press.
    """
    if not _asks_for_an_account(request.endpoint or ""):
        return None
    form = kept_forms.sent()
    if form is None:
        return None
    if account() is not None:
        return make_response(render_template("account/go_on.html", late=replace(form, sure=False)), 400)
    # The form of signing in is the account room's own; this page is shown at whatever address something was sent to.
    return make_response(render_template("account/signed_out.html", kept=kept_forms.carried(form)), 403)


def _ask() -> Response | None:
    if account() is not None or request.endpoint is None or not _asks_for_an_account(request.endpoint):
        return None
    if request.method == "POST":
        return too_late()
    if request.method == "GET" and _is_looked_at():
        return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")), 303)
    return None


def _asks_for_an_account(endpoint: str) -> bool:
    return endpoint in ALSO or (endpoint.partition(".")[0] in ROOMS and endpoint not in OPEN_TO_ALL)


def _is_looked_at() -> bool:
    """Whether a person's browser opens this as a page, and no script asks for a piece of one."""
    if "text/html" not in request.headers.get("Accept", ""):
        return False
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def init_app(app: Flask) -> None:
    """To be called after the viewer is known."""
    app.before_request(_ask)
