"""Stylesheets, scripts and fonts, under an address that changes with their bytes.

`/files/VERSION/css/base.css`: the version is a hash over everything there, so a browser keeps what it has for a year
and still sees an update at once; modules and fonts that name each other by relative address stay within one version.
"""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, g, url_for
from werkzeug.security import safe_join

from web.site.security import limiter

STATIC = Path(__file__).resolve().parents[1] / "static"
FOR_A_YEAR = "public, max-age=31536000, immutable"

files = Blueprint("files", __name__)
for kind, suffix in (
    ("text/javascript", ".js"),
    ("font/woff2", ".woff2"),
    ("audio/flac", ".flac"),
    ("application/manifest+json", ".webmanifest"),
):
    mimetypes.add_type(kind, suffix)


def version_of(folder: Path = STATIC) -> str:
    """A short hash over the names and the bytes of every file in the folder."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:10]


@files.get("/files/<version>/<path:name>")
@limiter.exempt
def send(version: str, name: str) -> Response:
    """One file; an address with an old version gets today's bytes and is told not to keep them."""
    path = safe_join(str(STATIC), name)
    if path is None or any(part.startswith(".") for part in Path(name).parts) or not Path(path).is_file():
        abort(404)
    g.no_language = True
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = Response(Path(path).read_bytes(), mimetype=kind)
    current = version == current_app.config["FILES_VERSION"]
    response.headers["Cache-Control"] = FOR_A_YEAR if current else "no-cache"
    return response


def asset(name: str) -> str:
    """The address of a file under `web/static`."""
    return url_for("files.send", version=current_app.config["FILES_VERSION"], name=name)


def init_app(app: Flask) -> None:
    app.config["FILES_VERSION"] = version_of()
    app.register_blueprint(files)
    app.jinja_env.globals["asset"] = asset
