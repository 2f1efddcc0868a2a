"""What was destroyed, for a narrator who wants her story back: its sound may come in again, on her word alone."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.access.gate import Unknown
from archive.in_force import CannotBeWritten
from archive.models import Tombstone
from archive.withdrawal import withdraw as withdrawing
from archive.withdrawal import withdrawn_sound
from ingest.intake.submit import digest_and_size
from web.site import recording_words
from web.site.bodies import takes_large
from web.site.language import _
from web.site.security import csrf
from web.site.viewer import backends, current_steward, database, viewer
from web.steward.blueprint import a_form_with_a_file, file_of, steward
from web.steward.consent_form import NotSaid, read
from web.steward.vault import still_closed

MOST_PAGES = 10_000


@steward.get("/destroyed")
def destroyed() -> str:
    return _list()


def _list(wrong: str = "") -> str:
    page = request.args.get("page", 1, type=int)
    page = min(max(page, 1), MOST_PAGES)
    with database().read() as session:
        found = withdrawing.destroyed(session, viewer(), page)
        return render_template(
            "steward/destroyed.html",
            found=found[: withdrawing.PAGE],
            more=len(found) > withdrawing.PAGE,
            page=page,
            wrong=wrong,
        )


@steward.post("/destroyed")
@takes_large
@csrf.exempt  # type: ignore[untyped-decorator]
def find_destroyed() -> AnyResponse:
    """Which of them a recording was: nothing of it is kept, only its hash is looked for."""
    with a_form_with_a_file(backends().settings.max_upload_mb * 1024 * 1024):
        path = file_of("recording")
        digest = digest_and_size(path)[0] if path is not None else ""
    with database().read() as session:
        told = withdrawn_sound.whose(session, digest) if digest else None
        row = session.get(Tombstone, told) if told else None
    if row is None or row.mode != "destroy":
        return make_response(_list(_("No testimony that was destroyed had this sound.")), 404)
    return redirect(url_for("steward.readmitting", testimony_id=row.testimony_id), 303)


@steward.get("/destroyed/<testimony_id>")
def readmitting(testimony_id: str) -> str:
    return _page(testimony_id)


def _page(testimony_id: str, wrong: str = "") -> str:
    with database().read() as session:
        row = session.get(Tombstone, testimony_id)
        if row is None or row.mode != "destroy":
            abort(404)
        return render_template(
            "steward/readmitting.html", found=row, words=recording_words, given=request.form, wrong=wrong
        )


@steward.post("/destroyed/<testimony_id>")
def readmit(testimony_id: str) -> AnyResponse:
    """Write down that she wants it, and stop refusing the sound."""
    try:
        wish = read(request.form, kind="reconfirm")
    except NotSaid as error:
        return make_response(_page(testimony_id, str(error)), 400)
    if request.form.get("read_out") != "yes":
        return make_response(_page(testimony_id, _("Read it out to the narrator first.")), 400)
    try:
        withdrawing.readmit(backends(), testimony_id, wish.given(current_steward().id))
    except Unknown:
        abort(404)
    except CannotBeWritten:
        return make_response(_page(testimony_id, still_closed()), 503)
    flash(_("It is written down. Bring her recording in like any other, with what she allows now."))
    return redirect(url_for("ingest.room"), 303)
