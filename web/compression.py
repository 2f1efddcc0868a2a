"""Text is sent compressed: the last mile of a drop-in centre is a shared phone.

Only what holds no secret is compressed. A page with a form token or for somebody signed in is sent as it is, because
the length of a compressed page can give away, request by request, a secret that stands in it beside words the asker
chose.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

import brotli
from flask import Flask, Response, g, request

TEXT = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
SMALLEST = 600  # bytes; below this it costs more than it saves
LARGEST = 2 * 1024 * 1024


@lru_cache(maxsize=256)
def _squeeze(body: bytes, encoding: str, lasting: bool) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(body, quality=11 if lasting else 4))
    return gzip.compress(body, 9 if lasting else 5, mtime=0)


def _without_secrets() -> bool:
    return g.get("account") is None and "csrf_token" not in g


def compress(response: Response) -> Response:
    """Compress a text response in the best way the browser takes."""
    if (
        not (response.mimetype or "").startswith(TEXT)
        or response.status_code != 200
        or "Content-Encoding" in response.headers
    ):
        return response
    response.vary.add("Accept-Encoding")
    encoding = request.accept_encodings.best_match(["br", "gzip"])
    lasting = request.endpoint == "files.send"
    if encoding is None or request.method == "HEAD" or not (lasting or _without_secrets()):
        return response
    if response.is_streamed or not SMALLEST <= (response.content_length or 0) <= LARGEST:
        return response
    response.set_data(_squeeze(response.get_data(), encoding, lasting))
    response.headers["Content-Encoding"] = encoding
    return response


def init_app(app: Flask) -> None:
    app.after_request(compress)
