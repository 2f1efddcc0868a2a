"""A member’s reading that stands in for a narrator's voice: what is read, the file that comes in, and who listened."""

from __future__ import annotations

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.access import sound
from archive.accounts import accounts
from archive.consent import revoicing
from archive.pages import steward_desk
from archive.transcripts import readable_text
from ingest.intake.revoicing import submit_reading, take_out
from media.refused import Refused
from web.site.bodies import takes_large
from web.site.language import _, language
from web.site.security import csrf
from web.site.viewer import backends, current_steward, database, viewer
from web.steward.blueprint import a_form_with_a_file, dossier_page, file_of, steward
from web.steward.views import played


@steward.get("/testimony/<testimony_id>/reading")
def reading(testimony_id: str) -> str:
    """The approved words without anything marked, large, to be read aloud."""
    with database().read() as session:
        found = steward_desk.dossier(session, viewer(), testimony_id, language())
        text = readable_text.text_to_read(session, testimony_id)
        return render_template(
            "steward/reading.html",
            card=found.card,
            version=text[0] if text else None,
            passages=text[1] if text else (),
            cut=any(readable_text.TAKEN_OUT in passage for passage in (text[1] if text else ())),
            taken_out=readable_text.TAKEN_OUT,
            unheard=found.unheard,
        )


@steward.post("/testimony/<testimony_id>/reading")
@takes_large
@csrf.exempt  # type: ignore[untyped-decorator]
def voice(testimony_id: str) -> AnyResponse:
    """Take a reading in, in the place of an earlier one."""
    with a_form_with_a_file(backends().settings.max_upload_mb * 1024 * 1024):
        path, reader = file_of("reading"), request.form.get("reader", "")
        with database().read() as session:
            steward_desk.dossier(session, viewer(), testimony_id, language())
            known = {one for one, _ in accounts.members(session)}
        if path is None or reader not in known or request.form.get("agreed") != "yes":
            wrong = _(
                "Choose the recording and who reads, and ask whether they agree to be heard.",
            )
            return make_response(dossier_page(testimony_id, wrong), 400)
        try:
            submit_reading(backends(), testimony_id, path, reader, current_steward().id)
        except Refused as error:
            return make_response(dossier_page(testimony_id, _(error)), 400)
    flash(_("It has come in. Listen to it when it is ready."))
    return redirect(url_for("steward.testimony", testimony_id=testimony_id) + "#voice", 303)


@steward.get("/testimony/<testimony_id>/voice")
def voiced(testimony_id: str) -> Response:
    """The reading, for whoever has to judge it."""
    with database().read() as session:
        steward_desk.dossier(session, viewer(), testimony_id, language())
        found = revoicing.reading_of(session, testimony_id)
        key = sound.whole_keys(found.recording_id).listening if found and found.recording.listening_key else None
    if key is None:
        abort(404)
    return played(key)


@steward.post("/testimony/<testimony_id>/voice")
def judge(testimony_id: str) -> AnyResponse:
    """A steward has listened to the reading, or takes it out."""
    deed = request.form.get("deed", "")
    if deed not in {"heard", "remove"}:
        abort(404)
    with database().read() as session:
        steward_desk.dossier(session, viewer(), testimony_id, language())
    if deed == "remove":
        if not take_out(backends(), testimony_id, current_steward().id):
            abort(404)
        flash(_("The reading is taken out."))
    else:
        try:
            with database().write() as session:
                revoicing.hear(session, testimony_id, current_steward().id)
        except revoicing.ReadingNotReady as error:
            return make_response(dossier_page(testimony_id, _(error)), 409)
        flash(_("It is written down that you have listened."))
    return redirect(url_for("steward.testimony", testimony_id=testimony_id) + "#voice", 303)
