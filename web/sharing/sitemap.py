"""What search engines may look at: robots.txt (RFC 9309) and the sitemap (https://www.sitemaps.org/protocol.html).

Sound is heard on its page and asked for there. A search engine that copied it would play it after it was taken back.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

from flask import Response, abort, url_for

from archive.pages import public_listing
from web.sharing.blueprint import sharing
from web.site.viewer import database

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
CLOSED = ("/account", "/media/", "/screen", "/search", "/sign-in", "/take-back", "/welcome")
SHOWN = {"songs": ("song.show", "slug"), "campaigns": ("campaign.show", "slug"),
         "testimonies": ("testimony.show", "testimony_id")}  # fmt: skip


@sharing.get("/robots.txt")
def robots() -> Response:
    rows = ["User-agent: *", *(f"Disallow: {one}" for one in CLOSED)]
    rows += ["", f"Sitemap: {url_for('sharing.sitemap', _external=True)}", ""]
    return Response("\n".join(rows), mimetype="text/plain")


@sharing.get("/sitemap.xml")
def sitemap() -> Response:
    """The list of the sitemap's files."""
    with database().read() as session:
        pages = public_listing.sitemap_pages(session)
    front = [url_for("sharing.sitemap_page", kind="pages", page=1, _external=True)]
    others = [url_for("sharing.sitemap_page", kind=kind, page=page, _external=True) for kind, page in pages]
    return _listed("sitemapindex", "sitemap", [*front, *others])


@sharing.get("/sitemap/<kind>/<int:page>.xml")
def sitemap_page(kind: str, page: int) -> Response:
    """One file of the sitemap; 404 where it would be empty."""
    if kind == "pages" and page == 1:
        return _listed("urlset", "url", [url_for(one, _external=True) for one in ("listening.front", "about.read")])
    with database().read() as session:
        found = public_listing.sitemap_addresses(session, kind, max(1, min(page, 10_000)))
    if not found:
        abort(404)
    endpoint, name = SHOWN[kind]
    return _listed("urlset", "url", (url_for(endpoint, _external=True, **{name: one}) for one in found))


def _listed(root: str, row: str, addresses: Iterable[str]) -> Response:
    listed = ElementTree.Element(root, {"xmlns": SITEMAP})
    for address in addresses:
        ElementTree.SubElement(ElementTree.SubElement(listed, row), "loc").text = address
    return Response(ElementTree.tostring(listed, encoding="utf-8", xml_declaration=True), mimetype="application/xml")
