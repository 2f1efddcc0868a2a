"""What a researcher asked to be let into: the answers, the terms, what is open, until when."""

from __future__ import annotations

from datetime import datetime

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from archive import time_zone
from archive.accounts import access_requests
from archive.catalogue.cards import cards
from archive.consent import wording
from web.account.blueprint import account
from web.site.language import language
from web.site.list_pages import requested
from web.site.viewer import account as who
from web.site.viewer import database, viewer


@account.get("/account/access")
def access() -> Response | str:
    me = who()
    if me is None:
        return redirect(url_for("account.sign_in", next=url_for("account.access")), 303)
    if viewer().role != "researcher":
        abort(404)
    with database().read() as session:
        page = access_requests.asked_for(session, me, requested())
        open_now = [one.testimony_id for one in page.rows if one.state == "granted" and not one.ended]
        return render_template(
            "account/access.html",
            page=page,
            cards=cards(session, viewer(), {one.testimony_id for one in page.rows}),
            opened={one: wording.opened_by_name(session, one, language()) for one in dict.fromkeys(open_now)},
        )


@account.app_template_global("access_ends_soon")
def ends_soon() -> datetime | None:
    """When the next access of whoever looks ends, where that is soon; None for everybody who is no researcher."""
    me = who()
    if me is None or viewer().role != "researcher":
        return None
    with database().read() as session:
        return access_requests.ends_soon(session, me)


account.add_app_template_filter(time_zone.last_day, "last_day")
