"""The page on which testimonies are browsed; every choice on it is a link, so that what is seen can be sent on."""

from __future__ import annotations

from flask import Blueprint, render_template

from archive.catalogue.browsing import FACETS
from archive.catalogue.province_tiles import COLUMNS, ROWS
from archive.pages.explore_page import SHADES, explore_page
from web.site.language import language
from web.site.list_pages import requested
from web.site.viewer import database, viewer

explore = Blueprint("explore", __name__)

WIDE, HIGH, GAP = 112, 108, 6  # of a tile, in the map's own units


@explore.get("/explore")
def browse() -> str:
    with database().read() as session:
        page = explore_page(session, viewer(), requested(FACETS), language())
    size = {"wide": WIDE, "high": HIGH, "gap": GAP}
    whole = COLUMNS * (WIDE + GAP) - GAP, ROWS * (HIGH + GAP) - GAP
    return render_template("explore/browse.html", page=page, tile=size, whole_map=whole, shades=SHADES)
