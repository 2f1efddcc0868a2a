"""Text is sent compressed: the last mile of a drop-in centre is a shared phone.

Only what holds no secret is compressed. A page with a form token or for somebody signed in is sent as it is, because
the length of a compressed page can give away, request by request, a secret that stands in it beside words the asker
chose. A view whose answer holds neither a token nor a word of its request may say so, and is compressed for whoever is
signed in too.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

import brotli
from flask import Flask, Response, g, request

TEXT = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
SMALLEST = 600  # bytes; below this it costs more than it saves
LARGEST = 2 * 1024 * 1024
LARGEST_ALLOWED = 32 * 1024 * 1024


def allow() -> None:
    """Say of the answer being made that neither a token nor anything its request chose stands in its body."""
    g.compression_allowed = True


def _squeeze(body: bytes, encoding: str, lasting: bool) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(body, quality=11 if lasting else 4))
    return gzip.compress(body, 9 if lasting else 5, mtime=0)


_squeeze_once = lru_cache(maxsize=256)(_squeeze)  # of what everybody may have; nothing told inside stays in memory


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
    allowed = g.get("compression_allowed", False)
    if encoding is None or request.method == "HEAD" or not (lasting or allowed or _without_secrets()):
        return response
    largest = LARGEST_ALLOWED if allowed else LARGEST
    if response.is_streamed or not SMALLEST <= (response.content_length or 0) <= largest:
        return response
    squeeze = _squeeze if allowed else _squeeze_once
    response.set_data(squeeze(response.get_data(), encoding, lasting))
    response.headers["Content-Encoding"] = encoding
    return response


def init_app(app: Flask) -> None:
    app.after_request(compress)
