"""Taking a song along: what there is, having it made, how far that is, and the file.

Looking writes nothing. A file is given out for a form that was sent, since its leaving is written in the release
ledger; sound and video are made first, beside everything else, and the page says how far that is.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, abort, g, jsonify, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from archive.access import gate
from archive.access.consent_states import ConsentStates
from archive.backends import Backends
from archive.models import Account
from archive.ports import BlobMissing
from archive.songs import song_export
from archive.songs.song_export import ExportSheet
from ingest.exports import export_jobs, song_paper
from ingest.exports.song_files import FORMS, Form, file_name, intro_of, programme, written
from web.exports import words
from web.site.security import token_of_an_account
from web.site.viewer import account, backends, database, viewer

ASK_AGAIN = 1024 * 1024  # bytes sent before the gate is asked again
LOOK_AGAIN_SECONDS = 3
LONGEST_TO = 200

exports = Blueprint("exports", __name__)


@exports.app_template_global("ways_to_take")
def ways(slug: str) -> list[words.FormGroup]:
    """For the song's page: what this viewer may take of it."""
    with database().read() as session:
        sheet = song_export.sheet(session, viewer(), slug)
        if sheet is None:
            return []
        states = ConsentStates(session)
        refused = {kind: song_export.refused(session, viewer(), sheet, kind, states) for kind in song_export.KINDS}
    return words.groups(sheet, refused)


@exports.post("/song/<slug>/take")
@token_of_an_account
def take(slug: str) -> AnyResponse:
    """The file, or the page that says how far its making is."""
    form = FORMS.get(request.form.get("form", ""))
    with database().read() as session:
        sheet, why = _asked(session, slug, form)
    if form is None or why:
        abort(404)
    if form.at_once:
        return _words(sheet, form)
    note = export_jobs.ask(backends(), sheet, form)
    if note.state == "ready" and not request.form.get("ahead"):
        if form.kind == "broadcast" and not _to():
            return redirect(url_for("exports.making", slug=slug, name=form.name), 303)
        return _file(sheet, form)
    if request.accept_mimetypes.best == "application/json":
        return _progress(sheet, form)
    return redirect(url_for("exports.making", slug=slug, name=form.name), 303)


@exports.get("/song/<slug>/take/<name>")
def making(slug: str, name: str) -> Response:
    """How far a file is, for a browser without scripts as well: the page comes again by itself until it is there."""
    sheet, form = _allowed(slug, name)
    way = words.way(sheet, form)
    response = Response(render_template("exports/making.html", sheet=sheet, way=way))
    if way.note.state in {"waiting", "working"}:
        response.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return response


@exports.get("/song/<slug>/take/<name>/progress")
def progress(slug: str, name: str) -> Response:
    return _progress(*_allowed(slug, name))


@exports.get("/song/<slug>/cue-sheet")
def cue_sheet(slug: str) -> str:
    """The page that goes to a station with the sound, to be printed."""
    sheet, _ = _allowed(slug, "radio")
    return render_template("exports/cue_sheet.html", sheet=sheet, programme=programme(sheet), intro=intro_of(sheet))


def _asked(session: Session, slug: str, form: Form | None) -> tuple[ExportSheet, str]:
    """The song, and why this form of it may not be had; who may not open the song is told nothing."""
    sheet = song_export.sheet(session, viewer(), slug)
    if sheet is None or form is None or (form.instrumental and sheet.instrumental is None):
        abort(404)
    return sheet, song_export.refused(session, viewer(), sheet, form.kind)


def _allowed(slug: str, name: str) -> tuple[ExportSheet, Form]:
    form = FORMS.get(name)
    with database().read() as session:
        sheet, why = _asked(session, slug, form)
    if form is None or form.at_once or why:
        abort(404)
    return sheet, form


def _progress(sheet: ExportSheet, form: Form) -> Response:
    way = words.way(sheet, form)
    return jsonify(state=way.note.state, done=way.note.done, size=way.size)


def _words(sheet: ExportSheet, form: Form) -> Response:
    _note(sheet, form)
    if form.kind == "paper":
        address = url_for("song.show", slug=sheet.slug, _external=True)
        made: str | bytes = song_paper.sheet_pdf(sheet, address, large=form.name == "sheet-large")
    else:
        made = written(sheet, form)
    return _attached(Response(made, mimetype=form.mime), sheet, form)


def _file(sheet: ExportSheet, form: Form) -> Response:
    key = export_jobs.key_of(sheet, form)
    try:
        size = backends().store.size(key)
        chunks = iter(backends().store.read(key))
    except BlobMissing:
        abort(404)
    _note(sheet, form)
    who = account()
    response = _attached(Response(mimetype=form.mime), sheet, form)
    response.content_length = size
    response.response = _while_allowed(backends(), chunks, who.id if who else None, sheet, form)
    return response


def _attached(response: Response, sheet: ExportSheet, form: Form) -> Response:
    g.no_language = True
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(sheet, form)}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _note(sheet: ExportSheet, form: Form) -> None:
    said = ", ".join(filter(None, (form.name, _to() if form.kind == "broadcast" else "")))
    with database().write() as session:
        song_export.note(session, viewer(), sheet, said, form.kind)


def _to() -> str:
    """Which station gets it, as the member wrote."""
    return " ".join(request.form.get("to", "")[:LONGEST_TO].split())


def _while_allowed(
    opened: Backends, chunks: Iterator[bytes], account_id: str | None, sheet: ExportSheet, form: Form
) -> Iterator[bytes]:
    """The bytes, for as long as the gate would still give this account this very file."""
    sent = 0
    for chunk in chunks:
        if sent >= ASK_AGAIN:
            sent = 0
            if not _still_may(opened, account_id, sheet, form):
                return
        yield chunk
        sent += len(chunk)


def _still_may(opened: Backends, account_id: str | None, sheet: ExportSheet, form: Form) -> bool:
    with opened.database.read() as session:
        who = gate.viewer_of(session, session.get(Account, account_id) if account_id else None)
        now = song_export.sheet(session, who, sheet.slug)
        return (
            now is not None
            and now.fingerprint == sheet.fingerprint
            and not song_export.refused(session, who, now, form.kind)
        )
