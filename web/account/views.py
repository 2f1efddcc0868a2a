"""Signing in and out.

A refusal says the same thing whatever was wrong. After signing out the browser is told to drop what it has kept of the
site, so that the Back button shows nothing to whoever sits there next.
"""

from __future__ import annotations

from flask import flash, g, jsonify, make_response, redirect, render_template, request, session, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from archive.accounts import sessions
from web.account.blueprint import account
from web.account.forms import SignInForm
from web.site import kept_forms
from web.site.kept_forms import KeptForm
from web.site.language import _
from web.site.local_address import local_address
from web.site.security import limiter
from web.site.viewer import COOKIE, OWN_DEVICE, backends, database
from web.site.viewer import account as who


def _home(address: str | None) -> str:
    """Where to go after signing in: a page of this site, never another's."""
    return local_address(address, url_for("listening.front"))


@account.app_context_processor
def sign_in_form() -> dict[str, object]:
    """The form of signing in, for the pages of other rooms that ask for it."""
    return {"new_sign_in_form": SignInForm}


@account.get("/sign-in")
def sign_in() -> Response:
    if who() is not None:
        return redirect(_home(request.args.get("next")), 303)
    return _page(SignInForm())


@account.post("/sign-in")
@limiter.limit("10 per minute; 60 per hour")
def enter() -> Response:
    form, carried = SignInForm(), request.form.get(kept_forms.FIELD, "")
    if not form.validate_on_submit():
        return _page(form, 400, carried)
    try:
        with database().write() as opened:
            token = sessions.sign_in(opened, form.name.data, form.password.data, shared=not form.mine.data)
    except sessions.NotSignedIn as error:
        flash(_(error), "wrong")
        return _page(form, 401, carried)
    late = kept_forms.kept(carried) if carried else None
    session.clear()  # the form's token belonged to whoever was here before
    g.pop("csrf_token", None)  # and so did the one that this request has shown
    session[OWN_DEVICE] = form.mine.data
    session.permanent = bool(form.mine.data)  # her own device is hers after it was switched off, too
    response = _go_on(token, late) if carried else redirect(_home(request.args.get("next")), 303)
    # The browser knows the token for longer than the session lasts, so that a form sent too late is known as hers.
    known_for = int((sessions.LONGEST + sessions.KNOWN_AFTER).total_seconds())
    response.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="Lax",
        secure=backends().settings.https,
        max_age=known_for if form.mine.data else None,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@account.get("/account/still")
def still() -> Response:
    """Whether somebody is signed in, and a token for what is sent next; for scripts that have much to send."""
    response: Response = jsonify(token=generate_csrf()) if who() is not None else make_response(jsonify(), 401)
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


def _go_on(token: str, late: KeptForm | None) -> Response:
    """What was written before the session ended goes on, for whoever wrote it."""
    with database().read() as opened:
        me = sessions.signed_in(opened, token)
        mine = late is not None and me is not None and me.id == late.account_id
        opened.expunge_all()
    if not mine or late is None:
        flash(_not_sent(), "wrong")
        return redirect(_home(request.args.get("next")), 303)
    g.account = me  # the page is already hers
    return make_response(render_template("account/go_on.html", late=late))


def _not_sent() -> str:
    return _(
        "What was written before was not sent: it belongs to another account, or it has waited for too long.",
    )


def _page(form: SignInForm, status: int = 200, carried: str = "") -> Response:
    return make_response(render_template("account/sign_in.html", form=form, kept=carried), status)
