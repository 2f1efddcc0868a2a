"""How much of a request may come in, decided from its head alone, before a byte of its body is read.

A stranger may send a small form. Who is signed in may send what the site's pages send; a whole recording comes only
from a member, and only to a view that says it takes one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TypeVar

from flask import Flask
from werkzeug.exceptions import HTTPException

from archive.access import gate
from archive.accounts import sessions
from archive.backends import Backends
from web.site.viewer import COOKIE

ANONYMOUS_BYTES = 64 * 1024
SIGNED_IN_BYTES = 33 * 1024 * 1024  # a scanned consent paper and the rest of its form
_LARGE = "takes_large"

View = TypeVar("View", bound=Callable[..., object])
Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Allowance:
    """The most bytes a request's body may have; `large` where it is a recording, written down while it comes."""

    most: int
    large: bool = False


def takes_large(view: View) -> View:
    """Mark a view that members bring whole recordings to."""
    setattr(view, _LARGE, True)
    return view


def announced(headers: Headers) -> int | None:
    """How many bytes a request says it has; None where it does not say, and only its end will tell."""
    known = dict(headers)
    if b"transfer-encoding" in known:
        return None
    length = known.get(b"content-length", b"0")
    return int(length) if length.isdigit() and len(length) < 20 else None


def allowance(app: Flask, backends: Backends, method: str, path: str, headers: Headers) -> Allowance:
    """What this request may bring; asks the database who is signed in, so only for more than a stranger may bring."""
    token = _token(headers)
    if token is None:
        return Allowance(ANONYMOUS_BYTES)
    with backends.database.read() as session:
        account = sessions.signed_in(session, token)
        inside = gate.viewer_of(session, account).inside
        late = account is None and sessions.ended(session, token) is not None
    if account is None:
        # What was written before a session ended may still come, to be kept until its writer has signed in again.
        return Allowance(SIGNED_IN_BYTES if late else ANONYMOUS_BYTES)
    if inside and _takes_large(app, method, path):
        return Allowance((backends.settings.max_upload_mb + 1) * 1024 * 1024, large=True)
    return Allowance(SIGNED_IN_BYTES)


def _token(headers: Headers) -> str | None:
    for name, value in headers:
        if name == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(COOKIE)
            except CookieError:
                continue
            if found is not None:
                return found.value
    return None


def _takes_large(app: Flask, method: str, path: str) -> bool:
    try:
        endpoint, _ = app.url_map.bind("").match(path, method)
    except HTTPException:  # nothing is there, or it is elsewhere
        return False
    return bool(getattr(app.view_functions.get(endpoint), _LARGE, False))
