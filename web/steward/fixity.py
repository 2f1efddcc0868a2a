"""The originals: when they were last read through, and which are not what came in."""

from __future__ import annotations

from flask import render_template

from archive.catalogue.cards import cards
from archive.checks import fixity
from web.site.list_pages import requested
from web.site.viewer import database, viewer
from web.steward.blueprint import steward


@steward.get("/originals")
def originals() -> str:
    with database().read() as session:
        page = fixity.wrong_originals(session, requested())
        return render_template(
            "steward/originals.html",
            report=fixity.report(session),
            page=page,
            cards=cards(session, viewer(), {one.testimony_id for one in page.rows if one.testimony_id}),
            days=fixity.DAYS,
        )
