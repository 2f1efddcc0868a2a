"""Following a link: somebody who was invited, or lost a password, chooses one.

The token stands in the query and not in the path, which an error would write into the log, and comes back in the
form's body. Looking spends nothing, so that a messenger that looks at links in advance does not use them up.
"""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from archive.accounts import accounts, links
from web.account.blueprint import account
from web.account.forms import WelcomeForm
from web.site.language import _, keep_language
from web.site.security import limiter
from web.site.viewer import database

LIMIT = "20 per minute; 200 per hour"


@account.get("/welcome")
@limiter.limit(LIMIT)
def welcome() -> Response:
    return _page(request.args.get("key", ""))


@account.post("/welcome")
@limiter.limit(LIMIT)
def begin() -> Response:
    form = WelcomeForm()
    key = form.key.data or ""
    if not form.validate_on_submit():
        return _page(key, form, 400)
    try:
        with database().write() as session:
            links.use(session, key, form.new_password.data, form.display_name.data, form.speaks.data)
    except links.LinkVoid:
        return _page(key)
    except accounts.NotAnAccount as error:
        form.new_password.errors = [_(error)]
        return _page(key, form, 400)
    flash(_("Done. Now sign in with your new password."))
    response = redirect(url_for("account.sign_in"), 303)
    keep_language(response, form.speaks.data)
    return response


def _page(key: str, form: WelcomeForm | None = None, status: int = 200) -> Response:
    """The form for whoever has a link that holds; to anybody else the same page, whatever is wrong with theirs."""
    with database().read() as session:
        try:
            whose = links.owner(session, key)
        except links.LinkVoid:
            whose, status = None, 404
        session.expunge_all()
    if whose is not None and form is None:
        form = WelcomeForm(None, display_name=whose.display_name, speaks=whose.language, key=key)
    response = make_response(render_template("account/welcome.html", whose=whose, form=form), status)
    response.headers["Cache-Control"] = "no-store"
    return response
