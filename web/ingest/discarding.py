"""Discarding what was taken in by mistake, and clearing what was refused from one's list."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from archive.catalogue import incoming
from archive.withdrawal import mistakes
from archive.withdrawal.mistakes import CannotDiscard
from web.ingest.blueprint import ingest
from web.site.language import _, _l
from web.site.purging import purge_beside
from web.site.viewer import account, backends, database, viewer

REASONS = {
    "test": _l("It was only a test"),
    "wrong-file": _l("It is the wrong file"),
    "twice": _l("The same was taken in twice"),
}
AGAINST = {
    "sung": _l("Lines of songs were drawn from it. Take them out of the songs first."),
    "hers": _l("Its narrator has decided something about it by her own code. Only she takes it back."),
    "late": _l("You brought it more than a day ago. A steward can still discard it."),
    "decided": _l("Something was decided about it since it came in. A steward can still discard it."),
}


@ingest.get("/<recording_id>/discard")
def discarding(recording_id: str) -> Response:
    """What would go, and the question whether one is sure."""
    return _page(recording_id)


def _page(recording_id: str, status: int = 200, wrong: str = "") -> Response:
    with database().read() as session:
        found = mistakes.mistake(session, viewer(), recording_id)
    against = str(AGAINST[found.against]) if found.against else ""
    page = render_template("ingest/discard.html", found=found, against=against, reasons=REASONS, wrong=wrong)
    return make_response(page, status)


@ingest.post("/<recording_id>/discard")
def discard(recording_id: str) -> Response:
    reason = request.form.get("reason", "")
    if reason not in mistakes.REASONS:
        return _page(recording_id, 400, _("Say what it was."))
    try:
        mistakes.discard(backends(), viewer(), recording_id, reason)
    except CannotDiscard:
        return _page(recording_id, 409)
    purge_beside()
    flash(_("It is discarded. Nothing of it is kept."))
    return redirect(url_for("ingest.room"), 303)


@ingest.post("/refused/<refused_id>/clear")
def clear_refused(refused_id: str) -> Response:
    """Take a refused file off the list."""
    if account() is None:
        abort(404)
    with database().write() as session:
        incoming.clear_refused(session, viewer(), refused_id)
    return redirect(url_for("ingest.room") + "#way-heading", 303)
