"""Accounts on the site: a steward lets people in and shuts them out; everybody looks after their own."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.accounts import accounts, links
from archive.models import Account, AuditEntry
from tests.web.conftest import PASSWORD
from tests.web.filling import Filling

NEW = "a newer and longer one"


@pytest.fixture
def steward(app: Flask, signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("steward")
    app.config["WTF_CSRF_ENABLED"] = False
    return client


def invited(steward: FlaskClient, **said: object) -> str:
    """The address, within the site, of the link that a steward is shown."""
    form = {"name": "sreymom", "display_name": "ស្រីមុំ", "role": "band", "groups": ["MB"], "language": "km", **said}
    answer = steward.post("/steward/accounts", data=form)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    found = re.search(r"http://localhost(/welcome\?key=[\w-]+)", answer.get_data(as_text=True))
    assert found is not None
    return found[1]


def follow(app: Flask, address: str, password: str = NEW, **said: str) -> tuple[FlaskClient, int]:
    client = app.test_client()
    form = {"key": address.partition("key=")[2], "new_password": password, "again": password}
    answer = client.post("/welcome", data={**form, "display_name": "Mom", "speaks": "en", **said})
    return client, answer.status_code


def test_an_invited_member_chooses_a_password_and_signs_in(app: Flask, steward: FlaskClient) -> None:
    address = invited(steward)
    shown = app.test_client().get(address)
    assert shown.headers["Cache-Control"] == "no-store"
    assert "sreymom" in shown.get_data(as_text=True)
    client, status = follow(app, address)
    assert status == 303
    assert client.post("/sign-in", data={"name": "sreymom", "password": NEW}).status_code == 303
    page = client.get("/account").get_data(as_text=True)
    assert "Member of the band" in page
    assert 'href="/account"' in client.get("/").get_data(as_text=True)


def test_a_link_holds_once_and_says_nothing_after(app: Flask, steward: FlaskClient) -> None:
    address = invited(steward)
    assert follow(app, address)[1] == 303
    assert follow(app, address)[1] == 404
    used = app.test_client().get(address)
    never = app.test_client().get("/welcome?key=" + "a" * 43)
    assert used.status_code == never.status_code == 404
    assert used.get_data(as_text=True).replace(address[13:], "") == never.get_data(as_text=True).replace("a" * 43, "")
    assert "sreymom" not in used.get_data(as_text=True)


@pytest.mark.parametrize("said", [{"again": "not the same one"}, {"new_password": "short", "again": "short"}])
def test_a_password_that_cannot_be_leaves_the_link(app: Flask, steward: FlaskClient, said: dict[str, str]) -> None:
    address = invited(steward)
    assert follow(app, address, **said)[1] == 400
    assert follow(app, address)[1] == 303


def test_no_log_holds_the_token_of_a_link(
    app: Flask, steward: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = invited(steward)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)

    def break_down(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(links, "owner", break_down)
    with caplog.at_level(logging.DEBUG):
        assert app.test_client().get(address).status_code == 500
        assert follow(app, address)[1] == 500
    assert "broken on purpose" in caplog.text
    assert address.partition("key=")[2] not in caplog.text


def test_a_steward_disables_enables_and_resets(app: Flask, steward: FlaskClient, filled: Filling) -> None:
    follow(app, invited(steward))
    member = app.test_client()
    member.post("/sign-in", data={"name": "sreymom", "password": NEW})
    with filled.backends.database.read() as session:
        key = accounts.named(session, "sreymom").id
        me = accounts.named(session, "some-steward").id
    steward.post(f"/steward/accounts/{key}/access", data={"deed": "disable"})
    assert member.get("/desk").status_code == 303
    assert member.post("/sign-in", data={"name": "sreymom", "password": NEW}).status_code == 401
    steward.post(f"/steward/accounts/{key}/access", data={"deed": "enable"})
    assert member.post("/sign-in", data={"name": "sreymom", "password": NEW}).status_code == 303
    steward.post(f"/steward/accounts/{key}/role", data={"role": "researcher", "groups": ["WIC"]})
    assert member.get("/desk").status_code == 404
    again = steward.post(f"/steward/accounts/{key}/reset").get_data(as_text=True)
    assert "/welcome?key=" in again
    assert member.post("/sign-in", data={"name": "sreymom", "password": NEW}).status_code == 401
    with filled.backends.database.read() as session:
        told = session.execute(select(AuditEntry.action, AuditEntry.actor_id).where(AuditEntry.actor_id == me))
        assert {row[0] for row in told} == {
            "account.invited",
            "account.disabled",
            "account.enabled",
            "account.role-changed",
            "account.reset",
        }


def test_the_only_steward_cannot_shut_herself_out(steward: FlaskClient, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        me = accounts.named(session, "some-steward")
        for other in session.scalars(select(Account).where(Account.role == "steward", Account.id != me.id)):
            accounts.disable(session, other)
    for path, form in (
        ("access", {"deed": "disable"}),
        ("role", {"role": "band"}),
        ("reset", {}),
    ):
        answer = steward.post(f"/steward/accounts/{me.id}/{path}", data=form)
        assert answer.status_code == 409
        assert "អ្នកថែរក្សាតែម្នាក់" in answer.get_data(as_text=True)
    assert steward.get("/steward").status_code == 200


def test_an_account_that_cannot_be_is_said_beside_the_form(steward: FlaskClient) -> None:
    for said, words in (
        ({"name": "some-steward"}, "រួចហើយ"),
        ({"name": "srey mom"}, "អក្សរឡាតាំងតូច"),
        ({"name": "new", "role": "king"}, "ជ្រើសការងារ"),
    ):
        answer = steward.post("/steward/accounts", data={"display_name": "x", "role": "band", "language": "km", **said})
        assert answer.status_code == 400
        assert words in answer.get_data(as_text=True)


@pytest.mark.parametrize("role", ["band", "researcher"])
def test_others_find_no_accounts_there(app: Flask, signed_in: Callable[..., FlaskClient], role: str) -> None:
    client = signed_in(role)
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.get("/steward/accounts").status_code == 404
    assert client.post("/steward/accounts", data={"name": "x", "role": "steward"}).status_code == 404


def test_everybody_changes_their_own_name_language_and_password(
    app: Flask, signed_in: Callable[..., FlaskClient]
) -> None:
    client = signed_in("band")
    app.config["WTF_CSRF_ENABLED"] = False
    other = app.test_client()
    other.post("/sign-in", data={"name": "some-band", "password": PASSWORD})
    assert "where you are signed in" not in client.get("/account").get_data(as_text=True).lower()
    client.post("/account/name", data={"display_name": "Sokha of the band", "speaks": "en"})
    page = client.get("/account").get_data(as_text=True)
    assert "Sokha of the band" in page
    assert "Where you are signed in" in page
    wrong = client.post("/account/password", data={"old_password": "wrong", "new_password": NEW, "again": NEW})
    assert wrong.status_code == 403
    right = client.post("/account/password", data={"old_password": PASSWORD, "new_password": NEW, "again": NEW})
    assert right.status_code == 303
    assert client.get("/desk").status_code == 200
    assert other.get("/desk").status_code == 303
    assert other.post("/sign-in", data={"name": "some-band", "password": NEW}).status_code == 303
    client.post("/account/sessions", data={"which": "others"})
    assert other.get("/desk").status_code == 303


def test_the_language_of_an_account_is_spoken_where_nobody_chose_another(app: Flask, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        accounts.create(session, "ann", PASSWORD, "researcher", language="en")
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/sign-in", data={"name": "ann", "password": PASSWORD})
    assert '<html lang="en">' in client.get("/").get_data(as_text=True)
    assert '<html lang="km">' in client.get("/?lang=km").get_data(as_text=True)
    assert '<html lang="km">' in client.get("/").get_data(as_text=True)


def test_nobody_has_an_account_page_without_an_account(client: FlaskClient) -> None:
    answer = client.get("/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/account")
