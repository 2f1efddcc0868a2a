"""A narrator's own pages, as addresses: her code opens a visit of twenty minutes, in this browser alone.

Nothing of it is kept by the browser, and nothing that is told here is written into a log: neither the code, which comes
in a form's body, nor from where it came.
"""

from __future__ import annotations

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from archive.catalogue import about
from archive.withdrawal import own_visits
from web.site.viewer import backends, database

own_words = Blueprint("own_words", __name__, url_prefix="/take-back")
COOKIE = "own-words"
PATH = "/take-back"


@own_words.after_request
def keep_nothing(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


@own_words.context_processor
def spoken() -> dict[str, object]:
    """Which instructions can be heard."""
    with database().read() as session:
        return {"spoken": about.spoken(session)}


def token() -> str:
    return request.cookies.get(COOKIE, "")


def visitor() -> str | None:
    """Whose visit it is."""
    if not token():
        return None
    with database().read() as session:
        return own_visits.visitor(session, token())


def narrator() -> str:
    """Whose visit it is; without one there is nothing here."""
    return visitor() or abort(404)


def remember(response: Response, value: str) -> None:
    """Let this browser, and these pages of the site alone, hold the visit."""
    response.set_cookie(
        COOKIE,
        value,
        path=PATH,
        httponly=True,
        samesite="Strict",
        secure=backends().settings.https,
        max_age=int(own_visits.LASTS.total_seconds()),
    )


def forget(response: Response) -> None:
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="Strict", secure=backends().settings.https)
    response.headers["Clear-Site-Data"] = '"cache"'
