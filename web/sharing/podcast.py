"""The songs as a feed with their sound, so that a podcast app can follow them: Atom (RFC 4287), in pages (RFC 5005).

A reader keeps what it was given. So a feed carries a song's title and the band's own story of it, and none of its
words; the sound is an address that asks the gate each time.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from xml.etree import ElementTree

from flask import Response, request, url_for

from archive import time_zone
from archive.models import now
from archive.pages import public_listing
from archive.pages.public_listing import SongEntry
from web.sharing.blueprint import sharing
from web.sharing.cards import titled
from web.site.language import _, either, language
from web.site.viewer import database

ATOM = "http://www.w3.org/2005/Atom"
TYPES = {".m4a": "audio/mp4", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".wav": "audio/wav"}
LAST_PAGE = 10_000
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@sharing.get("/songs.atom")
def songs_feed() -> Response:
    page = max(1, min(request.args.get("page", 1, type=int), LAST_PAGE))
    with database().read() as session:
        entries, more = public_listing.songs_out(session, page)
        feed = _feed(entries, page, more)
    text = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return Response(text, mimetype="application/atom+xml")


def _feed(entries: list[SongEntry], page: int, more: bool) -> ElementTree.Element:
    feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": language()})
    _add(feed, "id", url_for("sharing.songs_feed", _external=True))
    _add(feed, "title", _("Songs of the Messenger Band"))
    _add(feed, "subtitle", _("Songs sewn from what people said"))
    newest = max((one.out_since for one in entries), default=time_zone.opens_on(time_zone.day_of(now())))
    _add(feed, "updated", newest.isoformat())
    _add(ElementTree.SubElement(feed, "author"), "name", _("Messenger Band"))
    _add(feed, "logo", url_for("sharing.site_picture", _external=True))
    _link(feed, "alternate", url_for("listening.front", _external=True), type="text/html")
    _link(feed, "self", _page_address(page), type="application/atom+xml")
    if more:
        _link(feed, "next", _page_address(page + 1), type="application/atom+xml")
    if page > 1:
        _link(feed, "previous", _page_address(page - 1), type="application/atom+xml")
    for one in entries:
        _entry(feed, one)
    return feed


def _page_address(page: int) -> str:
    return url_for("sharing.songs_feed", lang=language(), page=page if page > 1 else None, _external=True)


def _entry(feed: ElementTree.Element, one: SongEntry) -> None:
    song = one.song
    address = url_for("song.show", slug=song.slug, _external=True)
    entry = ElementTree.SubElement(feed, "entry")
    _add(entry, "id", address)
    _add(entry, "title", titled(song.title_km, song.title_en))
    _add(entry, "published", one.out_since.isoformat())
    _add(entry, "updated", one.out_since.isoformat())
    _add(entry, "summary", either(song.note_km, song.note_en) or _("A song of the Messenger Band, to sing along."))
    _link(entry, "alternate", address, type="text/html")
    if one.recording is not None:
        sound = url_for("media.listen", recording_id=one.recording.id, _external=True)
        kind = TYPES.get(PurePosixPath(one.recording.listening_key).suffix, "audio/mp4")
        _link(entry, "enclosure", sound, type=kind, title=song.title_km or song.title_en)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _NOT_XML.sub("", text)


def _link(parent: ElementTree.Element, rel: str, href: str, **more: str) -> None:
    said = {name: _NOT_XML.sub("", value) for name, value in more.items()}
    ElementTree.SubElement(parent, "link", {"rel": rel, "href": href, **said})
