"""Who keeps the archive and how to reach them: for everybody to read, for stewards to write."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.catalogue import about as texts
from media.refused import Refused
from media.sniff import demuxer_of
from web.site.language import _, _l
from web.site.recorder_buttons import BUTTONS
from web.site.security import csrf
from web.site.uploads import path_of, takes_files
from web.site.viewer import current_steward, database

about = Blueprint("about", __name__, url_prefix="/about")
TYPES = {"mp3": "audio/mpeg", "mov": "audio/mp4", "ogg": "audio/ogg", "wav": "audio/wav"}
NAMES = {
    "enter": _l("The page where the code is written"),
    "mine": _l("The page of everything she told"),
    "testimony": _l("The page of one testimony"),
    "sure": _l("The page where she confirms"),
    "record-who": _l("Before recording: who we are, and what may become of it"),
    "record-hear": _l("The question who may hear it, with its answers"),
    "record-radio": _l("The question about radio and television"),
    "record-name": _l("The question about her name"),
    "record-telling": _l("While she speaks: what each button does"),
    "record-out": _l("At the end: is there anything to leave out?"),
    "record-about": _l("Last: her community and the name she chose"),
    **BUTTONS,
}
SPOKEN = (
    (_l("Instructions read aloud, for narrators"), texts.INSTRUCTIONS),
    (_l("The recorder’s questions, read aloud"), texts.RECORDER),
    (_l("The recorder’s buttons and answers, read aloud"), texts.RECORDER_BUTTONS),
)


@about.get("")
def read() -> str:
    with database().read() as session:
        km, en = texts.about(session)
    return render_template("about/read.html", km=km, en=en)


@about.get("/write")
def write() -> str:
    current_steward()
    return _page()


def _page(wrong: str = "") -> str:
    with database().read() as session:
        km, en = texts.about(session)
        spoken = texts.spoken(session)
    return render_template("about/write.html", km=km, en=en, spoken=spoken, groups=SPOKEN, names=NAMES, wrong=wrong)


@about.post("/write")
def keep() -> AnyResponse:
    by_id = current_steward().id
    with database().write() as session:
        texts.write_about(session, request.form.get("km", ""), request.form.get("en", ""), by_id)
    flash(_("It is kept."))
    return redirect(url_for("about.read"), 303)


@about.get("/aloud/<name>")
def hear(name: str) -> Response:
    """An instruction as narrators hear it, for a steward's ears."""
    current_steward()
    with database().read() as session:
        found = texts.instruction(session, name) or abort(404)
        response = Response(found.sound, mimetype=found.media_type)
    response.headers["Cache-Control"] = "no-store"
    return response


@about.post("/aloud/<name>")
@csrf.exempt  # type: ignore[untyped-decorator]
def keep_sound(name: str) -> AnyResponse:
    """Put a recording in the place of the one before, or take it away. The token is asked for before a file is read."""
    by_id = current_steward().id
    if name not in NAMES:
        abort(404)
    request.max_content_length = texts.LARGEST + 64 * 1024
    with takes_files():
        csrf.protect()
        file = request.files.get("sound")
    if request.form.get("deed") == "remove":
        with database().write() as session:
            texts.remove_instruction(session, name, by_id)
        return redirect(url_for("about.write") + f"#of-{name}", 303)
    try:
        kind = demuxer_of(path_of(file.stream)) if file is not None and file.filename else None
    except Refused:
        kind = None
    if file is None or kind not in TYPES:
        return make_response(_page(_(texts.NO_SOUND)), 400)
    try:
        with database().write() as session:
            texts.keep_instruction(session, name, path_of(file.stream).read_bytes(), TYPES[kind], by_id)
    except texts.NotAnInstruction:
        return make_response(_page(_(texts.NO_SOUND)), 400)
    flash(_("It is kept."))
    return redirect(url_for("about.write") + f"#of-{name}", 303)
