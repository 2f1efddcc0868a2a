"""One's own account: how the site addresses somebody, their password, and the browsers they are signed in with.

Nothing is kept of a browser but when it signed in and when it was used last, so that is all the page can tell of it.
"""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from archive.accounts import accounts, sessions
from archive.models import Account
from web.account.blueprint import account
from web.account.forms import OwnNameForm, OwnPasswordForm
from web.site.language import _, keep_language
from web.site.role_words import role_words
from web.site.security import limiter
from web.site.viewer import COOKIE, database
from web.site.viewer import account as who


@account.get("/account")
def own() -> Response:
    me = who()
    if me is None:
        return redirect(url_for("account.sign_in", next=url_for("account.own")), 303)
    return _page(me)


@account.post("/account/name")
def present() -> Response:
    """Change the name that is shown, and the language."""
    me, form = _me(), OwnNameForm()
    if not form.validate_on_submit():
        return _page(me, name_form=form, status=400)
    with database().write() as session:
        accounts.present(session, session.get_one(Account, me.id), form.display_name.data or "", form.speaks.data)
    flash(_("It is changed."))
    response = redirect(url_for("account.own"), 303)
    keep_language(response, form.speaks.data)
    return response


@account.post("/account/password")
@limiter.limit("10 per minute; 60 per hour")
def change_password() -> Response:
    me, form = _me(), OwnPasswordForm()
    if not form.validate_on_submit():
        return _page(me, password_form=form, status=400)
    try:
        with database().write() as session:
            mine = session.get_one(Account, me.id)
            sessions.change_own_password(session, mine, _token(), form.old_password.data, form.new_password.data)
    except sessions.NotSignedIn as error:
        form.old_password.errors = [_(error)]
        return _page(me, password_form=form, status=403)
    except accounts.NotAnAccount as error:
        form.new_password.errors = [_(error)]
        return _page(me, password_form=form, status=400)
    flash(
        _(
            "Your password is changed. Everywhere else you are signed out.",
        )
    )
    return redirect(url_for("account.own"), 303)


@account.post("/account/sessions")
def end_sessions() -> Response:
    """End one session, or every one but this."""
    me, which = _me(), request.form.get("which", "")
    with database().write() as session:
        if which == "others":
            sessions.end_others(session, me.id, _token())
        else:
            sessions.end(session, me.id, which)
    flash(_("Signed out there."))
    return redirect(url_for("account.own") + "#sessions", 303)


def _me() -> Account:
    """Whoever is signed in; to anybody else there is nothing here."""
    me = who()
    if me is None:
        abort(404)
    return me


def _token() -> str:
    return request.cookies.get(COOKIE, "")


def _page(
    me: Account,
    *,
    name_form: OwnNameForm | None = None,
    password_form: OwnPasswordForm | None = None,
    status: int = 200,
) -> Response:
    with database().read() as session:
        begun = sessions.begun(session, me.id)
        session.expunge_all()
    page = render_template(
        "account/own.html",
        me=me,
        role=role_words(me.role),
        name_form=name_form or OwnNameForm(None, display_name=me.display_name, speaks=me.language),
        password_form=password_form or OwnPasswordForm(None),
        here=sessions.handle(_token()),
        sessions=[(one.token_hash[: sessions.HANDLE], one) for one in begun],
    )
    return make_response(page, status)
