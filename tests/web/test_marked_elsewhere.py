"""Whoever marks words is shown the titles and summaries that have them too, in either room, and decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.models import Segment, Testimony, TranscriptVersion
from tests.web.filling import Filling

SAID = "the-day-the-line-fell"


@pytest.fixture
def steward(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("steward", ("MB",))
    client.get("/?lang=en")
    return client


@pytest.fixture
def told(filled: Filling) -> str:
    """Its title and its summary repeat the beginning of its first segment."""
    with filled.backends.database.write() as session:
        testimony = session.get_one(Testimony, filled.testimonies[SAID])
        versions = select(TranscriptVersion.id).where(TranscriptVersion.testimony_id == testimony.id)
        first = session.scalars(
            select(Segment).where(Segment.version_id.in_(versions)).order_by(Segment.position).limit(1)
        ).one()
        testimony.title_km, testimony.synopsis_km = first.text[:200], first.text
        return testimony.id


def shown(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def send(client: FlaskClient, address: str, **form: str) -> int:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/steward").get_data(as_text=True))
    assert token is not None
    return client.post(address, data=form | {"csrf_token": token[1]}).status_code


def test_a_steward_s_mark_is_followed_by_the_question_until_it_is_answered(
    steward: FlaskClient, filled: Filling, told: str
) -> None:
    assert "Marked words elsewhere" not in shown(steward, "/steward")
    assert send(steward, f"/steward/testimony/{told}/mark", from_s="0", to_s="4", reason="name") == 303
    assert "Marked words elsewhere" in shown(steward, "/steward")
    assert "2 titles or summaries have marked words" in shown(steward, f"/steward/testimony/{told}")
    page = shown(steward, f"/review/{told}/marked")
    assert "<mark>" in page
    assert "▇▇▇" in page, "a way to write it is proposed"
    settle = f"/review/{told}/marked"
    assert send(steward, settle, answer="keep", place="testimony", field="synopsis_km") == 303
    assert send(steward, settle, answer="change", place="testimony", field="title_km", text="ថ្ងៃនោះ") == 303
    assert "There is nothing to decide" in shown(steward, settle)
    assert "Marked words elsewhere" not in shown(steward, "/steward")
    with filled.backends.database.read() as session:
        assert session.get_one(Testimony, told).title_km == "ថ្ងៃនោះ"
    assert "ថ្ងៃនោះ" in shown(steward, f"/testimony/{told}/describe"), "with its history, and the way back"
    assert send(steward, settle, answer="keep", place="testimony", field="title_km") == 404


def test_a_member_who_marks_in_the_editor_is_told_and_decides(
    signed_in: Callable[..., FlaskClient], filled: Filling, told: str
) -> None:
    member = signed_in("band", ("MB",))
    member.get("/?lang=en")
    with filled.backends.database.read() as session:
        versions = select(TranscriptVersion.id).where(TranscriptVersion.testimony_id == told)
        version = session.scalars(versions.where(TranscriptVersion.translates_id.is_(None))).first()
    editor = member.get(f"/review/edit/{version}").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', editor)
    assert token is not None
    assert re.search(r'class="notice elsewhere" role="status" hidden', editor)
    answer = member.post(
        f"/review/edit/{version}/mark",
        json={"start": 0, "end": 4000, "reason": "name"},
        headers={"X-CSRFToken": token[1]},
    )
    assert answer.get_json()["elsewhere"] == 2
    assert not re.search(r'class="notice elsewhere" role="status" hidden', shown(member, f"/review/edit/{version}"))
    assert "<mark>" in shown(member, f"/review/{told}/marked")


def test_it_is_nobody_s_outside_the_band(client: FlaskClient, signed_in: Callable[..., FlaskClient], told: str) -> None:
    unknown = client.get("/no-such-room").data
    assert client.get(f"/review/{told}/marked").data == unknown
    assert signed_in("researcher").get(f"/review/{told}/marked").status_code == 404
