"""Share pictures: the title and the stitches, drawn when they are asked for and kept nowhere.

Asked as the public, whoever asks, each time: what was taken back is gone with the next request. Of a testimony a
picture has nothing but the title that its public page has.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from flask import Response, abort, current_app, request

from archive.access.gate import PUBLIC
from archive.catalogue.cards import card as testimony_at
from archive.language.messages import Message
from archive.language.words import rows_may_end_after
from archive.pages import campaign_page
from archive.songs import song_picture as stitches
from archive.songs.song_view import pages_of, song_page
from media.ffmpeg import FfmpegFailed, FfmpegStalled
from media.share_picture import ShareCard, share_picture
from web.sharing.blueprint import sharing
from web.site.security import limiter
from web.site.viewer import database

HOUSE = Message("Messenger Band")
MOST = "120 per minute"  # of drawings by one browser; a messenger asks for one


@sharing.get("/share.png")
@limiter.limit(MOST)
def site_picture() -> Response:
    return _drawn(Message("Songs"), ("", ""), ())


@sharing.get("/song/<slug>/share.png")
@limiter.limit(MOST)
def song_picture(slug: str) -> Response:
    with database().read() as session:
        page = song_page(session, PUBLIC, slug)
        if page is None:
            abort(404)
        return _drawn(Message("Song"), (page.song.title_km, page.song.title_en), (stitches.stitch_rows(page.lines),))


@sharing.get("/testimony/<testimony_id>/share.png")
@limiter.limit(MOST)
def testimony_picture(testimony_id: str) -> Response:
    with database().read() as session:
        card = testimony_at(session, PUBLIC, testimony_id)
    if card is None:
        abort(404)
    return _drawn(Message("Testimony"), (card.title_km, card.title_en), ())


@sharing.get("/campaign/<slug>/share.png")
@limiter.limit(MOST)
def campaign_picture(slug: str) -> Response:
    with database().read() as session:
        found = campaign_page.campaign_page(session, PUBLIC, slug)
        pictures = tuple(stitches.stitch_rows(page.lines) for page in pages_of(session, PUBLIC, found.songs[:4]))
        return _drawn(Message("Campaign"), (found.campaign.name_km, found.campaign.name_en), pictures)


def _drawn(kind: Message, title: tuple[str, str], pictures: Sequence[tuple[stitches.StitchRow, ...]]) -> Response:
    house = f"{HOUSE.said('km')} · {HOUSE.said('en')}"
    said = f"{kind.said('km')} · {kind.said('en')}"
    km, en = (rows_may_end_after(one) for one in title)
    if not (km or en):
        km, en, house = rows_may_end_after(HOUSE.said("km")), rows_may_end_after(HOUSE.said("en")), ""
    card = ShareCard(km or en, en if km and en != km else (), said, house, tuple(pictures))
    response = Response(mimetype="image/png")
    secret = str(current_app.secret_key).encode()
    etag = hmac.new(secret, repr(card).encode(), hashlib.sha256).hexdigest()[:24]
    response.set_etag(etag)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # other pages show it beside the link
    if request.if_none_match.contains(etag):
        response.status_code = 304
        return response
    try:
        response.data = share_picture(card)
    except (FfmpegFailed, FfmpegStalled):
        current_app.logger.exception("a share picture could not be drawn")
        abort(503)
    return response
