"""Signing in and out.

A refusal says the same thing whatever was wrong. After signing out the browser is told to drop what it has kept of the
site, so that the Back button shows nothing to whoever sits there next.
"""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from archive.accounts import sessions
from web.account.blueprint import account
from web.account.forms import SignInForm
from web.site.language import _
from web.site.local_address import local_address
from web.site.security import limiter
from web.site.viewer import COOKIE, OWN_DEVICE, backends, database
from web.site.viewer import account as who


def _home(address: str | None) -> str:
    """Where to go after signing in: a page of this site, never another's."""
    return local_address(address, url_for("listening.front"))


@account.get("/sign-in")
def sign_in() -> Response:
    if who() is not None:
        return redirect(_home(request.args.get("next")), 303)
    return _page(SignInForm())


@account.post("/sign-in")
@limiter.limit("10 per minute; 60 per hour")
def enter() -> Response:
    form = SignInForm()
    if not form.validate_on_submit():
        return _page(form, 400)
    try:
        with database().write() as opened:
            token = sessions.sign_in(opened, form.name.data, form.password.data, shared=not form.mine.data)
    except sessions.NotSignedIn:
        flash(
            _(
                "The name and the password do not belong together. Try again, or ask a steward of the archive.",
            ),
            "wrong",
        )
        return _page(form, 401)
    session.clear()  # the form's token belonged to whoever was here before
    session[OWN_DEVICE] = form.mine.data
    response = redirect(_home(request.args.get("next")), 303)
    response.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="Lax",
        secure=backends().settings.https,
        max_age=int(sessions.LONGEST.total_seconds()) if form.mine.data else None,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@account.post("/sign-out")
def sign_out() -> Response:
    token = request.cookies.get(COOKIE)
    if token:
        with database().write() as opened:
            sessions.sign_out(opened, token)
    session.clear()
    response = redirect(url_for("listening.front"), 303)
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=backends().settings.https)
    response.headers["Clear-Site-Data"] = '"cache"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(form: SignInForm, status: int = 200) -> Response:
    return make_response(render_template("account/sign_in.html", form=form), status)
