"""What browsers are told, and what the site remembers of them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.site import security
from web.site.security import OwnSalt, name_of_browser

PAGES = ("/", "/song/one-length-of-thread", "/sign-in", "/nothing-here")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_forbids_what_is_not_ours(client: FlaskClient, page: str) -> None:
    headers = client.get(page).headers
    policy = dict(part.partition(" ")[::2] for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert all("unsafe" not in value and "http" not in value for value in policy.values())
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "microphone=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_holds_an_inline_script_or_style_or_a_foreign_address(client: FlaskClient, page: str) -> None:
    html = client.get(page).get_data(as_text=True)
    assert not re.search(r"<script(?![^>]* src=| type=.application/ld.json)", html)  # data is not run
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
    asked_for = re.sub(r'<link rel="(?:canonical|alternate)"[^>]*>', "", html)  # said to others, and loaded by nobody
    addresses = re.findall(r'(?:href|src|action)="([^"]*)"', asked_for)
    assert addresses
    assert all(address.startswith(("/", "#")) and not address.startswith("//") for address in addresses)


def test_a_public_page_sets_no_cookie(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/song/one-length-of-thread").headers


def test_the_browser_keeps_nothing_of_a_signed_in_page(signed_in: Callable[..., FlaskClient]) -> None:
    assert signed_in("band").get("/").headers["Cache-Control"] == "no-store"


def test_a_signed_in_page_is_not_compressed_and_a_public_one_is(
    client: FlaskClient, signed_in: Callable[..., FlaskClient]
) -> None:
    ask = {"Accept-Encoding": "gzip, br"}
    assert client.get("/", headers=ask).headers["Content-Encoding"] == "br"
    assert "Content-Encoding" not in signed_in("band").get("/", headers=ask).headers


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"name": "x", "password": "y"})
    assert answer.status_code == 400
    assert "ទម្រង់នេះហួសពេលហើយ" in answer.get_data(as_text=True)


def test_too_many_sign_ins_from_one_place_wait(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    data = {"name": "nobody", "password": ""}
    statuses = [client.post("/sign-in", data=data).status_code for _ in range(12)]
    assert statuses[:10] == [400] * 10
    assert statuses[-1] == 429
    security.limiter.reset()


def test_a_rate_limit_forgets_addresses_every_hour(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    app.extensions[security.SALT] = OwnSalt()
    with app.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.9"}):
        first, again = name_of_browser(), name_of_browser()
        now = security.time.monotonic() + security.SALT_SECONDS + 1
        monkeypatch.setattr(security.time, "monotonic", lambda: now)
        later = name_of_browser()
    assert first == again
    assert later != first
    assert "203.0.113.9" not in first


def test_no_log_holds_an_address_a_browser_or_a_query(
    app: Flask, filled: object, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("web.listening.views.front_page", break_down)
    app.config["TESTING"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with caplog.at_level(logging.DEBUG):
        answer = app.test_client().get(
            "/?q=secret-words",
            headers={"User-Agent": "Canary/1.0"},
            environ_base={"REMOTE_ADDR": "203.0.113.9"},
        )
    assert answer.status_code == 500
    assert "broken on purpose" in caplog.text
    for canary in ("secret-words", "Canary/1.0", "203.0.113.9"):
        assert canary not in caplog.text
        assert canary not in answer.get_data(as_text=True)
    assert "Traceback" not in answer.get_data(as_text=True)


def test_over_https_cookies_are_secure_and_the_browser_stays_there(filled: object) -> None:
    import dataclasses

    from tests.web.filling import Filling
    from web.app import create_app

    assert isinstance(filled, Filling)
    filled.backends.settings = dataclasses.replace(filled.backends.settings, https=True)
    answer = create_app(filled.backends).test_client().get("/sign-in", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]
