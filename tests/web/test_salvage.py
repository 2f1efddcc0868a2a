"""A recording that was cut off: what can be heard of it is offered, with what is missing, and taken at a word."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.models import AuditEntry, Recording, Testimony
from ingest.jobs import pipeline
from ingest.stages import derive, probe, receive
from tests.web.filling import Filling
from tests.web.test_ingest import form, sound

FIRST = (receive, probe, derive)


@pytest.fixture
def member(app: Flask, signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("band")
    client.get("/?lang=en")
    return client


def cut(client: FlaskClient, filled: Filling) -> str:
    """Twelve seconds were recorded, of which four were copied."""
    content = sound(12.0).read()
    client.post("/ingest", data=form(client, (io.BytesIO(content[: len(content) // 3]), "hen.wav")))
    with filled.backends.database.read() as session:
        return session.scalars(select(Recording.id).where(Recording.original_name == "hen.wav")).one()


def test_what_is_there_is_offered_taken_and_said_to_end_early(app: Flask, member: FlaskClient, filled: Filling) -> None:
    recording_id = cut(member, filled)
    with pytest.raises(pipeline.StageFailed, match="cut off"):
        pipeline.run(filled.backends, recording_id, stages=FIRST)
    page = member.get("/ingest").get_data(as_text=True)
    assert "The file is cut off: 0:03 of it can be heard." in page
    assert "About 0:08 are missing." in page
    app.config["WTF_CSRF_ENABLED"] = False
    assert member.post(f"/ingest/{recording_id}/salvage").status_code == 303
    pipeline.run(filled.backends, recording_id, stages=FIRST)
    with filled.backends.database.read() as session:
        recording = session.get_one(Recording, recording_id)
        told = session.scalars(select(Testimony.id).where(Testimony.recording_id == recording_id)).one()
        assert recording.listening_key
        assert recording.salvaged
        assert 3900 < (recording.duration_ms or 0) < 4100
        assert 7900 < (recording.missing_ms or 0) < 8100
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "recording.salvaged")).one()
    page = member.get(f"/testimony/{told}").get_data(as_text=True)
    assert "The recording was cut off; its end is missing." in page
    assert member.post(f"/ingest/{recording_id}/salvage").status_code == 303, "asked twice, it is done once"


def test_who_would_rather_copy_it_again_discards_it(app: Flask, member: FlaskClient, filled: Filling) -> None:
    recording_id = cut(member, filled)
    with pytest.raises(pipeline.StageFailed):
        pipeline.run(filled.backends, recording_id, stages=FIRST)
    app.config["WTF_CSRF_ENABLED"] = False
    assert f"/ingest/{recording_id}/discard" in member.get("/ingest").get_data(as_text=True)
    assert member.post(f"/ingest/{recording_id}/discard", data={"reason": "wrong-file"}).status_code == 303
