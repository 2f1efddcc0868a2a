"""Asking a world everything, and what is left out when two answers are compared.

Normalised, because they are drawn at random for every browser and say nothing of the archive:

- the value of a hidden `csrf_token` field or of a `data-token`, on a page or in a message for the next page, and of a
  `token` in JSON;
- the signature and the token inside the cookie `forms`; what else the cookie carries, such as a message to be shown on
  the next page, is unpacked and compared;
- the date in a cookie's `Expires`, which is the moment of asking and a year;
- the moments of packing in a zip, such as a .docx: what is packed in it, and under which names, is compared.

The ids of what a request makes are drawn from the request itself, so that they are the same in both worlds.

Everything else is compared as it came: the status line, every header in its order, every byte of the body.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from unittest.mock import patch

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from werkzeug.test import TestResponse

from archive.models import base
from tests.leaks.asking import Ask
from tests.leaks.worlds import World
from web.app import create_app
from web.site import not_found
from web.site.security import limiter
from web.site.viewer import COOKIE

API = "/api/v1/"
Answer = tuple[str, tuple[tuple[str, str], ...], bytes]
_TOKEN = re.compile(rb'((?:name="csrf_token"[^>]*\bvalue|data-token)=")[^"]*')
_JSON_TOKEN = re.compile(rb'("token": ?")[^"]*')
_FORMS = re.compile(r"^forms=([^;]*)")
_ANSWERED = re.compile(rb"(<responseDate>)[^<]*")
_MOMENT = re.compile(rb'<time datetime="([^"]+)">[^<]*</time>')
_EXPIRES = re.compile(r"Expires=(?!Thu, 01 Jan 1970)[^;]*")


def _contents(packed: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(packed)) as inside:
        return b"".join(one.filename.encode() + b"\0" + inside.read(one) for one in inside.infolist())


class Visitor:
    """A browser in one world, of somebody of one role."""

    def __init__(self, world: World, role: str) -> None:
        self.app: Flask = create_app(world.backends)
        self.app.config[not_found.TICK] = 0  # what is compared here is what is answered, and what it cost
        limiter.enabled = False  # thousands of requests in a minute would all be answered alike, with 429
        self.admitted: set[Ask] = set()  # what was let in at the door of its room: a view has seen it
        self._let_in = False
        self.app.view_functions = {name: self._noting(view) for name, view in self.app.view_functions.items()}
        self.client: FlaskClient = self.app.test_client()
        if role != "public":
            self.client.set_cookie(COOKIE, world.tokens[role])
        self._program = world.tokens.get(f"program of {role}", "")
        self._token = ""
        self._asked = 0
        self._began = base.now().isoformat().encode()

    def crawl(self, asks: Iterable[Ask]) -> list[tuple[Ask, Answer]]:
        """Every request with its answer, in order."""
        return [(ask, self.ask(ask)) for ask in asks]

    def ask(self, ask: Ask) -> Answer:
        sent: dict[str, Any] = {"headers": list(ask.headers)}
        if self._program and ask.path.startswith(API) and not ask.headers:
            sent["headers"].append(("Authorization", f"Bearer {self._program}"))
        if ask.document:
            sent |= {"data": ask.document, "content_type": "application/json"}
            sent["headers"] = [*ask.headers, ("X-CSRFToken", self.token())]
        elif ask.method == "POST":
            sent["data"] = {**dict(ask.form), "csrf_token": self.token()}
            if ask.upload:
                sent["data"]["files"] = [(io.BytesIO(ask.upload), "walk.wav")]
        self._asked += 1
        ids = random.Random(f"{self._asked} {ask}")
        self._let_in = False
        with patch.object(base, "secrets", ids), self.client.open(ask.path, method=ask.method, **sent) as response:
            if self._let_in:
                self.admitted.add(ask)
            return self._normalised(response)

    def _noting(self, view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
        @wraps(view)
        def noted(**values: object) -> ResponseReturnValue:
            self._let_in = True
            return view(**values)

        return noted

    def token(self) -> str:
        """A token for forms, as a page of this site gives it."""
        for address in () if self._token else ("/sign-in", "/"):
            found = _TOKEN.search(self.client.get(address).data)
            if found:
                page = self.client.get(address).get_data(as_text=True)
                self._token = re.findall(r'name="csrf_token"[^>]*\bvalue="([^"]*)', page)[0]
                break
        return self._token

    def _normalised(self, response: TestResponse) -> Answer:
        headers = tuple((name, self._header(name, value)) for name, value in response.headers)
        body = response.data
        if body.startswith(b"PK\x03\x04"):
            return response.status, headers, _contents(body)
        body = _ANSWERED.sub(rb"\1", _JSON_TOKEN.sub(rb"\1", _TOKEN.sub(rb"\1", body)))
        return response.status, headers, _MOMENT.sub(self._told_when, body)

    def _told_when(self, moment: re.Match[bytes]) -> bytes:
        """What was written during the crawl was written at another time in the other world."""
        return b"<time>" if moment[1] >= self._began else moment[0]

    def _header(self, name: str, value: str) -> str:
        if name == "X-CSRFToken":
            return ""
        if name != "Set-Cookie":
            return value
        value = _EXPIRES.sub("Expires=", value)
        found = _FORMS.match(value)
        if found is None:
            return value
        serializer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert serializer is not None
        carried = serializer.loads(found[1]) if found[1] else {}
        kept = {key: one for key, one in sorted(carried.items()) if key != "csrf_token"}
        said = _TOKEN.sub(rb"\1", str(kept).encode()).decode()
        return _FORMS.sub(lambda _: f"forms={said}", value)
