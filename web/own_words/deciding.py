"""Narrowing and taking back: what would be is shown first, in plain words, and done when it is confirmed once."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from archive.catalogue.cards import card
from archive.consent import decisions, holds, releases, wording
from archive.consent.decisions import PRESETS
from archive.withdrawal import own_visits
from archive.withdrawal.own_visits import AS_KEPT, DEEDS, NARROWER, TAKING_BACK
from archive.withdrawal.withdraw import NothingDone
from web.own_words.blueprint import narrator, own_words
from web.own_words.views import told_page
from web.site.language import _, language
from web.site.purging import purge_beside
from web.site.viewer import backends, database


@own_words.get("/mine/<testimony_id>/sure")
def sure(testimony_id: str) -> Response:
    """What a decision would do, to be confirmed."""
    whose, deed = narrator(), request.args.get("deed", "")
    if deed not in DEEDS:
        return make_response(told_page(testimony_id, _choose()), 400)
    with database().read() as session:
        own_visits.require_hers(session, whose, testimony_id)
        seen = card(session, AS_KEPT, testimony_id)
        changes = (
            wording.preview(session, testimony_id, "narrow", PRESETS[deed], language()) if deed in NARROWER else None
        )
        if changes is not None and not changes.changes:
            return make_response(told_page(testimony_id, _already()), 400)
        page = render_template(
            "own_words/sure.html",
            card=seen,
            deed=deed,
            preview=changes,
            songs=changes.songs if changes else holds.songs_from(session, testimony_id),
            left=releases.releases_of(session, testimony_id),
        )
    return make_response(page)


@own_words.post("/mine/<testimony_id>")
def decide(testimony_id: str) -> Response:
    whose, deed = narrator(), request.form.get("deed", "")
    if deed not in DEEDS or request.form.get("sure") != "yes":
        return make_response(told_page(testimony_id, _choose()), 400)
    if deed in TAKING_BACK:
        try:
            report = own_visits.take_back(backends(), whose, testimony_id, deed)
        except NothingDone:
            return make_response(told_page(testimony_id, _not_done()), 503)
        purge_beside()
        return make_response(render_template("own_words/taken_back.html", report=report))
    try:
        with database().write() as session:
            own_visits.narrow(session, whose, testimony_id, deed)
    except (decisions.Withdrawn, decisions.Destroyed):
        abort(404)
    flash(_("It is written down, and holds from now on."))
    return redirect(url_for("own_words.testimony", testimony_id=testimony_id), 303)


def _choose() -> str:
    return _("Choose one of these.")


def _already() -> str:
    return _("It is closed that far already. Nothing would change.")


def _not_done() -> str:
    return _(
        "It could not be done, and nothing has changed. Try again in a while, or tell a steward.",
    )
