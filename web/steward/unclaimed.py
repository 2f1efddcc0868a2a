"""Sound that the archive does not know: looked at one by one, then adopted, or set aside and put back."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.access import clock
from archive.access.gate import Unknown
from archive.access.rule import ConsentState
from archive.consent import wording
from archive.preservation import found_sound
from ingest.jobs import claimed_sound
from web.site.beside import run_beside
from web.site.language import _, _l, language, number
from web.site.viewer import backends, database, viewer
from web.steward.blueprint import steward

LONGEST_NAME = 128
WHY_NOT = {
    "taken-back": _l("Its narrator took it back. Only she opens it again."),
    "reading": _l("It is a reading. Hand it in again on the testimony’s page."),
    "known": _l("The archive has this testimony already, with another recording."),
    "no-original": _l("There is no original, only what was made of it."),
    "undescribed": _l("The original is sealed and nothing says which it is. Put the database back instead."),
    "damaged": _l("The sound is not the one that its description names. It may be damaged."),
}


@steward.get("/unclaimed")
def unclaimed() -> str:
    aside, after = request.args.get("aside") == "yes", request.args.get("after", "")[:LONGEST_NAME]
    found = found_sound.some(backends(), viewer(), aside=aside, after=after)
    return render_template(
        "steward/unclaimed.html",
        found=found[: found_sound.PAGE],
        more=len(found) > found_sound.PAGE,
        aside=aside,
        after=after,
        why_not=WHY_NOT,
    )


@steward.post("/unclaimed")
def look_for_unclaimed() -> AnyResponse:
    """Look through the store again, beside the site."""
    run_beside("unclaimed", found_sound.look, "the store could not be looked through for sound that nobody claims")
    flash(_("The store is being looked through. Open this page again in a moment."))
    return redirect(url_for("steward.unclaimed"), 303)


@steward.get("/unclaimed/<recording_id>")
def one_unclaimed(recording_id: str) -> str:
    """All that is known of one, and what adopting or setting it aside would do, to be confirmed."""
    found = found_sound.one(backends(), viewer(), recording_id[:LONGEST_NAME])
    with database().read() as session:
        moment = clock.moment(session)
    allowed = ConsentState("", grants=found.grants, approved=True, heard_through=True)
    return render_template(
        "steward/one_unclaimed.html",
        found=found,
        sentences=wording.at_a_glance(allowed, moment, language()) if found.grants else (),
        why_not=WHY_NOT,
        megabytes=number(max(1, round(found.size / 1_000_000))),
    )


@steward.post("/unclaimed/<recording_id>")
def settle_unclaimed(recording_id: str) -> AnyResponse:
    """Adopt one, set it aside or put it back; the workers do it, since an hour of sound may have to be copied."""
    deed = request.form.get("deed", "")
    said = {
        "adopt": _("It is being taken up. It then stands among the testimonies, closed to all but the band."),
        "set-aside": _("It is being moved to the lost-and-found. Nothing is deleted."),
        "put-back": _("It is being put back among what waits."),
    }
    try:
        found_sound.ask(backends(), viewer(), recording_id[:LONGEST_NAME], deed)
    except Unknown:
        abort(404)
    claimed_sound.enqueue(backends(), recording_id)
    flash(said[deed])
    return redirect(url_for("steward.unclaimed", aside="yes" if deed == "put-back" else None), 303)
