"""Putting passages on the desk, from wherever they are found, and moving them about there."""

from __future__ import annotations

from flask import abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from archive.lyrics import clippings, sources
from archive.lyrics.clippings import CannotClip
from archive.models import Clipping, Song
from archive.songs import song_records
from web.desk.blueprint import desk, song_at_hand, song_of
from web.site.language import _, _l, either
from web.site.list_pages import requested
from web.site.local_address import local_address
from web.site.viewer import current_account, database, viewer

CLOSED_OUTSIDE = {
    "all": _l(
        "Its narrator lets nobody outside the band hear this in a song. As long as that is so, a song with it cannot "
        "go out; a steward can ask her."
    ),
    "words": _l("Outside the band it may be sung in other words only, not word for word."),
}
desk.context_processor(lambda: {"closed_outside": CLOSED_OUTSIDE})
LATEST_MS = 48 * 3600 * 1000
LONGEST_WORDS = 2000


@desk.post("/clip")
def clip() -> AnyResponse:
    """Put a passage on the desk: for the song named, or the one last worked at, or with its campaign."""
    at = request.form.get("at", "")
    if not (at.isdecimal() and at.isascii() and len(at) < 10 and int(at) < LATEST_MS):
        abort(404)
    try:
        with database().write() as opened:
            named = request.form.get("song", "")
            song = song_of(opened, named) if named else song_at_hand(opened)
            made = clippings.clip(
                opened,
                viewer(),
                request.form.get("testimony", ""),
                int(at),
                words=request.form.get("words", "")[:LONGEST_WORDS],
                language=request.form.get("language", "")[:8],
                song=song,
                by_id=current_account().id,
            )
            relations, _why = sources.allowed(opened, viewer(), made.testimony_id)
            closed = sources.closed_outside(opened, made.testimony_id, relations)
    except CannotClip as refused:
        return _refused(refused)
    if _wants_json():
        return jsonify(id=made.id)
    flash(_laid(made, song))
    if closed:
        flash(str(CLOSED_OUTSIDE[closed]), "wrong")
    return redirect(_back(song), 303)


def _refused(refused: CannotClip) -> AnyResponse:
    why = _(refused)
    if _wants_json():
        return make_response(jsonify(error=why), 422)
    flash(_("This cannot go on the desk: ") + why, "wrong")
    return redirect(_back(None), 303)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _back(song: Song | None) -> str:
    """Where the passage was found: a page of this site, never another's."""
    desk_page = url_for("desk.draft", slug=song.slug) if song else url_for("desk.room")
    return local_address(request.form.get("next"), desk_page)


def _laid(made: Clipping, song: Song | None) -> Markup:
    to = either(song.title_km, song.title_en) if song else ""
    return Markup(render_template("desk/clipped.html", clipping=made, song=song, to=to))  # noqa: S704 - escaped there


@desk.post("/clipping/<clipping_id>/off")
def take_off(clipping_id: str) -> AnyResponse:
    """Take a clipping off the desk; `back=1` puts it there again."""
    back = request.form.get("back") == "1"
    with database().write() as opened:
        found = clippings.take_off(opened, viewer(), clipping_id, back=back)
        song = opened.get(Song, found.song_id) if found.song_id else None
        if song is not None and song_records.by_slug(opened, viewer(), song.slug) is None:
            song = None
    if _wants_json():
        return jsonify(id=clipping_id)
    if not back:
        flash(Markup(render_template("desk/put_back.html", clipping=found)))  # noqa: S704 - escaped there
    return redirect(_back(song), 303)


@desk.post("/song/<slug>/lay/<clipping_id>")
def lay(slug: str, clipping_id: str) -> AnyResponse:
    """Lay a clipping with this song."""
    with database().write() as opened:
        song = song_of(opened, slug)
        made = clippings.lay_with(opened, viewer(), clipping_id, song)
    if _wants_json():
        return jsonify(id=made.id)
    flash(_laid(made, song))
    return redirect(_back(None), 303)


@desk.get("/clippings")
def loose() -> str:
    """What lies on the desk for no song yet, in pages; each can be laid with the song that was last worked at."""
    with database().read() as opened:
        return render_template(
            "desk/clippings.html",
            loose=clippings.not_with_a_song(opened, viewer(), requested()),
            song=song_at_hand(opened),
        )
