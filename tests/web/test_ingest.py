"""Handing recordings in on the site: who may, what comes of it, and what is refused without a trace."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from archive.models import Narrator, Permission, Recording, StageRun, Testimony, now
from ingest.jobs import pipeline
from tests.web.filling import Filling
from web.app import create_app


def sound(seconds: float = 1.0) -> io.BytesIO:
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x00\x10" * int(8000 * seconds))
    held.seek(0)
    return held


def token(client: FlaskClient, address: str = "/ingest") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).get_data(as_text=True))
    assert found is not None
    return found[1]


def form(client: FlaskClient, *files: tuple[io.BytesIO, str], **fields: str) -> dict[str, object]:
    said = {"community": "farmer", "consent": "band-only", "consent_method": "signed", "language": "km"}
    return {"csrf_token": token(client), **said, **fields, "files": list(files)}


def recordings(filled: Filling) -> int:
    with filled.backends.database.read() as session:
        return session.scalar(select(func.count()).select_from(Recording)) or 0


def left_behind(filled: Filling) -> list[Path]:
    folder = filled.backends.settings.data / "uploads"
    return list(folder.iterdir()) if folder.exists() else []


@pytest.fixture
def band(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    return signed_in("band", ("MB",))


def test_a_stranger_is_asked_to_sign_in_and_told_nothing(client: FlaskClient, filled: Filling) -> None:
    room = client.get("/ingest")
    assert room.status_code == 303
    assert room.headers["Location"] == "/sign-in?next=/ingest"
    recording = next(iter(filled.testimonies.values()))
    unknown = client.get("/no-such-room")
    for address in ("/ingest/progress", f"/ingest/row/{recording}"):
        answer = client.get(address)
        assert (answer.status_code, answer.data) == (404, unknown.data)


def test_a_stranger_s_file_is_not_even_written_down(client: FlaskClient, filled: Filling) -> None:
    before = recordings(filled)
    answer = client.post("/ingest", data={"files": (sound(), "a.wav")})
    assert answer.status_code == 404
    assert recordings(filled) == before
    assert not (filled.backends.settings.data / "uploads").exists()


def test_a_file_in_any_other_form_is_turned_away(client: FlaskClient, filled: Filling) -> None:
    answer = client.post("/sign-in", data={"name": "x", "password": "y", "files": (sound(), "a.wav")})
    assert answer.status_code in {400, 413}
    assert not (filled.backends.settings.data / "uploads").exists()


def test_a_researcher_finds_no_such_room(signed_in: Callable[..., FlaskClient], filled: Filling) -> None:
    researcher = signed_in("researcher")
    assert researcher.get("/ingest").status_code == 404
    sent = {"files": (sound(), "a.wav"), "csrf_token": token(researcher, "/")}
    assert researcher.post("/ingest", data=sent).status_code == 404


def test_the_token_is_asked_for(band: FlaskClient, filled: Filling) -> None:
    before = recordings(filled)
    sent = form(band, (sound(), "a.wav"))
    sent.pop("csrf_token")
    assert band.post("/ingest", data=sent).status_code == 400
    assert recordings(filled) == before


def test_files_come_in_with_what_was_said_of_them(band: FlaskClient, filled: Filling) -> None:
    files = [(sound(1.0), "one.wav"), (sound(1.5), "two.wav")]
    answer = band.post("/ingest", data=form(band, *files, title_en="At the well", consent="listed-sealed"))
    assert answer.status_code == 303
    with filled.backends.database.read() as session:
        found = session.scalars(select(Testimony).where(Testimony.title_en.like("At the well%"))).all()
        assert sorted(one.title_en for one in found) == ["At the well · 1", "At the well · 2"]
        assert {one.narrator.community for one in found} == {"farmer"}
        assert {one.recording.original_name for one in found} == {"one.wav", "two.wav"}
        public = session.scalars(
            select(Permission.form).where(Permission.testimony_id == found[0].id, Permission.audience == "public")
        ).all()
        assert public == ["existence"]
    assert left_behind(filled) == []
    page = unescape(band.get("/ingest?lang=en").get_data(as_text=True))
    assert "At the well · 1" in page
    assert "Waiting its turn" in page


def test_a_recording_is_tied_to_the_narrator_who_was_chosen_and_else_to_a_new_one(
    band: FlaskClient, filled: Filling
) -> None:
    with filled.backends.database.read() as session:
        known = session.scalars(select(Narrator).order_by(Narrator.id)).all()
    chosen = known[0]
    said = {"narrator_km": chosen.pseudonym_km, "narrator_en": chosen.pseudonym_en}
    files = [(sound(1.0), "hers.wav"), (sound(1.5), "another.wav")]
    assert band.post("/ingest", data=form(band, files[0], **said, narrator=chosen.id)).status_code == 303
    assert band.post("/ingest", data=form(band, files[1], **said)).status_code == 303
    refused = band.post("/ingest", data=form(band, (sound(2.0), "x.wav"), narrator="nobodyknowsit0"))
    assert refused.status_code == 400
    with filled.backends.database.read() as session:
        tied = {
            one.recording.original_name: one.narrator_id
            for one in session.scalars(select(Testimony))
            if one.recording.original_name in {"hers.wav", "another.wav", "x.wav"}
        }
    assert tied["hers.wav"] == chosen.id
    assert tied["another.wav"] not in {one.id for one in known}
    assert "x.wav" not in tied


def test_the_same_sound_is_taken_in_once(band: FlaskClient, filled: Filling) -> None:
    accept = {"Accept": "application/json"}
    first = band.post("/ingest", data=form(band, (sound(), "a.wav")), headers=accept).get_json()
    again = band.post("/ingest", data=form(band, (sound(), "b.wav")), headers=accept).get_json()
    assert [first["taken"][0]["kind"], again["taken"][0]["kind"]] == ["new", "known"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"These are only words.", "text, not sound"),
        (b"", "empty"),
        (b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "list of files"),
    ],
    ids=["text", "empty", "playlist"],
)
def test_what_is_no_recording_is_refused_in_words_and_nothing_stays(
    band: FlaskClient, filled: Filling, content: bytes, words: str
) -> None:
    before, blobs = recordings(filled), set(filled.backends.store.keys())
    band.get("/?lang=en")
    sent = form(band, (io.BytesIO(content), "x.mp3"))
    answer = band.post("/ingest", data=sent, headers={"Accept": "application/json"}).get_json()
    assert answer["taken"][0]["kind"] == "refused"
    assert words in answer["taken"][0]["words"]
    assert recordings(filled) == before
    assert set(filled.backends.store.keys()) == blobs
    assert left_behind(filled) == []


def test_a_file_over_the_limit_is_turned_away(
    filled: Filling, app: Flask, signed_in: Callable[..., FlaskClient]
) -> None:
    band = signed_in("band")
    small = replace(filled.backends.settings, max_upload_mb=1)
    tight = create_app(replace(filled.backends, settings=small)).test_client()
    for cookie in ("messenger", "forms"):
        held = band.get_cookie(cookie)
        if held is not None:
            tight.set_cookie(cookie, held.value)
    parts = [f'name="csrf_token"\r\n\r\n{token(tight)}', f'name="files"; filename="a.wav"\r\n\r\n{"0" * 2_000_000}']
    body = "".join(f"--cut\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + "--cut--\r\n"
    answer = tight.post("/ingest", data=body.encode(), content_type="multipart/form-data; boundary=cut")
    assert answer.status_code == 413
    assert left_behind(filled) == []


def test_a_community_and_a_file_are_needed(band: FlaskClient) -> None:
    band.get("/?lang=en")
    accept = {"Accept": "application/json"}
    assert "Choose a recording" in band.post("/ingest", data=form(band), headers=accept).get_json()["wrong"]
    sent = form(band, (sound(), "a.wav"), community="")
    assert "community" in band.post("/ingest", data=sent, headers=accept).get_json()["wrong"]


def test_progress_says_which_stage_and_how_long(band: FlaskClient, filled: Filling) -> None:
    band.get("/?lang=en")
    band.post("/ingest", data=form(band, (sound(), "a.wav"), title_en="Slow"))
    with filled.backends.database.write() as session:
        one = session.scalars(select(Recording).where(Recording.original_name == "a.wav")).one()
        one.state = "working"
        for name in ("receive", "probe", "derive"):
            session.add(StageRun(recording_id=one.id, stage=name, version=1, state="done", progress=1.0))
        begun = now() - timedelta(minutes=10)
        session.add(
            StageRun(
                recording_id=one.id, stage="transcribe", version=1, state="running", progress=0.5, started_at=begun
            )
        )
    told = next(r for r in band.get("/ingest/progress").get_json()["recordings"] if r["title"] == "Slow")
    assert told["stage"] == "transcribe"
    assert told["left"] == "about 10 minutes left"
    assert told["progress"] == pytest.approx(
        0.53, abs=0.02
    )  # by the time stages take, of which this is by far the longest
    assert "Writing down the words" in band.get(f"/ingest/row/{told['id']}").get_data(as_text=True)


def test_stopping_can_be_undone(band: FlaskClient, filled: Filling) -> None:
    band.post("/ingest", data=form(band, (sound(), "a.wav")))
    with filled.backends.database.read() as session:
        recording_id = session.scalars(select(Recording.id).where(Recording.original_name == "a.wav")).one()

    def state() -> str:
        with filled.backends.database.read() as session:
            return session.get_one(Recording, recording_id).state

    key = {"csrf_token": token(band)}
    assert band.post(f"/ingest/{recording_id}/stop").status_code == 400
    assert band.post(f"/ingest/{recording_id}/stop", data=key).status_code == 303
    assert state() == "cancelled"
    assert f'action="/ingest/{recording_id}/go-on"' in band.get("/ingest").get_data(as_text=True)
    assert band.post(f"/ingest/{recording_id}/go-on", data=key).status_code == 303
    assert state() == "waiting"
    assert not pipeline.retry(filled.backends, recording_id)


def test_one_group_s_work_is_not_told_to_who_may_not_know_of_it(
    band: FlaskClient, signed_in: Callable[..., FlaskClient], filled: Filling
) -> None:
    """A testimony that the band may not know of is in nobody's list but a steward's."""
    told = next(iter(filled.testimonies.values()))
    with filled.backends.database.write() as session:
        for one in session.scalars(select(Permission).where(Permission.testimony_id == told)):
            session.delete(one)
        recording_id = session.get_one(Testimony, told).recording_id
    listed = {one["id"] for one in band.get("/ingest/progress").get_json()["recordings"]}
    assert recording_id not in listed
    assert band.post(f"/ingest/{recording_id}/stop", data={"csrf_token": token(band)}).status_code == 404
    steward = {one["id"] for one in signed_in("steward").get("/ingest/progress").get_json()["recordings"]}
    assert recording_id in steward
