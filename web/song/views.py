"""The song page and the song's cover."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, Response, abort, current_app, render_template, url_for

from archive.ports import BlobMissing
from archive.songs import song_picture
from archive.songs.song_view import SongPage, SungLine, song_page
from media.cover import drawn
from web.site.language import _
from web.site.viewer import backends, database, viewer

song = Blueprint("song", __name__)
COVER_TYPES = {"image/jpeg", "image/png", "image/webp", "image/avif"}  # no SVG: it can carry a script


@song.app_template_global("stitch_rows")
def rows(page: SongPage) -> tuple[song_picture.StitchRow, ...]:
    """The rows of stitches that are a song's picture."""
    return song_picture.stitch_rows(page.lines)


@song.app_template_global("workrooms")
def workrooms(slug: str) -> list[tuple[str, str]]:
    """Where the band works on a song, as addresses with their names; a room that is not open yet is not there."""
    if not viewer().inside:
        return []
    rooms = (
        ("desk.draft", _("Open on the desk")),
        ("desk.about_song", _("Credits, story and cover")),
        ("studio.song", _("Time this song")),
    )
    return [(url_for(endpoint, slug=slug), name) for endpoint, name in rooms if endpoint in current_app.view_functions]


@song.app_template_filter("groupby_section")
def by_section(lines: Sequence[SungLine]) -> list[tuple[str, list[SungLine]]]:
    """The lines in their verses and choruses; equal names after a gap are repeats and stay apart."""
    return [(section, list(held)) for section, held in groupby(lines, key=lambda line: line.section)]


@song.get("/song/<slug>")
def show(slug: str) -> str:
    with database().read() as session:
        page = song_page(session, viewer(), slug)
        if page is None:
            abort(404)
        return render_template("song/show.html", page=page)


@song.get("/song/<slug>/cover")
def cover(slug: str) -> Response:
    """The song's cover, or else its stitches, as a square picture, for a locked telephone's screen too."""
    with database().read() as session:
        page = song_page(session, viewer(), slug)
        if page is None:
            abort(404)
        key = page.song.cover_key
    kind = mimetypes.guess_type(key)[0]
    if not key or kind not in COVER_TYPES:
        return Response(drawn(song_picture.stitch_rows(page.lines)), mimetype="image/png")
    try:
        return Response(backends().store.get_bytes(key), mimetype=kind)
    except BlobMissing:
        abort(404)
