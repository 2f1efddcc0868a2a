"""Who comes into a room of the site: one guard for every blueprint that is not everybody's.

Whoever is not signed in is asked to sign in where the room begins, and told nothing anywhere else; to anybody whom the
room is not for there is nothing here.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from web.site.viewer import account, viewer


def is_inside() -> bool:
    """Of the band, or a steward."""
    return viewer().inside


def is_steward() -> bool:
    return viewer().role == "steward"


def admit(
    blueprint: Blueprint,
    entrance: str,
    allowed: Callable[[], bool] = is_inside,
    signed_out: Callable[[], Response | None] = lambda: None,
) -> None:
    """Let only those into a blueprint's pages whom the room is for.

    Args:
        entrance: the name of the view where the room begins.
        signed_out: what a request of somebody who is not signed in is answered instead, where it has an answer.
    """
    endpoint = f"{blueprint.name}.{entrance}"

    @blueprint.before_request
    def guard() -> Response | None:
        if allowed():
            return None
        if account() is None:
            if request.method == "GET" and request.endpoint == endpoint:
                return redirect(url_for("account.sign_in", next=url_for(endpoint)), 303)
            if (answer := signed_out()) is not None:
                return answer
        return abort(404)
