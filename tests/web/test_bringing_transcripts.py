"""Transcripts brought in on the site: what is told of them, a tape's clock, and OHMS out and in again."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.catalogue import index_points
from archive.catalogue.index_points import PointEntry
from archive.catalogue.thesaurus import load_thesaurus
from archive.models import Segment, Testimony, TranscriptVersion
from archive.transcripts import transcript_versions
from tests.web.filling import Filling

SignedIn = Callable[..., FlaskClient]
SAID = "the-day-the-line-fell"
TAPE = b"WEBVTT\n\n01:00:01.000 --> 01:00:03.000\n<v S1>We left.\n\n01:00:05.000 --> 01:00:04.000\nWhy?\n"


@pytest.fixture
def band(signed_in: SignedIn) -> FlaskClient:
    client = signed_in("band", ("MB",))
    client.application.config["WTF_CSRF_ENABLED"] = False
    client.get("/?lang=en")
    return client


def bring(client: FlaskClient, told: str, name: str, data: bytes, **form: str) -> str:
    """The page that somebody sees who has brought a file."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"/review/{told}").get_data(as_text=True))
    assert token is not None
    content = {"transcript": (io.BytesIO(data), name), "csrf_token": token[1], "language": "en", **form}
    answer = client.post(f"/review/{told}/bring", data=content, content_type="multipart/form-data")
    return client.get(answer.headers["Location"]).get_data(as_text=True)


def test_a_tape_s_clock_is_offered_to_be_taken_away(band: FlaskClient, filled: Filling) -> None:
    told = filled.testimonies[SAID]
    page = bring(band, told, "tape.vtt", TAPE)
    assert "begin at 01:00:00, as on a tape" in page
    assert 'name="shift" value="1:00:00"' in page
    assert "hours:minutes:seconds" in bring(band, told, "tape.vtt", TAPE, shift="an hour")
    page = bring(band, told, "tape.vtt", TAPE, shift="1:00:00")
    assert "2 segments came in" in page
    assert "Passages that ended before they began: 1" in page
    with filled.backends.database.read() as session:
        newest = session.scalars(select(TranscriptVersion).order_by(TranscriptVersion.made_at.desc())).first()
        assert newest is not None
        assert [(one.start_ms, one.text) for one in newest.segments] == [(1000, "We left."), (5000, "Why?")]


def test_an_interview_leaves_as_ohms_and_comes_back(band: FlaskClient, filled: Filling) -> None:
    told = filled.testimonies[SAID]
    texts = {"title_km": "បំណុល", "title_en": "Debt & rice", "synopsis_en": "She tells of it."}
    with filled.backends.database.write() as session:
        load_thesaurus(session)
        index_points.set_point(session, told, PointEntry(4000, texts, ("debt",)), None)
        version = transcript_versions.current(session, told, approved_only=True)
        assert version is not None
        version_id = version.id
        said = [(one.start_ms, one.end_ms, one.text) for one in version.segments]
    file = band.post(f"/testimony/{told}/transcript", data={"kind": "xml", "version": version_id})
    assert file.headers["Content-Disposition"].endswith('.xml"')
    with filled.backends.database.write() as session:
        for point in index_points.points_of(session, told):
            index_points.remove(session, point, None)
    for moments in ("1 moment came in", "0 moments came in"):
        assert moments in bring(band, told, "interview.xml", file.data, language="km")
    with filled.backends.database.read() as session:
        [point] = index_points.points_of(session, told)
        assert (point.start_ms, point.title_km, point.title_en) == (4000, "បំណុល", "Debt & rice")
        assert (point.synopsis_en, point.terms) == ("She tells of it.", ["debt"])
        newest = session.scalars(select(TranscriptVersion).order_by(TranscriptVersion.made_at.desc())).first()
        assert newest is not None
        rows = session.scalars(select(Segment).where(Segment.version_id == newest.id).order_by(Segment.start_ms))
        assert [(one.start_ms, one.end_ms, one.text) for one in rows] == said


def test_what_ails_a_sound_is_said_where_its_words_are_corrected(band: FlaskClient, filled: Filling) -> None:
    told = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        session.get_one(Testimony, told).recording.findings = "dead-right hum"
    page = band.get(f"/review/{told}?lang=en").get_data(as_text=True)
    assert "There is nothing on the right channel" in page
    assert "It hums" in page
