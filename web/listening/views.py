"""The listening page: what somebody who comes for the first time sees and hears."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response

from archive.pages import song_queue
from archive.pages.front_page import front_page
from archive.pages.song_queue import QueuedSong
from web.site.list_pages import requested
from web.site.viewer import database, viewer

LAST_PAGE = 10_000
listening = Blueprint("listening", __name__)


@listening.get("/")
def front() -> str:
    with database().read() as session:
        page = front_page(session, viewer(), requested())
        return render_template("listening/front.html", page=page)


@listening.get("/songs.json")
def queue() -> Response:
    """The songs to be played one after another, as the player takes them: all, or those of `?campaign=`."""
    page = max(1, min(request.args.get("page", 1, type=int), LAST_PAGE))
    campaign = request.args.get("campaign")
    with database().read() as session:
        found, more = song_queue.queue_page(session, viewer(), page, campaign)
        following = url_for("listening.queue", page=page + 1, campaign=campaign) if more else None
        return jsonify({"tracks": [track_of(one) for one in found], "next": following})


def track_of(one: QueuedSong) -> dict[str, Any]:
    """A song as `web/static/js/player/sound.js` has its tracks."""
    music = one.instrumental
    return {
        "src": url_for("media.listen", recording_id=one.lead.recording_id),
        "name": one.song.title_km,
        "sub": one.song.title_en,
        "page": url_for("song.show", slug=one.song.slug),
        "cover": url_for("song.cover", slug=one.song.slug),
        "length": one.lead.recording.duration_ms or 0,
        "instrumental": url_for("media.listen", recording_id=music.recording_id) if music else None,
        "instrumentalOffset": one.offset_ms,
    }
