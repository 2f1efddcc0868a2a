"""Coming in by the code, and looking: what is kept, who may have it, what it became, and her own voice."""

from __future__ import annotations

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response as AnyResponse

from archive.catalogue import about
from archive.pages import usage_report
from archive.ports import BlobMissing
from archive.withdrawal import own_visits
from archive.withdrawal.own_visits import AS_KEPT, WrongCode
from web.own_words.blueprint import forget, narrator, own_words, remember, token, visitor
from web.site.language import _, language
from web.site.security import limiter
from web.site.viewer import backends, database

LONGEST_PART = 1024 * 1024


@own_words.get("")
def enter() -> AnyResponse:
    return redirect(url_for("own_words.mine"), 303) if visitor() else _entry_page()


@own_words.post("")
@limiter.limit("20 per minute; 200 per hour")
def come_in() -> AnyResponse:
    code = request.form.get("code", "")
    try:
        with database().read() as session:
            own_visits.refuse_made_up(session, code)
        with database().write() as session:
            opened = own_visits.begin(session, code)
    except WrongCode as error:
        flash(_(error), "wrong")
        return _entry_page(403)
    response = redirect(url_for("own_words.mine"), 303)
    remember(response, opened)
    return response


def _entry_page(status: int = 200) -> AnyResponse:
    return make_response(render_template("own_words/enter.html"), status)


@own_words.get("/mine")
def mine() -> AnyResponse:
    """Everything of hers."""
    whose = visitor()
    if whose is None:
        return redirect(url_for("own_words.enter"), 303)
    with database().read() as session:
        told = [
            usage_report.usage_report_of(session, AS_KEPT, one, language()) for one in own_visits.hers(session, whose)
        ]
        of = {one: parts for parts in own_visits.tellings(session, whose) for one in parts if len(parts) > 1}
    return make_response(render_template("own_words/mine.html", told=told, of=of))


@own_words.get("/mine/<testimony_id>")
def testimony(testimony_id: str) -> str:
    return told_page(testimony_id)


def told_page(testimony_id: str, wrong: str = "") -> str:
    whose = narrator()
    with database().read() as session:
        sound = own_visits.sound_of(session, whose, testimony_id)
        told = usage_report.usage_report_of(session, AS_KEPT, testimony_id, language())
        telling = own_visits.telling_of(session, whose, testimony_id)
        return render_template(
            "own_words/testimony.html", told=told, has_sound=sound is not None, wrong=wrong, telling=telling
        )


@own_words.get("/mine/<testimony_id>/sound")
def sound(testimony_id: str) -> Response:
    """Her own voice, whole or the part that the Range header names."""
    whose, store = narrator(), backends().store
    with database().read() as session:
        key = own_visits.sound_of(session, whose, testimony_id)
    if key is None:
        abort(404)
    try:
        size = store.size(key)
    except BlobMissing:
        abort(404)
    asked = request.range.range_for_length(size) if request.range and request.range.units == "bytes" else None
    if request.range and asked is None:
        raise RequestedRangeNotSatisfiable(size)
    start, end = (asked[0], min(asked[1], asked[0] + LONGEST_PART)) if asked else (0, size)
    response = Response(store.read(key, start, end), 206 if asked else 200, mimetype="audio/mp4")
    response.content_length = end - start
    response.headers["Accept-Ranges"] = "bytes"
    if asked:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


@own_words.post("/end")
def end() -> AnyResponse:
    """End the visit; the next person at this telephone finds nothing."""
    with database().write() as session:
        own_visits.end(session, token())
    response = redirect(url_for("own_words.enter"), 303)
    forget(response)
    return response


@own_words.get("/aloud/<name>")
def aloud(name: str) -> Response:
    """An instruction, read aloud."""
    with database().read() as session:
        found = about.instruction(session, name)
        if found is None:
            abort(404)
        return Response(found.sound, mimetype=found.media_type)
