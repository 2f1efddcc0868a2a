"""The listening page: what somebody who comes for the first time sees and hears."""

from __future__ import annotations

from flask import Blueprint, render_template

from archive.pages.front_page import front_page
from web.site.viewer import database, viewer

listening = Blueprint("listening", __name__)


@listening.get("/")
def front() -> str:
    with database().read() as session:
        page = front_page(session, viewer())
        return render_template("listening/front.html", page=page)
