"""A second screen: a telephone plays a song, a television or another telephone follows its words by a code."""

from __future__ import annotations

import io
import time
from typing import cast

import segno
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as AnyResponse

from archive.language.numerals import western
from archive.songs import second_screens, song_view
from archive.songs.second_screens import PlayerReport
from web.site import json_body
from web.site.language import _
from web.site.security import limiter, token_of_an_account
from web.site.viewer import database, viewer
from web.song.screen_news import News, look

EXTENSION = "messenger_screens"
MINE = "screens"
WAIT_SECONDS = 1.5
_LONGEST_MS = 24 * 3600 * 1000
_LONGEST_SLUG = 120
_KEPT_CODES = 8

second = Blueprint("second", __name__)


@second.record_once
def _open(state: BlueprintSetupState) -> None:
    state.app.extensions[EXTENSION] = News()


@second.post("/song/<slug>/screen")
@limiter.limit("20 per minute; 40 per hour")  # a fifth of all that may be open, from one place
@token_of_an_account
def begin(slug: str) -> Response:
    """A code for others to follow this song by; whoever may open the song may have one."""
    with database().read() as opened:
        if not song_view.may_open(opened, viewer(), slug):
            abort(404)
    try:
        with database().write() as opened:
            code = second_screens.open_screen(opened, slug, second_screens.now_ms(opened))
    except second_screens.Full as error:
        return _said(_(error), 503)
    session[MINE] = [*session.get(MINE, []), code][-_KEPT_CODES:]
    return jsonify(
        code=code,
        address=url_for("second.screen", code=code, _external=True),
        picture=url_for("second.picture", code=code),
        state=url_for("second.tell", code=code),
        end=url_for("second.end", code=code),
    )


@second.post("/screen/<code>/tell")
@limiter.limit("600 per minute")
@token_of_an_account
def tell(code: str) -> Response:
    """Where the song stands, from the browser that opened the screen and from no other."""
    if code not in session.get(MINE, []):
        abort(404)
    values = json_body.read(
        required=("position", "rate"),
        position=json_body.number(-_LONGEST_MS, _LONGEST_MS),
        rate=json_body.number(0.1, 4),
        at=json_body.either(json_body.number(-json_body.LARGEST_EXACT, json_body.LARGEST_EXACT), json_body.nothing),
        playing=json_body.either(json_body.flag, json_body.nothing),
        song=json_body.either(json_body.text(_LONGEST_SLUG), json_body.nothing),
    )
    if values is None:
        abort(400)
    position, rate, at = values["position"], values["rate"], values.get("at")
    with database().read() as opened:
        now = second_screens.now_ms(opened)
        known = second_screens.place(opened, code, now)
        slug = str(values.get("song") or "")
        changed = known is not None and slug not in {"", known.slug}
        if known is None or (changed and not song_view.may_open(opened, viewer(), slug)):
            abort(404)
    moment = second_screens.moment(at, now)
    told = PlayerReport(round(position), rate, bool(values.get("playing")), moment, slug if changed else "")
    if not known.foretells(told) or now - known.heard_ms >= second_screens.TOUCH_MS:
        with database().write() as opened:
            if not second_screens.tell(opened, code, told, now):
                abort(404)
    with database().read() as opened:
        return jsonify(now=second_screens.now_ms(opened))


@second.post("/screen/<code>/end")
@token_of_an_account
def end(code: str) -> Response:
    if code not in session.get(MINE, []):
        abort(404)
    with database().write() as opened:
        second_screens.close(opened, code)
    session[MINE] = [one for one in session[MINE] if one != code]
    return jsonify(ended=True)


@second.get("/screen")
@limiter.limit("60 per minute")
def enter() -> AnyResponse:
    """Where a code is typed on a screen that cannot photograph."""
    typed = "".join(western(request.args.get("code", "")).split())
    if typed:
        if _known(typed):
            return redirect(url_for("second.screen", code=typed), 303)
        flash(
            _("There is no such code. Look at the telephone again."),
            "wrong",
        )
    return Response(render_template("song/enter.html"), 404 if typed else 200)


@second.get("/screen/<code>")
@limiter.limit("60 per minute")
def screen(code: str) -> str:
    """The words, large, following the song that is played elsewhere."""
    place = look(database(), code)
    with database().read() as opened:
        page = song_view.song_page(opened, viewer(), place.slug) if place else None
        if page is None:
            abort(404)
        return render_template("song/screen.html", page=page, code=code)


@second.get("/screen/<code>/state")
@limiter.exempt
def state(code: str) -> Response:
    """Where the song stands; with `after`, as soon as there is something newer than that."""
    after = request.args.get("after", type=int)
    arrived = time.monotonic()
    news = cast(News, current_app.extensions[EXTENSION])
    place = look(database(), code) if after is None else news.newer(database(), code, after, WAIT_SECONDS)
    with database().read() as opened:
        if place is None or not song_view.may_open(opened, viewer(), place.slug):
            abort(404)
        now, held = second_screens.now_ms(opened), round((time.monotonic() - arrived) * 1000)
    g.no_language = True
    response = jsonify(
        number=place.number, song=place.slug, position=place.position_ms, playing=place.playing, rate=place.rate,
        at=place.at_ms, now=now, held=held,
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response


@second.get("/screen/<code>/picture.svg")
def picture(code: str) -> Response:
    """The address of the screen as a picture for a camera, in black and white."""
    if not _known(code):
        abort(404)
    held = io.BytesIO()
    address = url_for("second.screen", code=code, _external=True)
    segno.make(address, micro=False, error="m").save(held, kind="svg", scale=8, border=3, light="#ffffff", nl=False)
    g.no_language = True
    response = Response(held.getvalue(), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


def _known(code: str) -> bool:
    """Whether this viewer may follow the song of that code; an unknown code is answered like a closed song."""
    place = look(database(), code)
    with database().read() as opened:
        return place is not None and song_view.may_open(opened, viewer(), place.slug)


def _said(words: str, status: int) -> Response:
    response = jsonify(words=words)
    response.status_code = status
    return response
