"""A testimony's page, its picture of sound, and what the band and researchers may do there.

What a viewer may not know of is answered as what does not exist, the same page to the byte, whatever is asked of it.
"""

from __future__ import annotations

from datetime import date

from flask import Response, abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from archive.access import gate
from archive.access.gate import Unknown
from archive.accounts import access_requests
from archive.accounts.access_requests import AlreadyOver, CannotAsk
from archive.catalogue import parts, tagging
from archive.consent import wording
from archive.language.numerals import western
from archive.models import Term
from archive.pages.testimony_page import peaks_key, testimony_page_of
from archive.ports import BlobMissing
from archive.retrieval import indexing
from web.site.language import _, language
from web.site.security import limiter
from web.site.viewer import account, backends, database, viewer
from web.testimony import citing
from web.testimony.blueprint import testimony

LONGEST_PURPOSE = 2000


@testimony.get("/testimony/<testimony_id>")
def show(testimony_id: str) -> str:
    start, end = citing.moment_asked()
    with database().read() as session:
        page = testimony_page_of(session, viewer(), testimony_id, language(), citing.version_asked())
        who = account()
        mine = access_requests.asked_by(session, who) if who and viewer().role == "researcher" else []
        request_of_mine = access_requests.last_of(mine, testimony_id)
        let_in = request_of_mine is not None and request_of_mine.state == "granted" and not request_of_mine.ended
        return render_template(
            "testimony/show.html",
            page=page,
            card=page.card,
            asked=request_of_mine,
            may_ask=access_requests.may_ask_again(request_of_mine),
            opened=wording.opened_by_name(session, testimony_id, language()) if let_in else (),
            start=start,
            end=end,
            cite=citing.citation(page, language()),
            dates=citing.meta_date(page),
            told_parts=parts.parts_of(session, viewer(), testimony_id),
        )


@testimony.get("/testimony/<testimony_id>/peaks")
def peaks(testimony_id: str) -> Response:
    """How loud the sound is that this viewer may hear, twenty times a second."""
    with database().read() as session:
        key = peaks_key(session, viewer(), testimony_id)
    if key is None:
        abort(404)
    try:
        return Response(backends().store.get_bytes(key), mimetype="application/json")
    except BlobMissing:
        abort(404)


@testimony.post("/testimony/<testimony_id>/ask")
@limiter.limit("20 per hour")
def ask(testimony_id: str) -> AnyResponse:
    """A researcher asks to be let in by name."""
    who = account()
    if who is None or viewer().role != "researcher":
        abort(404)
    purpose = request.form.get("purpose", "")[:LONGEST_PURPOSE]
    try:
        with database().write() as session:
            until, project = _day(request.form.get("until", "")), request.form.get("project", "")
            access_requests.ask(session, who, testimony_id, purpose, project=project, until=until)
    except (CannotAsk, AlreadyOver) as error:
        flash(_(error), "wrong")
    else:
        flash(_("Your request has gone to a steward."))
    return redirect(url_for("testimony.show", testimony_id=testimony_id) + "#ask", 303)


def _day(text: str) -> date | None:
    """The day that was typed; None for none, and for what is none."""
    try:
        return date.fromisoformat(western(text[:20].strip()))
    except ValueError:
        return None


@testimony.post("/testimony/<testimony_id>/theme")
def decide_theme(testimony_id: str) -> AnyResponse:
    """The band says whether a suggested theme is right; the answer can be turned round at once."""
    who = account()
    term_id, answer = request.form.get("term", ""), request.form.get("answer", "")
    if who is None or not viewer().inside or answer not in {"yes", "no"}:
        abort(404)
    with database().write() as session:
        gate.require(session, viewer(), testimony_id, "existence")
        if not tagging.offered(session, testimony_id, term_id):
            raise Unknown("There is no such theme.")
        tagging.decide(session, testimony_id, term_id, who.id, confirm=answer == "yes")
        name = session.get_one(Term, term_id).label(language())
    indexing.index_testimony(database(), backends().index, testimony_id)
    said = _("“{name}” is on it now.", name=name)
    if answer == "no":
        said = _("“{name}” was taken off.", name=name)
    flash(_with_undo(said, testimony_id, term_id, "no" if answer == "yes" else "yes"))
    return redirect(url_for("testimony.show", testimony_id=testimony_id) + "#themes", 303)


def _with_undo(said: str, testimony_id: str, term_id: str, back: str) -> Markup:
    return Markup(  # noqa: S704 - the template has escaped what it was given
        render_template("testimony/undo.html", said=said, testimony_id=testimony_id, term_id=term_id, back=back)
    )
