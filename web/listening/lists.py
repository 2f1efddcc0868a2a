"""Listening lists: those that the band shows to everybody, and the one that somebody makes on a device of her own."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from archive.pages import listening_list as lists_kept
from archive.pages.listening_list import Asked, ListItem
from archive.timing import Span
from web.listening.views import track_of
from web.site.language import either
from web.site.list_pages import requested
from web.site.paper import list_paper
from web.site.security import limiter
from web.site.viewer import database, viewer

lists = Blueprint("lists", __name__, url_prefix="/lists")
LATEST_MS = 100_000_000
_NAMED = re.compile(r"(song|testimony):([\w-]{1,200})(?::(\d{1,9})-(\d{1,9}))?")


@lists.get("")
def room() -> str:
    with database().read() as session:
        return render_template("listening/lists.html", found=lists_kept.shown_lists(session, viewer(), requested()))


@lists.get("/mine")
def mine() -> str:
    """The list of the device that asks; its script fills it, and nothing of it is known here."""
    return render_template("listening/my_list.html")


@lists.get("/heard.json")
@limiter.limit("600 per hour")
def heard() -> Response:
    """What a device's own list names, `?m=song:SLUG` and `?m=testimony:ID:4000-9000`, as far as it may be heard now."""
    named = request.args.getlist("m")[: lists_kept.MOST]
    asked = [_asked(one) for one in named]
    with database().read() as session:
        found = lists_kept.asked_items(session, viewer(), [one or Asked() for one in asked])
        tracks = [{"named": name, **_track(one)} for name, one in zip(named, found, strict=True) if one]
    response = jsonify({"tracks": tracks, "next": None})
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked(named: str) -> Asked | None:
    match = _NAMED.fullmatch(named[:240])
    if match is None:
        return None
    kind, name, start, end = match.groups()
    stretch = Span(int(start), int(end)) if start and int(start) < int(end) < LATEST_MS else None
    return Asked(slug=name, span=stretch) if kind == "song" else Asked(testimony_id=name, span=stretch)


@lists.get("/<set_id>")
def show(set_id: str) -> str:
    with database().read() as session:
        one, items = lists_kept.listening_list(session, viewer(), set_id)
        return render_template("listening/list.html", list=one, items=items)


@lists.get("/<set_id>/tracks.json")
def tracks(set_id: str) -> Response:
    """What of the list may be heard now, as the player takes it."""
    with database().read() as session:
        items = lists_kept.listening_list(session, viewer(), set_id)[1]
        return jsonify({"tracks": [_track(one) for one in items if one.audible], "next": None})


@lists.get("/<set_id>/sheet.pdf")
@limiter.limit("120 per hour")
def sheet(set_id: str) -> Response:
    """Titles, questions and codes to print; no word of anybody's is on it."""
    with database().read() as session:
        one, items = lists_kept.listening_list(session, viewer(), set_id)
        return list_paper(one, items, url_for("lists.show", set_id=set_id, _external=True))


def _track(one: ListItem) -> dict[str, Any]:
    """What is heard in a place of a list, as `web/static/js/player/sound.js` has its tracks."""
    stretch = {"start": one.span.start_ms, "end": one.span.end_ms, "listed": True} if one.span else {}
    if one.queued is not None:
        return {**track_of(one.queued), **stretch}
    card = one.card
    if card is None or card.recording_id is None:
        return {}
    moment = f"{one.span.start_ms}-{one.span.end_ms}" if one.span else None
    return {
        "src": url_for("media.listen", recording_id=card.recording_id),
        "name": either(card.title_km, card.title_en),
        "sub": either(card.name_km, card.name_en),
        "page": url_for("testimony.show", testimony_id=card.id, t=moment),
        "length": card.duration_ms or 0,
        "listed": True,
        **stretch,
    }
