"""What the site tells browsers and remembers of them: headers, cookies, form tokens, rate limits.

The policy is strict because the cost of a slip is a person's: nothing from elsewhere, no inline script or style, no
referrer, no address kept. Rate limits know a browser by a hash whose salt is drawn at random, lives in memory and
changes every hour, so that neither a log nor a memory dump of yesterday says who came.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from flask import Flask, Response, abort, current_app, g, request
from flask_limiter import Limiter
from flask_wtf import CSRFProtect

from archive.backends import Backends, secret_key
from web.site.refusals import REFUSED
from web.site.shared_limits import SALT_SECONDS, RedisSalt, SharedTable, of_redis

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
FRAMED_POLICY: Final = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(self), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), "
        "fullscreen=(self), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), "
        "screen-wake-lock=(self), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OF_EVERYTHING: Final = frozenset({"X-Content-Type-Options", "Cross-Origin-Resource-Policy"})
PARTS_OF_PAGES: Final = frozenset({"text/css", "font/woff2", "text/javascript"})
"""Files of ours that are never a page or a worker: a policy says nothing of them, and thirty weigh as a font."""
P = ParamSpec("P")
R = TypeVar("R")

SALT: Final = "messenger_salt"
REQUESTS_PER_MINUTE: Final = "900 per minute"  # a drop-in centre's computers share one address


class OwnSalt:
    """A salt of this process alone."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(32)
        self._since = time.monotonic()

    def salt(self) -> bytes:
        if time.monotonic() - self._since > SALT_SECONDS:
            self._salt, self._since = secrets.token_bytes(32), time.monotonic()
        return self._salt


def name_of_browser() -> str:
    """Names a browser for a rate limit without keeping its address."""
    salt: bytes = current_app.extensions[SALT].salt()
    return hmac.new(salt, (request.remote_addr or "").encode(), hashlib.sha256).hexdigest()[:16]


csrf = CSRFProtect()
limiter = Limiter(key_func=name_of_browser, default_limits=[REQUESTS_PER_MINUTE])


def token_of_an_account(view: Callable[P, R]) -> Callable[P, R]:
    """Ask a form token of whoever is signed in, and of nobody else.

    Without an account there is nothing of theirs that a foreign page could misuse, and a page that needs no token sets
    no cookie on a reader.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if g.get("account") is not None and current_app.config["WTF_CSRF_ENABLED"]:
            csrf.protect()
        return view(*args, **kwargs)

    csrf.exempt(guarded)
    return guarded


def may_be_framed() -> None:
    """Say of the answer being made that any other site may frame it: it has nothing to press but to listen."""
    g.framed = True


def _add_headers(response: Response) -> Response:
    if g.get("framed"):
        response.headers["Content-Security-Policy"] = FRAMED_POLICY
    for name, value in HEADERS.items():
        if name == "X-Frame-Options" and g.get("framed"):
            continue
        if name not in OF_EVERYTHING and request.endpoint == "files.send" and response.mimetype in PARTS_OF_PAGES:
            continue
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        # Pages are asked for again every time, so that a consent taken back holds on the next look; of what a
        # signed-in person saw, the browser keeps nothing for the Back button of whoever sits there next.
        kept = "no-store" if g.get("account") is not None or response.status_code >= 400 else "private, no-cache"
        response.headers["Cache-Control"] = kept
    response.vary.add("Cookie")
    return response


def _refuse() -> None:
    """What the server turned away unread is answered by the site's own page, in its words."""
    if status := request.environ.get(REFUSED):
        abort(status)


def _count_together(app: Flask, backends: Backends, shared: int | None) -> None:
    """Count requests where all processes of the site do: in Redis, in memory of this machine, or in this process."""
    app.extensions[SALT] = OwnSalt()
    app.config["RATELIMIT_STORAGE_URI"] = "memory://"
    if backends.settings.queue_url.startswith("redis"):
        app.config["RATELIMIT_STORAGE_URI"] = backends.settings.queue_url
        app.config["RATELIMIT_STORAGE_OPTIONS"] = of_redis()
        # While Redis does not answer each process keeps the same limits by itself: nobody is let in freely or shut out.
        app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
        app.extensions[SALT] = RedisSalt(backends.settings.queue_url)
    elif shared is not None:
        app.config["RATELIMIT_STORAGE_URI"] = f"shared://{shared}"
        app.extensions[SALT] = SharedTable(shared)


def init_app(app: Flask, backends: Backends, shared: int | None = None) -> None:
    """Sign cookies with the archive's key and guard every response and every form.

    Args:
        shared: the open file in which the site's processes on this machine count requests together; see
            `web.site.shared_limits`.
    """
    settings = backends.settings
    app.config.update(
        SECRET_KEY=secret_key(settings),
        SESSION_COOKIE_NAME="forms",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=False,  # it would want the Referer that our own policy withholds
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,  # the upload form sets its own, larger one
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
    )
    _count_together(app, backends, shared)
    limiter.init_app(app)
    app.before_request(_refuse)
    csrf.init_app(app)
    logging.getLogger("flask-limiter").setLevel(logging.CRITICAL)
    app.after_request(_add_headers)
    if settings.https:

        @app.after_request
        def only_https(response: Response) -> Response:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
            return response
