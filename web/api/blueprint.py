"""The interface for programs, `/api/v1`: who asks, by a token and by nothing else, and what stands on every answer.

A browser's session opens nothing here: a page of another site would be answered as whoever is signed in beside it.
Without a token the answer is the public's. A token that ended, that was taken back or that never was one is told from
none, so that a program does not go on with less than it had without saying so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from archive.access import gate
from archive.access.gate import Unknown
from archive.accounts import api_tokens
from archive.models import Account
from web.site.security import limiter
from web.site.viewer import account, database

LIMIT = "1200 per hour"
SCHEME = "bearer"
PAGES = frozenset({"api.guide"})
"""What people read: there the signed-in browser is known, as on every page."""

api = Blueprint("api", __name__, url_prefix="/api/v1")
limiter.limit(LIMIT)(api)


@api.before_request
def see_who_asks() -> None:
    """The account of the token, or the public; a browser's cookie is not looked at."""
    if request.endpoint in PAGES:
        return
    g.no_language = True
    g.account, g.viewer = None, gate.PUBLIC
    asked = request.authorization
    if asked is None or asked.type != SCHEME:
        return
    with database().read() as session:
        try:
            token = api_tokens.held_with(session, asked.token or "")
        except Unknown:
            raise refused("invalid_token") from None
        g.account = token.account
        g.viewer = gate.viewer_of(session, token.account)
        first_today = api_tokens.needs_note(token)
        session.expunge_all()
    if first_today:
        with database().write() as session:
            api_tokens.used(session, token.id)


def refused(error: str = "") -> Unauthorized:
    """To be raised where a token is wrong, or one is needed."""
    told: dict[str, str | None] = {"realm": "Archive of the Messenger Band"}
    told |= {"error": error} if error else {}
    return Unauthorized(www_authenticate=WWWAuthenticate(SCHEME, told))


def whose_token() -> Account:
    """Whose token it is, where one is needed. Raises Unauthorized."""
    who = account()
    if who is None:
        raise refused()
    return who


def answer(document: Mapping[str, Any]) -> Response:
    """A document that nobody keeps: what is taken back is gone with the next request."""
    response = Response(json.dumps(document, ensure_ascii=False), content_type="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Authorization")
    return response


def page_asked(most: int = 10_000) -> int:
    return max(1, min(request.args.get("page", 1, type=int), most))


def after(page: int, more: bool) -> str | None:
    """The address of the page after this one; None at the last."""
    if not more:
        return None
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    return f"{request.base_url}?{urlencode([*kept, ('page', page + 1)])}"
