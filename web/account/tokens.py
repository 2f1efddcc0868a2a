"""One's own tokens for programs: made, shown once, and ended."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from archive.accounts import api_tokens
from archive.accounts.api_tokens import DAYS, LONGEST_NAME, NotAToken
from archive.models import Account, now
from web.account.blueprint import account
from web.site.language import _
from web.site.security import limiter
from web.site.viewer import account as who
from web.site.viewer import current_account, database


@account.get("/account/tokens")
def tokens() -> Response:
    me = who()
    if me is None:
        return redirect(url_for("account.sign_in", next=url_for("account.tokens")), 303)
    return _page(me)


def _page(me: Account, wrong: str = "", name: str = "", status: int = 200) -> Response:
    with database().read() as session:
        page = render_template(
            "account/tokens.html",
            tokens=api_tokens.tokens_of(session, me.id),
            now=now(),
            lengths=DAYS,
            longest=LONGEST_NAME,
            wrong=wrong,
            written=name,
        )
    return make_response(page, status)


@account.post("/account/tokens")
@limiter.limit("20 per hour")
def make_token() -> Response:
    """Make a token, and show it this once."""
    me, name, days = current_account(), request.form.get("name", "")[: 2 * LONGEST_NAME], request.form.get("days", "")
    try:
        with database().write() as session:
            many = int(days) if days.isascii() and days.isdecimal() and len(days) < 4 else 0
            token = api_tokens.make(session, session.get_one(Account, me.id), name, many)
    except NotAToken as error:
        return _page(me, _(error), name, 400)
    response = make_response(render_template("account/token.html", token=token))
    response.headers["Cache-Control"] = "no-store"
    return response


@account.post("/account/tokens/<token_id>/end")
def end_token(token_id: str) -> Response:
    me = current_account()
    with database().write() as session:
        name = api_tokens.end(session, session.get_one(Account, me.id), token_id)
    flash(_("The token “{name}” opens nothing any more.", name=name))
    return redirect(url_for("account.tokens"), 303)
