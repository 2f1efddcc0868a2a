"""An invitation to record: it can only send, sees nothing, and is over with one press."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from archive.accounts import invitations
from archive.consent.decisions import ConsentGiven
from archive.models import RecorderInvitation, Recording, Testimony
from archive.withdrawal import withdraw as withdrawing
from tests.web.filling import Filling
from tests.web.test_record import ANSWERS, stretch

TUS = {"Tus-Resumable": "1.0.0"}
Enter = Callable[..., FlaskClient]


@pytest.fixture
def steward(app: Flask, signed_in: Enter) -> FlaskClient:
    client = signed_in("steward")
    app.config["WTF_CSRF_ENABLED"] = False
    client.get("/?lang=en")
    return client


def made(steward: FlaskClient, **more: str) -> str:
    """The token of a new invitation's link."""
    page = steward.post("/steward/invitations", data={"label": "WNU, July", "days": "7", "group": "WNU", **more})
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r"/record/with#([\w-]{32})<", page.get_data(as_text=True))
    assert found is not None
    return found[1]


def sent(client: FlaskClient, token: str, content: bytes, number: int = 1) -> tuple[int, dict[str, Any]]:
    who = {"X-Invitation": token}
    begun = client.post("/record/with/uploads", headers={**TUS, **who, "Upload-Length": str(len(content))})
    if begun.status_code != 201:
        return begun.status_code, {}
    head = {**TUS, **who, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    assert client.patch(begun.headers["Location"], headers=head, data=content).status_code == 204
    answer = client.post(
        "/record/with/parcel",
        headers=who,
        json={
            "id": f"{number:032x}",
            "upload": begun.headers["Location"].rsplit("/", 1)[1],
            "sittings": [len(content)],
            "answers": ANSWERS,
            "taps": [{"kind": "out", "start": 500, "end": 900}],
            "described": {"community": "farmer"},
        },
    )
    return answer.status_code, answer.get_json()


def test_it_sends_and_sees_nothing(steward: FlaskClient, client: FlaskClient, filled: Filling, tmp_path: Path) -> None:
    token = made(steward)
    who = {"X-Invitation": token}
    assert set(client.get("/record/with/invitation", headers=who).get_json()) == {"account", "key"}
    status, answer = sent(client, token, stretch(tmp_path, 2))
    assert (status, set(answer)) == (200, {"sha256"})
    with filled.backends.database.read() as session:
        testimony = session.scalars(select(Testimony).order_by(Testimony.created_at.desc()).limit(1)).one()
        assert testimony.collected_by == "WNU"
        (invitation,) = invitations.holding(session)
        assert (invitation.came, token in invitation.token_hash) == (1, False)
    for address in ("/ingest", f"/testimony/{testimony.id}/describe", "/record", "/steward/invitations", "/review"):
        assert client.get(address, headers=who).status_code in {303, 404}
    page = steward.get("/steward/invitations").get_data(as_text=True)
    assert "1 recording has come with it." in page
    assert token not in page


def test_taken_back_it_sends_nothing_more_and_what_came_stays(
    steward: FlaskClient, client: FlaskClient, filled: Filling, tmp_path: Path
) -> None:
    token = made(steward)
    content = stretch(tmp_path, 2)
    assert sent(client, token, content)[0] == 200
    with filled.backends.database.read() as session:
        (invitation,) = invitations.holding(session)
        before = session.scalar(select(func.count()).select_from(Recording))
    never = client.get("/record/with/invitation", headers={"X-Invitation": "never-was"})
    steward.post(f"/steward/invitations/{invitation.id}/take-back")
    gone = client.get("/record/with/invitation", headers={"X-Invitation": token})
    assert (gone.status_code, gone.data) == (never.status_code, never.data) == (404, never.data)
    assert sent(client, token, stretch(tmp_path, 3, pitch=440), 2)[0] == 404
    with filled.backends.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Recording)) == before
        assert invitations.holding(session) == []


def test_what_the_archive_has_or_had_is_answered_alike(
    steward: FlaskClient, client: FlaskClient, filled: Filling, tmp_path: Path
) -> None:
    token = made(steward)
    content = stretch(tmp_path, 2)
    first = sent(client, token, content, 1)
    assert sent(client, token, content, 2) == first  # the same bytes, as another recording
    with filled.backends.database.read() as session:
        testimony = session.scalars(select(Testimony).order_by(Testimony.created_at.desc()).limit(1)).one()
    withdrawing.withdraw(filled.backends, testimony.id, "destroy", ConsentGiven("signed", None))
    assert sent(client, token, content, 3) == first
    with filled.backends.database.read() as session:
        digest = first[1]["sha256"]
        left = select(func.count()).select_from(Recording).join(Testimony).where(Recording.sha256 == digest)
        assert session.scalar(left.where(Testimony.withdrawn_at.is_(None))) == 0


@pytest.mark.parametrize("wrong", [{"days": "0"}, {"days": "61"}, {"days": "x"}, {"group": "all"}])
def test_it_holds_for_some_days_and_for_a_group(steward: FlaskClient, filled: Filling, wrong: dict[str, str]) -> None:
    given = {"label": "", "days": "7", "group": "MB", **wrong}
    assert steward.post("/steward/invitations", data=given).status_code == 400
    with filled.backends.database.read() as session:
        assert session.scalars(select(RecorderInvitation)).all() == []


def test_only_stewards_invite(band: FlaskClient) -> None:
    assert band.get("/steward/invitations").status_code == 404
    assert band.post("/steward/invitations", data={"days": "7", "group": "MB"}).status_code == 404
