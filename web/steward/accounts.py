"""The accounts of the archive, for stewards: who is invited, what they do here, and who is shut out.

Each act is a row of the audit log, by whom. A link is shown on the answer to the form that made it and nowhere else.
"""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from archive.accounts import accounts, links
from archive.accounts.accounts import LastSteward, NotAnAccount
from archive.models import Account
from archive.models.account import GROUPS, ROLES
from web.site.language import _
from web.site.role_words import ROLE_WORDS, role_words
from web.site.viewer import current_steward, database
from web.steward.blueprint import steward

LONGEST = 120


@steward.get("/accounts")
def people() -> str:
    return _page()


def _page(wrong: str = "") -> str:
    after = request.args.get("after", "")[:LONGEST]
    with database().read() as session:
        found = accounts.some(session, after)
        pending = links.pending(session, [one.id for one in found])
        session.expunge_all()
    return render_template(
        "steward/accounts.html",
        people=found[: accounts.PAGE],
        more=len(found) > accounts.PAGE,
        pending=pending,
        roles=[(name, role_words(name)) for name in ROLE_WORDS],
        role_words=role_words,
        groups=GROUPS,
        given=request.form,
        chosen_groups=request.form.getlist("groups"),
        wrong=wrong,
    )


@steward.post("/accounts")
def invite() -> Response:
    """Make an account and show the link with which its owner chooses a password."""
    given = {name: request.form.get(name, "") for name in ("name", "display_name", "role", "language")}
    try:
        with database().write() as session:
            token = links.invite(
                session,
                given["name"],
                given["role"],
                request.form.getlist("groups"),
                display_name=given["display_name"],
                language=given["language"],
                by_id=current_steward().id,
            )
            account = accounts.named(session, given["name"])
    except NotAnAccount as error:
        return make_response(_page(_(error)), 400)
    return _link_page(account, token)


@steward.post("/accounts/<account_id>/role")
def change_role(account_id: str) -> Response:
    role, groups = request.form.get("role", ""), request.form.getlist("groups")
    if role not in ROLES or set(groups) - set(GROUPS):
        abort(404)
    try:
        with database().write() as session:
            accounts.change_role(
                session, session.get(Account, account_id) or abort(404), role, groups, current_steward().id
            )
    except LastSteward as error:
        return make_response(_page(_(error)), 409)
    flash(_("Changed. It holds from now on."))
    return redirect(url_for("steward.people"), 303)


@steward.post("/accounts/<account_id>/access")
def set_access(account_id: str) -> Response:
    """Disable an account, or enable it."""
    deeds = {"disable": accounts.disable, "enable": accounts.enable}
    deed = deeds.get(request.form.get("deed", "")) or abort(404)
    try:
        with database().write() as session:
            deed(session, session.get(Account, account_id) or abort(404), current_steward().id)
    except LastSteward as error:
        return make_response(_page(_(error)), 409)
    flash(_("Disabled. They are signed out everywhere.") if deed is accounts.disable else _("Enabled again."))
    return redirect(url_for("steward.people"), 303)


@steward.post("/accounts/<account_id>/reset")
def reset(account_id: str) -> Response:
    """Take a password and show the link with which its owner chooses another."""
    try:
        with database().write() as session:
            account = session.get(Account, account_id) or abort(404)
            token = links.reset(session, account, current_steward().id)
    except LastSteward as error:
        return make_response(_page(_(error)), 409)
    except NotAnAccount:
        abort(404)
    return _link_page(account, token)


def _link_page(account: Account, token: str) -> Response:
    page = render_template(
        "steward/account_link.html",
        person=account,
        link=url_for("account.welcome", key=token, _external=True),
        days=links.HOLDS.days,
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
