"""Signing in tells nothing when it fails, and signing out is for good."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from archive.accounts import accounts
from tests.web.conftest import PASSWORD
from tests.web.filling import Filling


def send(client: FlaskClient, name: str, password: str, address: str = "/sign-in", **more: str) -> tuple[int, str, str]:
    page = client.get(address).get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    answer = client.post(address, data={"csrf_token": token[1], "name": name, "password": password, **more})
    shown = re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True))
    return answer.status_code, answer.headers.get("Location", ""), shown


def member(filled: Filling) -> None:
    with filled.backends.database.write() as session:
        accounts.create(session, "sokha", PASSWORD, "band", display_name="សុខា")


def test_a_member_signs_in_and_out_and_the_old_cookie_opens_nothing(app: Flask, filled: Filling) -> None:
    member(filled)
    client = app.test_client()
    status, to, _ = send(client, "Sokha ", PASSWORD)
    assert (status, to) == (303, "/")
    home = client.get("/").get_data(as_text=True)
    assert "សុខា" in home
    cookie = client.get_cookie("messenger")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.max_age is None
    token = re.search(r'name="csrf_token" value="([^"]+)"', home)
    assert token is not None
    out = client.post("/sign-out", data={"csrf_token": token[1]})
    assert out.headers["Clear-Site-Data"] == '"cache"'
    client.set_cookie("messenger", cookie.value)
    assert "សុខា" not in client.get("/").get_data(as_text=True)


def test_a_wrong_password_and_a_wrong_name_are_answered_alike(app: Flask, filled: Filling) -> None:
    member(filled)
    client = app.test_client()
    wrong_password = send(client, "sokha", "not the right one")
    wrong_name = send(client, "nobody", "not the right one")
    assert wrong_password == wrong_name
    assert wrong_password[0] == 401


def test_signing_in_goes_back_to_the_page_it_came_from_and_to_no_other_site(app: Flask, filled: Filling) -> None:
    member(filled)
    for wanted, expected in (
        ("/song/one-length-of-thread", "/song/one-length-of-thread"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
    ):
        client = app.test_client()
        assert send(client, "sokha", PASSWORD, f"/sign-in?next={wanted}")[1] == expected
