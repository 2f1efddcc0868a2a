"""Asking for access: for a project and until a day, answered with terms, told before it ends, and over when it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from archive import time_zone
from archive.access import gate
from archive.access.rule import Grant
from archive.accounts import access_requests
from archive.consent import decisions
from archive.consent.decisions import ConsentGiven
from archive.models import AccessRequest, Account, Permission, Testimony, now
from tests.web.filling import Filling

SAID = "the-day-the-line-fell"
TERMS = "Quote in print only after writing to us."


@pytest.fixture
def told(filled: Filling) -> str:
    """A testimony that is listed for everybody and read by researchers let in by name."""
    testimony_id = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        session.execute(delete(Permission).where(Permission.testimony_id == testimony_id))
        grants = [
            Grant("existence", "public"),
            Grant("existence", "researcher"),
            Grant("full_transcript", "researcher"),
        ]
        decisions.grant(session, testimony_id, grants, ConsentGiven("signed", None))
    return testimony_id


@pytest.fixture
def clients(signed_in: Callable[..., FlaskClient], told: str) -> tuple[FlaskClient, FlaskClient]:
    found = signed_in("researcher"), signed_in("steward")
    for one in found:
        one.application.config["WTF_CSRF_ENABLED"] = False
        one.get("/?lang=en")
    return found


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(unescape(answer.get_data(as_text=True)).split())


def today() -> date:
    return time_zone.day_of(now())


def request_of(filled: Filling) -> AccessRequest:
    with filled.backends.database.read() as session:
        found = session.scalars(select(AccessRequest).order_by(AccessRequest.asked_at.desc())).first()
        assert found is not None
        session.expunge(found)
        return found


def ends(filled: Filling, moment: datetime) -> None:
    with filled.backends.database.write() as session:
        session.get_one(AccessRequest, request_of(filled).id).until = moment


def readable(filled: Filling, told: str) -> bool:
    with filled.backends.database.read() as session:
        who = session.scalars(select(Account).where(Account.name == "some-researcher")).one()
        return bool(gate.may(session, gate.viewer_of(session, who), told, "full_transcript"))


def test_a_researcher_asks_with_a_project_and_a_day_and_a_steward_answers_with_terms(
    filled: Filling, clients: tuple[FlaskClient, FlaskClient], told: str
) -> None:
    researcher, steward = clients
    wanted = today() + timedelta(days=200)
    asked = {"purpose": "Debts of health", "project": "A thesis", "until": wanted.isoformat()}
    assert "Nothing asked for yet" in page(researcher, "/account/access")
    researcher.post(f"/testimony/{told}/ask", data=asked)
    room = page(steward, "/steward")
    assert "A thesis" in room
    assert f'type="date" value="{wanted.isoformat()}"' in room
    until = today() + timedelta(days=90)
    given = {"answer": "granted", "words": TERMS, "until": until.isoformat()}
    steward.post(f"/steward/request/{request_of(filled).id}", data=given)
    assert readable(filled, told)
    for address in (f"/testimony/{told}", "/account/access"):
        shown = page(researcher, address)
        assert TERMS in shown
        assert "A steward has let you in by name." in shown
        assert re.search(rf"Until [^<]*\b{until.year}", shown)
    assert "begins to close" not in page(researcher, "/account")
    assert 'name="purpose"' not in page(researcher, f"/testimony/{told}"), "there is nothing to ask for"


def test_it_is_told_before_it_ends_and_is_over_then_and_can_be_asked_for_again(
    filled: Filling, clients: tuple[FlaskClient, FlaskClient], told: str
) -> None:
    researcher, steward = clients
    researcher.post(f"/testimony/{told}/ask", data={"purpose": "Debts of health"})
    first = request_of(filled)
    steward.post(f"/steward/request/{first.id}", data={"answer": "granted", "words": "", "until": ""})
    ends(filled, now() + timedelta(days=5))
    for address in ("/account", "/account/access", "/collections", f"/testimony/{told}"):
        assert "begins to close after" in page(researcher, address)
    ends(filled, now() - timedelta(seconds=1))
    assert not readable(filled, told), "it is over on the next request"
    assert "begins to close" not in page(researcher, "/account")
    assert "That is over." in page(researcher, f"/testimony/{told}")
    assert "some-researcher" not in page(steward, f"/steward/testimony/{told}")
    researcher.post(f"/testimony/{told}/ask", data={"purpose": "The same, once more"})
    again = request_of(filled)
    assert again.id != first.id
    steward.post(f"/steward/request/{again.id}", data={"answer": "granted"})
    assert readable(filled, told)


def test_a_day_that_is_over_is_refused_in_a_sentence(
    filled: Filling, clients: tuple[FlaskClient, FlaskClient], told: str
) -> None:
    researcher, steward = clients
    past = (today() - timedelta(days=1)).isoformat()
    answer = researcher.post(
        f"/testimony/{told}/ask", data={"purpose": "x", "until": past}, follow_redirects=True
    ).get_data(as_text=True)
    assert "That day is over." in answer
    researcher.post(f"/testimony/{told}/ask", data={"purpose": "x", "until": today().isoformat()})
    given = {"answer": "granted", "until": past}
    said = steward.post(f"/steward/request/{request_of(filled).id}", data=given, follow_redirects=True)
    assert "That day is over." in said.get_data(as_text=True)
    assert request_of(filled).state == "open"
    given = {"answer": "granted", "until": "soon"}
    assert steward.post(f"/steward/request/{request_of(filled).id}", data=given).status_code == 404


def test_what_is_taken_back_is_not_told_among_what_was_asked_for(
    filled: Filling, clients: tuple[FlaskClient, FlaskClient], told: str
) -> None:
    researcher, steward = clients
    researcher.post(f"/testimony/{told}/ask", data={"purpose": "Debts of health"})
    steward.post(f"/steward/request/{request_of(filled).id}", data={"answer": "granted"})
    ends(filled, now() + timedelta(days=5))
    with filled.backends.database.write() as session:
        session.get_one(Testimony, told).withdrawn_at = now()
    assert "Nothing asked for yet" in page(researcher, "/account/access")
    assert "begins to close" not in page(researcher, "/account")


def test_the_page_is_a_researcher_s(clients: tuple[FlaskClient, FlaskClient], client: FlaskClient) -> None:
    assert clients[1].get("/account/access").status_code == 404
    assert client.get("/account/access").status_code == 303


def test_what_is_granted_anew_ends_what_was_granted_before(filled: Filling, told: str, clients: object) -> None:
    with filled.backends.database.write() as session:
        who = session.scalars(select(Account).where(Account.name == "some-researcher")).one()
        steward = session.scalars(select(Account).where(Account.name == "some-steward")).one()
        first = access_requests.ask(session, who, told, "a thesis")
        access_requests.answer(session, first.id, steward, granted=True, until=today() + timedelta(days=3))
        second = access_requests.ask(session, who, told, "the same thesis")
        access_requests.answer(session, second.id, steward, granted=True)
        assert first.ended
        assert access_requests.ends_soon(session, who) is None
        assert access_requests.last_of(access_requests.asked_by(session, who), told) is second
        assert not access_requests.may_ask_again(second)
