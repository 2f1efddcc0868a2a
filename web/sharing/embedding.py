"""A song on somebody else's page: oEmbed (https://oembed.com/) says how, and a small player is what stands there.

The player is the one page of the site that others may frame. It is the public's, whoever is signed in: it has no form
and nothing that a foreign page could make somebody press. A song that is taken back is gone from it like from anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Response, abort, current_app, jsonify, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from archive.access.gate import PUBLIC
from archive.catalogue.cards import card as testimony_at
from archive.pages import campaign_page
from archive.songs.song_view import song_page
from media.share_picture import HEIGHT, WIDTH
from web.sharing.blueprint import sharing
from web.sharing.cards import titled
from web.site.language import _
from web.site.security import may_be_framed
from web.site.viewer import database

PLAYER = (640, 360)
"""Width and height of the player in pixels, where another site gives it room."""
SMALLEST = (240, 200)


@sharing.get("/song/<slug>/embed")
def player(slug: str) -> str:
    with database().read() as session:
        page = song_page(session, PUBLIC, slug)
        if page is None:
            abort(404)
        shown = render_template("sharing/player.html", page=page)
    may_be_framed()
    return shown


@sharing.get("/oembed")
def oembed() -> Response:
    """How another site shows one of our addresses; 404 for what the public may not know of, or is none of ours."""
    if request.args.get("format", "json") != "json":
        abort(501)
    endpoint, named = _of_ours(request.args.get("url", ""))
    said = SAYING[endpoint](**named) if endpoint in SAYING else None
    if said is None:
        abort(404)
    return jsonify(
        {
            "version": "1.0",
            "provider_name": _("Messenger Band"),
            "provider_url": url_for("listening.front", _external=True),
            "thumbnail_width": WIDTH,
            "thumbnail_height": HEIGHT,
            **said,
        }
    )


def _of_ours(address: str) -> tuple[str, dict[str, Any]]:
    """The page that an address names, with what it names; nothing for an address that is elsewhere."""
    try:
        parts = urlsplit(address[:2000])
    except ValueError:
        return "", {}
    if parts.scheme not in ("http", "https") or parts.netloc != request.host:
        return "", {}
    try:
        endpoint, named = current_app.url_map.bind(request.host).match(parts.path, "GET")
    except HTTPException:
        return "", {}
    return str(endpoint), dict(named)


def _song(slug: str) -> dict[str, Any] | None:
    with database().read() as session:
        page = song_page(session, PUBLIC, slug)
        if page is None:
            return None
        title = titled(page.song.title_km, page.song.title_en)
    width, height = (_room(name, at) for at, name in enumerate(("maxwidth", "maxheight")))
    frame = Markup('<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy" allow="autoplay"></iframe>')
    address = url_for("sharing.player", slug=slug, _external=True)
    return {
        "type": "rich",
        "title": title,
        "html": str(frame.format(address, width, height, title)),
        "width": width,
        "height": height,
        "thumbnail_url": url_for("sharing.song_picture", slug=slug, _external=True),
    }


def _testimony(testimony_id: str) -> dict[str, Any] | None:
    """A testimony is not played on other people's pages: only its title stands there, as a link."""
    with database().read() as session:
        card = testimony_at(session, PUBLIC, testimony_id)
    if card is None:
        return None
    picture = url_for("sharing.testimony_picture", testimony_id=testimony_id, _external=True)
    return {"type": "link", "title": titled(card.title_km, card.title_en), "thumbnail_url": picture}


def _campaign(slug: str) -> dict[str, Any] | None:
    with database().read() as session:
        one = campaign_page.campaign_page(session, PUBLIC, slug).campaign
        title = titled(one.name_km, one.name_en)
    picture = url_for("sharing.campaign_picture", slug=slug, _external=True)
    return {"type": "link", "title": title, "thumbnail_url": picture}


SAYING: dict[str, Callable[..., dict[str, Any] | None]] = {
    "song.show": _song,
    "testimony.show": _testimony,
    "campaign.show": _campaign,
}


def _room(name: str, at: int) -> int:
    """As much room as the other site gives, between the smallest that can be used and what the player wants."""
    given = request.args.get(name, PLAYER[at], type=int)
    return max(SMALLEST[at], min(PLAYER[at], given))
