"""Who keeps the archive and how to reach them: for everybody to read, for stewards to write."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.catalogue import about as texts
from archive.models import Account
from media.refused import Refused
from media.sniff import demuxer_of
from web.site.language import _, _l
from web.site.security import csrf
from web.site.uploads import path_of, takes_files
from web.site.viewer import account, database, viewer

about = Blueprint("about", __name__, url_prefix="/about")
TYPES = {"mp3": "audio/mpeg", "mov": "audio/mp4", "ogg": "audio/ogg", "wav": "audio/wav"}
NAMES = {
    "enter": _l("The page where the code is written"),
    "mine": _l("The page of everything she told"),
    "testimony": _l("The page of one testimony"),
    "sure": _l("The page where she confirms"),
}


@about.get("")
def read() -> str:
    with database().read() as session:
        km, en = texts.about(session)
    return render_template("about/read.html", km=km, en=en)


@about.get("/write")
def write() -> str:
    _steward()
    return _page()


def _page(wrong: str = "") -> str:
    with database().read() as session:
        km, en = texts.about(session)
        spoken = texts.spoken(session)
    return render_template(
        "about/write.html", km=km, en=en, spoken=spoken, instructions=texts.INSTRUCTIONS, names=NAMES, wrong=wrong
    )


@about.post("/write")
def keep() -> AnyResponse:
    by_id = _steward().id
    with database().write() as session:
        texts.write_about(session, request.form.get("km", ""), request.form.get("en", ""), by_id)
    flash(_("It is kept."))
    return redirect(url_for("about.read"), 303)


@about.get("/aloud/<name>")
def hear(name: str) -> Response:
    """An instruction as narrators hear it, for a steward's ears."""
    _steward()
    with database().read() as session:
        found = texts.instruction(session, name) or abort(404)
        response = Response(found.sound, mimetype=found.media_type)
    response.headers["Cache-Control"] = "no-store"
    return response


@about.post("/aloud/<name>")
@csrf.exempt  # type: ignore[untyped-decorator]
def keep_sound(name: str) -> AnyResponse:
    """Put a recording in the place of the one before, or take it away. The token is asked for before a file is read."""
    by_id = _steward().id
    if name not in texts.INSTRUCTIONS:
        abort(404)
    request.max_content_length = texts.LARGEST + 64 * 1024
    with takes_files():
        csrf.protect()
        file = request.files.get("sound")
    if request.form.get("deed") == "remove":
        with database().write() as session:
            texts.remove_instruction(session, name, by_id)
        return redirect(url_for("about.write"), 303)
    try:
        kind = demuxer_of(path_of(file.stream)) if file is not None and file.filename else None
    except Refused:
        kind = None
    if file is None or kind not in TYPES:
        return make_response(_page(_not_sound()), 400)
    try:
        with database().write() as session:
            texts.keep_instruction(session, name, path_of(file.stream).read_bytes(), TYPES[kind], by_id)
    except texts.NotAnInstruction:
        return make_response(_page(_not_sound()), 400)
    flash(_("It is kept."))
    return redirect(url_for("about.write"), 303)


def _not_sound() -> str:
    return _("Choose an mp3, m4a, ogg or wav file of up to 2 MB.")


def _steward() -> Account:
    who = account()
    if who is None or viewer().role != "steward":
        abort(404)
    return who
