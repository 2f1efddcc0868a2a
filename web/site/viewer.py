"""Who is looking: the request's account, the viewer the gate is asked about, and the archive it looks into."""

from __future__ import annotations

from typing import cast

from flask import Flask, abort, current_app, g, request
from flask import session as form_cookie

from archive.access import gate
from archive.accounts import sessions
from archive.backends import Backends
from archive.db import Database
from archive.models import Account

COOKIE = "messenger"
EXTENSION = "messenger_backends"
OWN_DEVICE = "own_device"  # in the form cookie: nobody else uses this browser, by the word of whoever signed in


def backends() -> Backends:
    return cast(Backends, current_app.extensions[EXTENSION])


def database() -> Database:
    return backends().database


def viewer() -> gate.Viewer:
    """The viewer to ask the gate about; the public unless somebody has signed in."""
    return cast(gate.Viewer, g.get("viewer", gate.PUBLIC))


def account() -> Account | None:
    """Who has signed in, detached from the database: its columns can be read, nothing else."""
    return cast("Account | None", g.get("account"))


def current_account() -> Account:
    """Who has signed in, on a page that is for somebody; 404 for nobody."""
    return account() or abort(404)


def current_steward() -> Account:
    """Who has signed in, where that is a steward; 404 for anybody else."""
    return current_account() if viewer().role == "steward" else abort(404)


def whose() -> str | None:
    """The id of whoever has signed in, empty for nobody; None where it was not asked, as on the page of a trouble."""
    if "account" not in g:
        return None
    who = account()
    return who.id if who else ""


def on_own_device() -> bool:
    """Whether whoever signed in said that this device is theirs alone, so that it may keep things for them."""
    return account() is not None and bool(form_cookie.get(OWN_DEVICE))


def load() -> None:
    """See who is looking, by the cookie that came."""
    g.account, g.viewer = None, gate.PUBLIC
    token = request.cookies.get(COOKIE)
    if not token:
        return
    with database().read() as session:
        g.account = sessions.signed_in(session, token)
        g.viewer = gate.viewer_of(session, g.account)
        touch = g.account is not None and sessions.needs_touch(session, token)
        session.expunge_all()
    if touch:
        with database().write() as session:
            sessions.touch(session, token)


def init_app(app: Flask, opened: Backends) -> None:
    app.extensions[EXTENSION] = opened
    app.before_request(load)
    app.context_processor(
        lambda: {"account": account(), "viewer": viewer(), "whose": whose(), "own_device": on_own_device()}
    )
