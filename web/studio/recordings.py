"""A song's recordings: handed in beside the voice, listened to together, taken up, renamed and taken away."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from archive.access.gate import Unknown
from archive.catalogue import incoming
from archive.models import Recording, Song, new_id
from archive.songs import arrangements, timing_edits
from archive.songs.timing_edits import UNREADABLE, Edit, EditInvalid
from ingest.intake.submit import submit
from media.refused import Refused
from web.site import recording_words as arriving
from web.site.bodies import takes_large
from web.site.language import _
from web.site.security import csrf, limiter
from web.site.uploads import path_of, takes_files
from web.site.viewer import backends, current_account, database, viewer
from web.studio import words
from web.studio.blueprint import as_json, studio


def back(slug: str) -> AnyResponse:
    return redirect(url_for("studio.song", slug=slug) + "#recordings", 303)


@studio.post("/<slug>/recordings")
@takes_large
@csrf.exempt  # type: ignore[untyped-decorator]
@limiter.limit("240 per hour")
def hand_in(slug: str) -> AnyResponse:
    """Take one recording of the song in; like every other it waits in quarantine until it has been looked at."""
    with database().read() as session:
        arrangements.song_for(session, viewer(), slug)
    request.max_content_length = backends().settings.max_upload_mb * 1024 * 1024
    with takes_files():
        csrf.protect()
        kind = request.form.get("kind", "")
        file = request.files.get("file")
    plain = request.accept_mimetypes.best_match(["text/html", "application/json"]) != "application/json"
    said, fine = _("Choose a recording."), False
    if file is not None and file.filename:
        try:
            receipt = submit(
                backends(), path_of(file.stream), None, original_name=file.filename, account_id=current_account().id
            )
            _offer(slug, receipt.recording_id, kind)
            said, fine = _("It has come in, and is being listened through."), True
        except (Refused, EditInvalid) as error:
            said = _(error)
    if not plain:
        return as_json({"fine": fine, "words": said}, 200 if fine else 409)
    flash(said, "message" if fine else "wrong")
    return back(slug)


def _offer(slug: str, recording_id: str, kind: str) -> None:
    with database().write() as session:
        song = arrangements.song_for(session, viewer(), slug)
        if session.get(Recording, recording_id) is None:
            raise Unknown("There is no such thing here.")
        arrangements.offer(session, song, recording_id, kind, current_account().id)
    backends().queue.enqueue(recording_id)


@studio.get("/<slug>/recordings")
def coming(slug: str) -> Response:
    """How far the offered recordings are, as the part of the page that shows them."""
    with database().read() as session:
        song = arrangements.song_for(session, viewer(), slug)
        offers = arrangements.offers(session, song.id)
        refused = incoming.turned_away(session, viewer())
        lead = arrangements.lead(session, song.id)
        shown = render_template(
            "studio/offers.html", song=song, offers=offers, refused=refused, lead=lead, words=words, arriving=arriving
        )
    return as_json({"page": shown, "busy": any(one.offered.step == "coming" for one in offers)})


@studio.post("/<slug>/recordings/<recording_id>/take-up")
def take_up(slug: str, recording_id: str) -> AnyResponse:
    """Sing to it from now on."""
    return _do(
        slug,
        lambda session, song: arrangements.take_up(
            session, song, recording_id, request.form.get("kind", ""), current_account().id
        ),
        _("It is the song's from now on."),
    )


@studio.post("/<slug>/recordings/<recording_id>/leave")
def leave(slug: str, recording_id: str) -> AnyResponse:
    """Offer it no longer; the sound stays in the archive, and handing it in once more brings it back."""

    def forget(session: Session, song: Song) -> None:
        session.delete(arrangements.offered(session, song, recording_id))

    said = _(
        "It is left aside. Hand the same file in again to bring it back.",
    )
    return _do(slug, forget, said)


@studio.post("/<slug>/arrangements/<arrangement_id>")
def change(slug: str, arrangement_id: str) -> AnyResponse:
    """Call a recording by another kind, or move it against the first."""

    def rename(session: Session, song: Song) -> None:
        known = arrangements.arrangement(session, song, arrangement_id)
        given = request.form.get("offset", "").strip()
        if given and not given.lstrip("-").isdecimal():
            raise EditInvalid(UNREADABLE)
        offset = int(given) if given else known.offset_ms
        arrangements.change(
            session, song, known, current_account().id, kind=request.form.get("kind", known.kind), offset_ms=offset
        )

    return _do(slug, rename, _("Saved."))


@studio.post("/<slug>/arrangements/<arrangement_id>/remove")
def remove(slug: str, arrangement_id: str) -> AnyResponse:
    """Take a recording and its times from the song, with a way back on the next page."""
    edit_id = ""

    def away(session: Session, song: Song) -> None:
        nonlocal edit_id
        edit_id = arrangements.take_away(
            session, song, arrangements.arrangement(session, song, arrangement_id), current_account().id
        )

    _do(slug, away, _("The recording is taken away."))
    return redirect(url_for("studio.song", slug=slug, undo=edit_id) + "#recordings", 303)


@studio.post("/<slug>/undo/<edit_id>")
def undo(slug: str, edit_id: str) -> AnyResponse:
    """Bring back what stood before an edit."""
    return _do(
        slug,
        lambda session, song: timing_edits.apply(
            session, song, "", current_account().id, Edit(new_id(), "undo", (), edit_id)
        ),
        _("It is back."),
    )


def _do(slug: str, work: Callable[[Session, Song], object], said: str) -> AnyResponse:
    """Do something to the song in one transaction, say how it went, and go back to its page."""
    try:
        with database().write() as session:
            work(session, arrangements.song_for(session, viewer(), slug))
    except EditInvalid as error:
        flash(_(error), "wrong")
    else:
        flash(said)
    return back(slug)
