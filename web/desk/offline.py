"""The desk without a connection: the frames that a member's own device keeps, so that a draft opens on the road.

A frame is a page of the desk with nothing in it: no line, no clipping, no comment. The lines are in the browser's own
database, where they are until the member signs out, and what was said is asked of the archive when it can be reached.
"""

from __future__ import annotations

from flask import Response, render_template, url_for

from archive.lyrics import shared_draft
from web.desk.blueprint import desk, song_of
from web.site.files import STATIC
from web.site.viewer import current_account, database


@desk.get("/worker.js")
def worker() -> Response:
    """The service worker; it stands under the desk's own address, since it answers for that and nothing else."""
    response = Response((STATIC / "js" / "desk" / "worker.js").read_bytes(), mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = url_for("desk.room")
    response.headers["Cache-Control"] = "no-cache"
    return response


@desk.get("/away")
def away() -> str:
    """The desk's room without a connection: its script lists the drafts that are on the device."""
    return render_template("desk/away.html")


@desk.get("/song/<slug>/away")
def draft_frame(slug: str) -> str:
    with database().read() as opened:
        song = song_of(opened, slug)
        return render_template(
            "desk/draft.html",
            song=song,
            lines=[],
            held=0,
            moved=0,
            member=current_account(),
            limits=shared_draft,
            away=True,
        )
