"""A search as a feed that can be followed from outside: Atom. Source: RFC 4287.

A reader keeps what it was given, whatever a narrator decides afterwards. So a feed carries none of her words: only
what the archive lists, its title and its address, and whoever follows it is asked who they are like anybody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from xml.etree import ElementTree

from flask import Response, url_for

from archive import time_zone
from archive.models import now
from archive.pages.search_results import Named
from web.site.language import _, either, language

MOST_ENTRIES = 100
ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def atom(title: str, here: str, page: str, found: Sequence[Named]) -> Response:
    """The feed of these testimonies and songs; `here` is its own address, `page` that of the search on the site."""
    feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": language()})
    _add(feed, "id", here)
    _add(feed, "title", title)
    feed.append(ElementTree.Element("link", {"rel": "self", "type": "application/atom+xml", "href": here}))
    feed.append(ElementTree.Element("link", {"rel": "alternate", "type": "text/html", "href": page}))
    _add(ElementTree.SubElement(feed, "author"), "name", _("Messenger Band"))
    _add(feed, "updated", _moment(max((one.opened_on for one in found), default=time_zone.day_of(now()))))
    for one in found:
        _entry(feed, one)
    text = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    response = Response(text, mimetype="application/atom+xml")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _entry(feed: ElementTree.Element, one: Named) -> None:
    address = (
        url_for("testimony.show", testimony_id=one.id, _external=True)
        if one.kind == "testimony"
        else url_for("song.show", slug=one.id, _external=True)
    )
    entry = ElementTree.SubElement(feed, "entry")
    _add(entry, "id", address)
    _add(entry, "title", either(one.title_km, one.title_en) or _("A testimony without a title"))
    entry.append(ElementTree.Element("link", {"rel": "alternate", "type": "text/html", "href": address}))
    _add(entry, "updated", _moment(one.opened_on))
    entry.append(ElementTree.Element("category", {"term": one.kind}))


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _NOT_XML.sub("", text)


def _moment(day: date) -> str:
    return time_zone.opens_on(day).isoformat()
