"""On the site: what was taken in by mistake is discarded by whoever brought it; a refused file is named and cleared."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.models import AuditEntry, Recording, RefusedUpload, Testimony
from archive.withdrawal import carrying_out
from ingest.jobs import pipeline
from media.refused import Refused
from tests.web.filling import Filling
from tests.web.test_describing import another
from tests.web.test_ingest import form, sound
from web.site import beside


@pytest.fixture(autouse=True)
def _carried_out_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done beside the site is done before the answer here."""
    from web.ingest import discarding

    monkeypatch.setattr(discarding, "purge_beside", lambda: carrying_out.carry_out(beside.backends()))


@pytest.fixture
def member(app: Flask, signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("band")
    client.get("/?lang=en")
    return client


def brought(client: FlaskClient, filled: Filling, seconds: float = 1.0) -> str:
    client.post("/ingest", data=form(client, (sound(seconds), "hen.wav"), title_en="Quillfeather"))
    with filled.backends.database.read() as session:
        return session.scalars(select(Recording.id).where(Recording.original_name == "hen.wav")).one()


def test_whoever_brought_it_discards_it_and_nothing_of_it_is_there(
    app: Flask, member: FlaskClient, filled: Filling
) -> None:
    recording_id = brought(member, filled)
    app.config["WTF_CSRF_ENABLED"] = False
    address = f"/ingest/{recording_id}/discard"
    assert address in member.get("/ingest").get_data(as_text=True)
    page = unescape(member.get(address).get_data(as_text=True))
    assert "Quillfeather" in page
    assert member.post(address, data={}).status_code == 400
    answer = member.post(address, data={"reason": "test"}, follow_redirects=True).get_data(as_text=True)
    assert "It is discarded." in answer
    assert recording_id not in answer
    with filled.backends.database.read() as session:
        assert session.get(Recording, recording_id) is None
        assert session.scalars(select(Testimony.id).where(Testimony.title_en == "Quillfeather")).all() == []
        line = session.scalars(select(AuditEntry).where(AuditEntry.action == "recording.discarded")).one()
        assert line.detail == {"reason": "test"}
    assert member.get(address).status_code == 404


def test_nobody_else_of_the_band_is_asked_or_heard(app: Flask, member: FlaskClient, filled: Filling) -> None:
    recording_id = brought(member, filled)
    app.config["WTF_CSRF_ENABLED"] = False
    other = another(app, filled, "dara")
    address = f"/ingest/{recording_id}/discard"
    assert address not in other.get("/ingest").get_data(as_text=True)
    assert other.get(address).status_code == other.post(address, data={"reason": "test"}).status_code == 404


def test_a_file_refused_after_a_closer_look_is_named_and_cleared(
    app: Flask, member: FlaskClient, filled: Filling
) -> None:
    member.post("/ingest", data=form(member, (sound(0.0), "hen.wav")))
    with filled.backends.database.read() as session:
        recording_id = session.scalars(select(Recording.id).where(Recording.original_name == "hen.wav")).one()
    with pytest.raises(Refused):
        pipeline.run(filled.backends, recording_id)
    page = member.get("/ingest").get_data(as_text=True)
    assert "<strong>hen.wav</strong>" in page
    app.config["WTF_CSRF_ENABLED"] = False
    clear = re.search(r'action="(/ingest/refused/\w+/clear)"', page)
    assert clear is not None
    assert another(app, filled, "dara").post(clear[1]).status_code == 404
    assert member.post(clear[1]).status_code == 303
    assert "hen.wav" not in member.get("/ingest").get_data(as_text=True)
    with filled.backends.database.read() as session:
        assert session.scalars(select(RefusedUpload)).all() == []
        assert all("hen" not in str(entry.detail) for entry in session.scalars(select(AuditEntry)))


def test_a_recording_that_is_here_already_leads_to_its_description(
    app: Flask, member: FlaskClient, filled: Filling
) -> None:
    brought(member, filled)
    answer = member.post("/ingest", data=form(member, (sound(), "again.wav")), follow_redirects=True)
    page = answer.get_data(as_text=True)
    way = re.search(r'again\.wav: The archive has this recording already\. <a href="(/testimony/\w+/describe)"', page)
    assert way is not None
    assert "Quillfeather" in member.get(way[1]).get_data(as_text=True)
