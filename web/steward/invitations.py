"""Inviting others to record for the band: a link and its picture, shown once, and taken back with one press."""

from __future__ import annotations

import segno
from flask import flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from archive.accounts import invitations
from archive.accounts.invitations import MOST_DAYS, NotAnInvitation
from archive.models.account import GROUPS
from web.site.language import _
from web.site.viewer import current_steward, database
from web.steward.blueprint import steward


@steward.get("/invitations")
def invitation_room() -> str:
    return _page()


def _page(wrong: str = "") -> str:
    with database().read() as session:
        return render_template(
            "steward/invitations.html",
            holding=invitations.holding(session),
            groups=GROUPS,
            most_days=MOST_DAYS,
            wrong=wrong,
        )


@steward.post("/invitations")
def invite_to_record() -> Response:
    """Make an invitation, and show its link this once."""
    days = request.form.get("days", "")
    try:
        with database().write() as session:
            token = invitations.invite(
                session,
                request.form.get("label", ""),
                int(days) if days.isdecimal() and len(days) < 4 else 0,
                request.form.get("group", ""),
                current_steward().id,
            )
    except NotAnInvitation as error:
        return make_response(_page(_(error)), 400)
    link = f"{url_for('invited.room', _external=True)}#{token}"
    drawn = segno.make(link, micro=False, error="m")
    picture = Markup(drawn.svg_inline(scale=5, border=3, light="#ffffff", omitsize=True))  # noqa: S704 - drawn here
    response = make_response(
        render_template("steward/invitation_link.html", link=link, picture=picture, days=int(days))
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@steward.post("/invitations/<invitation_id>/take-back")
def take_back_invitation(invitation_id: str) -> Response:
    with database().write() as session:
        invitations.take_back(session, invitation_id, current_steward().id)
    flash(_("It is taken back: nothing more comes with it. What has come stays."))
    return redirect(url_for("steward.invitation_room"), 303)
