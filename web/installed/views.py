"""What makes the public site an app on somebody's own telephone.

None of these pages knows who asks: which songs are kept is known to the device alone, and what it keeps is what
everybody may have.
"""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, render_template, url_for

from archive.language.messages import gettext_in
from web.site.files import STATIC, asset

installed = Blueprint("installed", __name__)
SIZES = (192, 512)


@installed.get("/sw.js")
def worker() -> Response:
    """The service worker; at the root, since a song and its sound have no folder in common."""
    g.no_language = True
    response = Response((STATIC / "js" / "app" / "worker.js").read_bytes(), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@installed.get("/app.webmanifest")
def manifest() -> Response:
    g.no_language = True
    icons = [
        {"src": asset(f"img/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in SIZES
        for purpose in ("any", "maskable")
    ]
    response = jsonify(
        id="/",
        name=f"{gettext_in('km', 'Messenger Band')} · Messenger Band",
        short_name=gettext_in("km", "Messenger Band"),
        lang="km",
        start_url=url_for("listening.front"),
        scope="/",
        display="standalone",
        background_color="#f5eee1",
        theme_color="#f5eee1",
        icons=icons,
    )
    response.mimetype = "application/manifest+json"
    return response


@installed.get("/kept")
def songs_here() -> str:
    """The list of what is kept on the device that asks; its script fills it."""
    return render_template("installed/kept.html")
