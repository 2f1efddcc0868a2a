"""Somebody of the band says that they have listened to a recording until its end, or takes that back."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.access import gate
from archive.consent import heard_through
from archive.consent.heard_through import NothingToHear
from web.review.blueprint import review, told
from web.site.language import _, ngettext
from web.site.viewer import current_account, database, viewer


@review.post("/<testimony_id>/heard")
def heard(testimony_id: str) -> AnyResponse:
    """Let the voice out as its narrator allowed, or keep it in the band again."""
    deed = request.form.get("deed", "")
    if deed not in {"heard", "undo"}:
        abort(404)
    with database().write() as session:
        told(session, testimony_id)
        if deed == "undo":
            left = heard_through.take_back(session, testimony_id, current_account().id)
            flash(_closed(left))
        elif gate.sound_for(session, viewer(), testimony_id) != "whole":
            abort(404)  # who may not hear all of it cannot have listened to it
        else:
            try:
                heard_through.hear(session, testimony_id, current_account().id)
            except NothingToHear as error:
                flash(_(error), "wrong")
            else:
                flash(opened())
    if request.form.get("back") == "consent" and viewer().role == "steward":
        return redirect(url_for("steward.testimony", testimony_id=testimony_id) + "#heard", 303)
    return redirect(url_for("review.history", testimony_id=testimony_id) + "#heard", 303)


def opened() -> str:
    return _(
        "It is written down that you listened to the end. Others may now hear it, as far as its narrator allows.",
    )


def _closed(left: int) -> str:
    closed = _("The sound is closed again to everybody outside the band.")
    if not left:
        return closed
    gone = ngettext(
        "What left in between ({n} time) cannot be called back.",
        "What left in between ({n} times) cannot be called back.",
        left,
    )
    return f"{closed} {gone}"
