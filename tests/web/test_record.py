"""What the recorder sends comes in once, with what was agreed, and silent where it was to be silent from the start."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from archive.access import gate
from archive.access import sound as sounds
from archive.access.gate import PUBLIC
from archive.consent import decisions, redaction
from archive.models import IndexPoint, RecorderArrival, Recording, TappedMoment, Testimony
from archive.timing import Utterance
from archive.transcripts import reviewing, transcript_versions
from ingest.jobs import pipeline
from ingest.stages import derive, receive, redact
from ingest.stages import probe as probing
from media import tags
from media.decode import probe, read_mono
from media.ffmpeg import binary
from tests.web.filling import Filling

TUS = {"Tus-Resumable": "1.0.0"}
Enter = Callable[..., FlaskClient]
ANSWERS = [
    {"question": "hear", "answer": "everyone", "start": 0, "end": 1500},
    {"question": "name", "answer": "none", "start": 1500, "end": 2500},
]


def stretch(folder: Path, seconds: int, kind: str = "webm", pitch: int = 330) -> bytes:
    """As a browser writes it: without a length in its head, and with what it says of the device."""
    path = folder / f"{pitch}.{kind}"
    shape = {
        "webm": ["-c:a", "libopus", "-f", "webm", "-live", "1"],
        "mp4": ["-c:a", "aac", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "500000"],
    }[kind]
    source = ["-f", "lavfi", "-i", f"sine=f={pitch}:d={seconds}:r=48000"]
    said = ["-metadata", "title=Theary’s telephone", "-metadata", "location=+11.5564+104.9282/"]
    subprocess.run([binary(), "-v", "error", "-y", *source, *said, *shape, str(path)], check=True)
    return path.read_bytes()


def sent(client: FlaskClient, content: bytes) -> str:
    begun = client.post("/ingest/uploads", headers={**TUS, "Upload-Length": str(len(content))})
    head = {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    client.patch(begun.headers["Location"], headers=head, data=content)
    return begun.headers["Location"].rsplit("/", 1)[1]


def parcel(client: FlaskClient, upload: str, sittings: list[int], **more: Any) -> TestResponse:
    told: dict[str, Any] = {
        "id": "ab" * 16,
        "upload": upload,
        "language": "km",
        "sittings": sittings,
        "answers": ANSWERS,
        "taps": [],
        "described": {"community": "farmer", "recorded_on": "2026-11-28"},
        **more,
    }
    return client.post("/record/parcel", json=told)


def test_it_comes_in_once_with_its_consent_and_its_taps(band: FlaskClient, filled: Filling, tmp_path: Path) -> None:
    content = stretch(tmp_path, 4)
    upload = sent(band, content)
    taps = [
        {"kind": "matters", "start": 2000, "words": "  the\n rain "},
        {"kind": "speaker", "start": 3000},
        {"kind": "out", "start": 2600, "end": 2900},
    ]
    answer = parcel(band, upload, [len(content)], taps=taps).get_json()
    assert answer["sha256"] == hashlib.sha256(content).hexdigest()
    assert parcel(band, upload, [len(content)], taps=taps).get_json() == answer  # the answer was lost on the way
    with filled.backends.database.read() as session:
        assert session.scalar(select(func.count()).select_from(RecorderArrival)) == 1
        testimony = session.get_one(Testimony, answer["address"].rsplit("/", 1)[1])
        events = decisions.events_of(session, testimony.id)
        marks = redaction.marks_of(session, testimony.id)
        tapped = list(session.scalars(select(TappedMoment).order_by(TappedMoment.start_ms)))
        assert not gate.may(session, PUBLIC, testimony.id, "original_sound")
        assert not gate.may(session, PUBLIC, testimony.id, "redacted_transcript")
        assert not gate.may(session, PUBLIC, testimony.id, "pseudonym")
    assert [(one.evidence["start_ms"], one.evidence["end_ms"]) for one in events] == [(0, 1500)]
    assert [(one.start_ms, one.end_ms) for one in marks] == [(1600, 3900)]
    assert [(one.kind, one.start_ms, one.words) for one in tapped] == [
        ("matters", 2000, "the rain"),
        ("speaker", 3000, ""),
    ]
    assert testimony.recording.original_name == ""
    assert list((filled.backends.settings.data / "unfinished").iterdir()) == []


def test_what_was_left_out_is_silent_and_what_the_device_wrote_is_not_served(
    band: FlaskClient, filled: Filling, tmp_path: Path
) -> None:
    content = stretch(tmp_path, 6)
    out = [{"kind": "out", "start": 3000, "end": 3500}]
    address = parcel(band, sent(band, content), [len(content)], taps=out).get_json()["address"]
    with filled.backends.database.read() as session:
        testimony = session.get_one(Testimony, address.rsplit("/", 1)[1])
        recording_id = testimony.recording_id
    pipeline.run(filled.backends, recording_id, stages=(receive, probing, derive, redact))
    with filled.backends.database.read() as session:
        keys = sounds.redacted_keys(recording_id, sounds.redacted_spans(session, testimony.id))
        listening = session.get_one(Recording, recording_id).listening_key
    path = tmp_path / "redacted.m4a"
    path.write_bytes(filled.backends.store.get_bytes(keys.listening))
    assert abs(read_mono(path, 2100, 4400)).max() < 0.01
    assert abs(read_mono(path, 500, 1500)).max() > 0.05
    for key in (keys.listening, listening):
        path.write_bytes(filled.backends.store.get_bytes(key))
        assert tags.read_tags(path) == tags.Tags()
        assert b"Theary" not in path.read_bytes()


@pytest.mark.parametrize("kind", ["webm", "mp4"])
def test_stretches_of_a_device_that_died_are_one_recording(
    kind: str, band: FlaskClient, filled: Filling, tmp_path: Path
) -> None:
    parts = [stretch(tmp_path, 3, kind, 330), stretch(tmp_path, 2, kind, 550)[:-40]]
    content = b"".join(parts)
    answer = parcel(band, sent(band, content), [len(one) for one in parts]).get_json()
    assert answer["sha256"] == hashlib.sha256(content).hexdigest()
    with filled.backends.database.read() as session:
        testimony = session.get_one(Testimony, answer["address"].rsplit("/", 1)[1])
        recording = testimony.recording
        assert (recording.sha256 == answer["sha256"]) is (kind == "webm")
    path = tmp_path / "came"
    path.write_bytes(b"".join(filled.backends.store.read(sounds.quarantine_key(recording.id))))
    assert probe(path).duration_ms == pytest.approx(5000, abs=250)


def test_without_an_answer_or_sound_nothing_is_kept(band: FlaskClient, filled: Filling, tmp_path: Path) -> None:
    content = stretch(tmp_path, 2)
    upload = sent(band, content)
    with filled.backends.database.read() as session:
        before = session.scalar(select(func.count()).select_from(Recording))
    assert parcel(band, upload, [len(content)], answers=[]).status_code == 422
    assert parcel(band, upload, [len(content) + 1]).status_code == 422
    assert parcel(band, "nobodyknowsit0", [len(content)]).status_code == 409
    for wrong in ({"id": "x"}, {"taps": [{"kind": "no", "start": 1}]}, {"answers": [{"start": -1}]}):
        assert parcel(band, upload, [len(content)], **wrong).status_code == 422
    assert parcel(band, upload, []).status_code == 422
    assert band.post("/record/parcel", data="[]").status_code == 422
    with filled.backends.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Recording)) == before


def test_a_file_that_was_brought_has_no_answers_and_stays_with_the_band(
    band: FlaskClient, filled: Filling, tmp_path: Path
) -> None:
    content = stretch(tmp_path, 2)
    upload = sent(band, content)
    for wrong in ({"answers": ANSWERS}, {"answers": [], "taps": [{"kind": "matters", "start": 1}]}):
        assert parcel(band, upload, [len(content)], brought=True, **wrong).status_code == 422
    assert parcel(band, upload, [len(content)], brought="yes", answers=[]).status_code == 422
    answer = parcel(band, upload, [len(content)], brought=True, answers=[]).get_json()
    assert answer["sha256"] == hashlib.sha256(content).hexdigest()
    with filled.backends.database.read() as session:
        testimony_id = answer["address"].rsplit("/", 1)[1]
        (event,) = decisions.events_of(session, testimony_id)
        assert (event.note, event.evidence) == (decisions.NOT_ASKED, {})
        assert not gate.may(session, PUBLIC, testimony_id, "existence")


def test_keys_are_for_the_band_and_its_page_may_listen(band: FlaskClient, client: FlaskClient) -> None:
    assert "microphone=(self)" in band.get("/record").headers["Permissions-Policy"]
    assert "microphone=()" in band.get("/ingest").headers["Permissions-Policy"]
    assert band.post("/record/keys", json={"keys": [{"point": "AAAA", "wrapped": "AAAA"}]}).status_code == 404
    assert band.post("/record/keys", json={"keys": [{}]}).status_code == 404
    assert band.post("/record/keys", data=json.dumps([])).status_code == 400
    assert band.get("/record/worker.js").headers["Service-Worker-Allowed"] == "/record"
    assert client.get("/record").status_code in {303, 404}
    assert client.post("/record/keys", json={}).status_code in {403, 404}


def test_the_consent_room_plays_her_answer_and_a_tap_becomes_a_moment(
    band: FlaskClient, signed_in: Enter, filled: Filling, tmp_path: Path
) -> None:
    content = stretch(tmp_path, 4)
    taps = [{"kind": "matters", "start": 2000, "words": "rain"}, {"kind": "speaker", "start": 3000}]
    address = parcel(band, sent(band, content), [len(content)], taps=taps).get_json()["address"]
    testimony_id = address.rsplit("/", 1)[1]
    with filled.backends.database.read() as session:
        recording_id = session.get_one(Testimony, testimony_id).recording_id
        tap, speaker = session.scalars(select(TappedMoment.id).order_by(TappedMoment.start_ms))
    pipeline.run(filled.backends, recording_id, stages=(receive, probing, derive))
    page = band.get(f"/review/{testimony_id}/points").get_data(as_text=True)
    assert "Tapped while she spoke" in page
    assert 'value="rain"' in page
    band.post(f"/review/{testimony_id}/taps/{tap}", data={"deed": "point", "title": "The rain"})
    band.post(f"/review/{testimony_id}/taps/{speaker}", data={"deed": "away"})
    with filled.backends.database.read() as session:
        points = session.scalars(select(IndexPoint).where(IndexPoint.testimony_id == testimony_id)).all()
        assert [(one.start_ms, one.title_en) for one in points] == [(2000, "The rain")]
        assert session.scalars(select(TappedMoment)).all() == []
    steward = signed_in("steward")
    page = steward.get(f"/steward/testimony/{testimony_id}?lang=en").get_data(as_text=True)
    assert f"/media/{recording_id}#t=0.0,1.5" in page
    assert "<strong>Everyone may hear it, read it and sing it</strong>" in page
    assert steward.get(f"/media/{recording_id}").status_code == 200


def test_a_speaker_who_was_tapped_is_written_into_the_transcript_and_taken_out(
    band: FlaskClient, filled: Filling, tmp_path: Path
) -> None:
    content = stretch(tmp_path, 4)
    taps = [{"kind": "speaker", "start": 2100, "words": "Sokha"}]
    address = parcel(band, sent(band, content), [len(content)], taps=taps).get_json()["address"]
    testimony_id = address.rsplit("/", 1)[1]
    room = f"/review/{testimony_id}/points"
    assert "as soon as there are words" in band.get(f"{room}?lang=en").get_data(as_text=True)
    with filled.backends.database.write() as session:
        said = [Utterance(0, 2000, "Who?", speaker="S1"), Utterance(2000, 4000, "Me.", speaker="S1")]
        transcript_versions.add_version(session, testimony_id, "en", said, stage="machine")
        (tap,) = session.scalars(select(TappedMoment.id))
    page = band.get(room).get_data(as_text=True)
    assert "“Me.”" in page
    asked = {name: re.findall(rf'name="{name}"[^>]*value="([^"]*)"', page)[0] for name in ("speaker", "start", "end")}
    assert asked["speaker"] == "Sokha"
    assert asked["start"] == "0:02"
    refused = band.post(f"/review/{testimony_id}/taps/{tap}/speaker", data={**asked, "start": "soon"})
    assert refused.status_code == 400
    assert 'value="soon"' in refused.get_data(as_text=True)
    assert band.post(f"/review/{testimony_id}/taps/{tap}/speaker", data={**asked, "speaker": " "}).status_code == 400
    assert band.post(f"/review/{testimony_id}/taps/{tap}/speaker", data=asked).status_code == 303
    page = band.get(room).get_data(as_text=True)
    assert "<strong>Sokha</strong>" in page
    undo = re.findall(rf"/review/{testimony_id}/speakers/\w+/undo", page)[0]
    with filled.backends.database.read() as session:
        draft = reviewing.draft_of(session, testimony_id)
        assert draft is not None
        assert [one.speaker for one in draft.segments] == ["S1", "Sokha"]
    assert band.post(undo).status_code == 303
    assert band.post(undo).status_code == 404
    with filled.backends.database.read() as session:
        draft = reviewing.draft_of(session, testimony_id)
        assert draft is not None
        assert [one.speaker for one in draft.segments] == ["S1", "S1"]
        assert session.scalars(select(TappedMoment.words)).all() == ["Sokha"]
