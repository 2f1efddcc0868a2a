"""The room of transcripts: for the band alone, asked of the gate, and every step of a version on its way."""

from __future__ import annotations

import gc
import io
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from archive.consent import releases
from archive.consent.decisions import ConsentGiven
from archive.models import (
    Permission,
    Recording,
    Redaction,
    RivalText,
    Segment,
    Source,
    Testimony,
    TranscriptVersion,
    new_id,
    now,
)
from archive.retrieval import indexing
from archive.timing import Utterance
from archive.transcripts import readable_text, reviewing, transcript_versions
from archive.withdrawal import purge, withdraw
from tests.web.filling import Filling

SAID = "the-day-the-line-fell"
SignedIn = Callable[..., FlaskClient]


def draft_of(filled: Filling, told: str = SAID) -> str:
    with filled.backends.database.write() as session:
        return reviewing.start(session, filled.testimonies[told], None).id


def first(filled: Filling, version_id: str) -> Segment:
    with filled.backends.database.read() as session:
        found = session.get_one(TranscriptVersion, version_id).segments[0]
        session.expunge_all()
        return found


def words_of(filled: Filling, segment_id: str) -> list[list[object]]:
    with filled.backends.database.read() as session:
        return session.get_one(Segment, segment_id).word_rows


def sync(client: FlaskClient, version_id: str, *ops: object, **more: object):  # type: ignore[no-untyped-def]
    return client.post(f"/review/edit/{version_id}/sync", json={"seq": 0, "window": "w", "ops": list(ops), **more})


def reword(segment: Segment, text: str) -> dict[str, object]:
    return {"id": new_id() * 2, "kind": "text", "segment": segment.id, "before": segment.text, "text": text}


def seen(answer: TestResponse) -> tuple[int, bytes]:
    """An answer without its form tokens, which say in which second they were made."""
    return answer.status_code, re.sub(rb'(name="csrf_token" value=)"[^"]+"', rb"\1", answer.data)


def test_the_room_is_not_there_for_others(client: FlaskClient, signed_in: SignedIn, filled: Filling) -> None:
    version_id = draft_of(filled)
    told = filled.testimonies[SAID]
    researcher = signed_in("researcher")
    researcher.application.config["WTF_CSRF_ENABLED"] = False
    nobody = seen(researcher.get("/no-such-address"))
    assert nobody[0] == 404
    for address in ("/review", f"/review/{told}", f"/review/edit/{version_id}", f"/review/edit/{version_id}/segments"):
        assert seen(researcher.get(address)) == nobody
    assert sync(researcher, version_id).status_code == 404
    assert researcher.post(f"/review/{told}/start").status_code == 404
    assert client.get("/review").headers["Location"].startswith("/sign-in")
    assert client.get(f"/review/{told}").status_code == 404


def test_an_editor_whose_person_was_signed_out_is_told_so_whatever_it_asks(
    client: FlaskClient, filled: Filling
) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    answers = [sync(client, version) for version in (draft_of(filled), "nobodyknowsit0")]
    assert [(one.status_code, one.json) for one in answers] == [(403, {"signed_out": True})] * 2


def test_what_the_narrator_closed_to_the_band_answers_as_what_is_not_there(band: FlaskClient, filled: Filling) -> None:
    version_id = draft_of(filled)
    told = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        for grant in session.scalars(select(Permission).where(Permission.testimony_id == told)):
            session.delete(grant)
    nobody = seen(band.get("/review/edit/nobodyknowsit0"))
    assert nobody[0] == 404
    addresses = (f"/review/{told}", f"/review/edit/{version_id}", f"/review/edit/{version_id}/segments")
    for address in addresses:
        assert seen(band.get(address)) == nobody
    segment = first(filled, version_id)
    assert sync(band, version_id, reword(segment, "Other words.")).status_code == 404
    assert (
        band.post(f"/review/edit/{version_id}/mark", json={"start": 0, "end": 900, "reason": "name"}).status_code == 404
    )
    assert first(filled, version_id).text == segment.text
    assert "falls" not in band.get("/review").get_data(as_text=True)
    assert told not in band.get("/review").get_data(as_text=True)


def test_a_change_comes_back_to_everybody_who_looks(band: FlaskClient, filled: Filling) -> None:
    version_id = draft_of(filled)
    segment = first(filled, version_id)
    change = reword(segment, segment.text + " Yes.")
    once = sync(band, version_id, change, holding=segment.id).json
    assert once["answers"] == [{"id": change["id"], "did": "done"}]
    assert sync(band, version_id, change).json["answers"] == once["answers"]
    other = band.post(f"/review/edit/{version_id}/sync", json={"seq": 0, "window": "other", "ops": []}).json
    assert [(row["id"], row["text"]) for row in other["segments"]] == [(segment.id, segment.text + " Yes.")]
    assert other["held"] == {}


def test_broken_requests_change_nothing(band: FlaskClient, filled: Filling) -> None:
    version_id = draft_of(filled)
    for content in ([], {"seq": "x"}, {"seq": 0, "ops": [{"id": "1"}]}, {"seq": 0, "ops": ["x"]}):
        assert band.post(f"/review/edit/{version_id}/sync", json=content).status_code == 400
    assert band.post(f"/review/edit/{version_id}/sync", data="{").status_code == 400
    assert band.post(f"/review/edit/{version_id}/mark", json={"start": 9, "end": 9, "reason": "x"}).status_code == 400


def test_a_form_without_its_token_is_turned_away(signed_in: SignedIn, filled: Filling) -> None:
    client = signed_in("band", ("MB",))
    assert sync(client, draft_of(filled)).status_code == 400


def test_from_draft_to_approved_and_found_within_two_seconds(band: FlaskClient, filled: Filling) -> None:
    told = filled.testimonies[SAID]
    indexing.index_testimony(filled.backends.database, filled.backends.index, told)
    version_id = band.post(f"/review/{told}/start").headers["Location"].rsplit("/", 1)[1]
    segment = first(filled, version_id)
    sync(band, version_id, reword(segment, "Quillfeathers fell from the ceiling."))
    assert "not" in band.post(f"/review/edit/{version_id}/approve", follow_redirects=True).get_data(as_text=True)
    band.post(f"/review/edit/{version_id}/reviewed")
    gc.collect()
    gc.freeze()  # what the tests before left in memory is no part of the archive, and is not looked through
    began = time.thread_time()  # a machine of many jobs is no measure, so what others take is left out
    page = band.post(f"/review/edit/{version_id}/approve", follow_redirects=True).get_data(as_text=True)
    found = band.get("/search?q=quillfeathers").get_data(as_text=True)
    took = time.thread_time() - began
    gc.unfreeze()
    assert took < 2
    assert "Approved. It can be found" in page
    assert told in found
    with filled.backends.database.read() as session:
        version = session.get_one(TranscriptVersion, version_id)
        assert (version.stage, version.immutable, version.reviewed_by_id) == ("approved", True, version.approved_by_id)
    page = band.get(f"/review/{told}/compare?from={version.parent_id}&to={version_id}").get_data(as_text=True)
    assert re.search(r"<ins>[^<]*Quillfeathers", page)
    again = sync(band, version_id, reword(segment, "No.")).json
    assert again["answers"][0]["did"] == "closed"


def test_one_press_approves_the_words_and_says_that_the_sound_was_heard(
    band: FlaskClient, client: FlaskClient, filled: Filling
) -> None:
    told = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        testimony = session.get_one(Testimony, told)
        testimony.heard_through_at = None
        address = f"/media/{testimony.recording_id}"
    version_id = draft_of(filled)
    band.post(f"/review/edit/{version_id}/reviewed")
    page = band.get(f"/review/{told}").get_data(as_text=True)
    assert "approve words and sound" in page
    assert "Nobody has listened to the end yet" in page
    assert client.get(address).status_code == 404
    said = band.post(f"/review/edit/{version_id}/approve", data={"heard": "yes"}, follow_redirects=True)
    assert "you listened to the end" in said.get_data(as_text=True)
    assert client.get(address).status_code == 200
    said = band.post(f"/review/{told}/heard", data={"deed": "undo"}, follow_redirects=True).get_data(as_text=True)
    assert "closed again" in said
    assert client.get(address).status_code == 404


def test_who_may_not_hear_all_of_it_cannot_say_that_it_was_heard(band: FlaskClient, filled: Filling) -> None:
    told = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        session.get_one(Testimony, told).heard_through_at = None
        for one in session.scalars(select(Permission).where(Permission.testimony_id == told)):
            if one.form == "original_sound":
                session.delete(one)
    assert band.post(f"/review/{told}/heard", data={"deed": "heard"}).status_code == 404
    assert band.post(f"/review/{told}/heard", data={"deed": "?"}).status_code == 404
    with filled.backends.database.read() as session:
        assert session.get_one(Testimony, told).heard_through_at is None


def test_a_recording_no_machine_understood_is_offered_for_writing_down(band: FlaskClient, filled: Filling) -> None:
    """Its words are flagged and not found; the list says why, and opens the editor on it."""
    told = filled.testimonies[SAID]
    opened = filled.backends
    with opened.database.write() as session:
        session.execute(Source.__table__.delete().where(Source.testimony_id == told))
        session.execute(TranscriptVersion.__table__.delete().where(TranscriptVersion.testimony_id == told))
        flagged = [Utterance(0, 4000, "zanzibarry balloonery", flags=("script", "low-confidence"))]
        verdict = "needs a person: most of it is in the wrong script"
        transcript_versions.add_version(session, told, "km", flagged, stage="machine", verdict=verdict)
        recording = session.get_one(Recording, session.get_one(Testimony, told).recording_id)
        recording.state, recording.reason = "needs-a-person", "Most of it is in the wrong script."
    indexing.index_testimony(opened.database, opened.index, told)
    assert "/testimony/" not in band.get("/search?q=zanzibarry").get_data(as_text=True)
    page = band.get("/review").get_data(as_text=True)
    assert "Needs a person" in page
    assert "Most of it is in the wrong script." in page
    assert f'action="/review/{told}/start"' in page
    answer = band.post(f"/review/{told}/start")
    rows = band.get(answer.headers["Location"] + "/segments").json["segments"]
    assert [(row["text"], row["flags"]) for row in rows] == [("zanzibarry balloonery", ["script", "low-confidence"])]
    assert "/testimony/" not in band.get("/search?q=zanzibarry").get_data(as_text=True)


def test_a_mark_can_be_taken_back_by_whoever_set_it(
    band: FlaskClient, filled: Filling, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.review.editor.sound_anew", lambda testimony_id: None)
    version_id = draft_of(filled)
    asked = {"start": 1000, "end": 2000, "reason": "name"}
    made = band.post(f"/review/edit/{version_id}/mark", json=asked).json
    assert [(one["s"], one["e"], one["mine"]) for one in made["marks"] if one["id"] == made["made"]] == [
        (1000, 2000, True)
    ]
    assert band.post(f"/review/edit/{version_id}/mark", json=asked).json["made"] == made["made"]
    with filled.backends.database.write() as session:
        theirs = Redaction(testimony_id=filled.testimonies[SAID], start_ms=3000, end_ms=4000)
        session.add(theirs)
        session.flush()
        theirs_id = theirs.id
    assert band.post(f"/review/edit/{version_id}/unmark/{theirs_id}", json={}).status_code == 404
    left = band.post(f"/review/edit/{version_id}/unmark/{made['made']}", json={}).json["marks"]
    assert made["made"] not in [one["id"] for one in left]


def test_the_segments_go_out_small_and_their_token_stands_in_the_head(signed_in: SignedIn, filled: Filling) -> None:
    """A form token in a compressed body could be guessed from its length."""
    client = signed_in("band", ("MB",))
    version_id = draft_of(filled)
    segment = first(filled, version_id)
    rival = "អ្នកផ្សេងឮពាក្យផ្សេង"
    with filled.backends.database.write() as session:
        session.add(RivalText(segment_id=segment.id, version_id=version_id, text=rival))
        session.get_one(Segment, segment.id).flags = ["low-confidence"]
    address = f"/review/edit/{version_id}/segments"
    answer = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert (answer.headers["Content-Encoding"], answer.headers["Cache-Control"]) == ("br", "no-store")
    body = brotli.decompress(answer.data)
    assert json.loads(body) == client.get(address).json
    drawn = json.loads(body)["segments"]
    assert (drawn[0]["flags"], drawn[0]["rivals"][0]["text"]) == (["low-confidence"], rival)
    assert [tuple(word) for word in drawn[1]["words"]] == [tuple(row) for row in words_of(filled, drawn[1]["id"])]
    token = client.head(address).headers["X-CSRFToken"]
    assert token.encode() not in body
    content = {"seq": 0, "window": "w", "ops": []}
    page = f"/review/edit/{version_id}/sync"
    assert client.post(page, json=content).status_code == 400
    assert client.post(page, json=content, headers={"X-CSRFToken": token}).status_code == 200


def test_the_pages_without_anything_say_what_comes_here(band: FlaskClient, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        session.execute(Recording.__table__.update().values(state="working"))
    assert "No testimonies yet" in band.get("/review").get_data(as_text=True)


def brought(client: FlaskClient, told: str, name: str, data: bytes, **form: str):  # type: ignore[no-untyped-def]
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"/review/{told}").get_data(as_text=True))
    assert token is not None
    content = {"transcript": (io.BytesIO(data), name), "csrf_token": token[1], **form}
    return client.post(f"/review/{told}/bring", data=content, content_type="multipart/form-data")


def test_a_transcript_comes_in_and_goes_out_under_the_new_name(band: FlaskClient, filled: Filling) -> None:
    told = filled.testimonies[SAID]
    file = b"WEBVTT\n\n00:01.000 --> 00:03.000\n<v S1>We left.\n"
    version_id = brought(band, told, "a.vtt", file, language="en").headers["Location"].rsplit("/", 1)[1]
    rename = {"id": new_id() * 2, "kind": "rename", "from": "S1", "speaker": "Mali"}
    assert sync(band, version_id, rename).json["renamed"] == [["S1", "Mali"]]
    for kind in ("srt", "vtt", "eaf", "TextGrid", "txt"):
        answer = band.post(f"/testimony/{told}/transcript", data={"kind": kind, "version": version_id})
        assert "Mali" in answer.get_data(as_text=True)
        assert "S1" not in answer.get_data(as_text=True)
    with filled.backends.database.read() as session:
        left = releases.releases_of(session, told)
        assert [(one.kind, one.audience, one.note) for one in left][-1] == ("export", "band", "transcript, txt")


def test_a_bad_file_says_what_is_wrong_and_leaves_nothing(band: FlaskClient, filled: Filling) -> None:
    told = filled.testimonies[SAID]
    with filled.backends.database.read() as session:
        before = len(reviewing.history(session, told))
    brought(band, told, "a.srt", b"nothing of the sort")
    assert "no SubRip times" in band.get(f"/review/{told}").get_data(as_text=True)
    brought(band, told, "a.pdf", b"%PDF")
    assert "This kind of file is not known" in band.get(f"/review/{told}").get_data(as_text=True)
    with filled.backends.database.read() as session:
        assert len(reviewing.history(session, told)) == before


def test_a_text_without_times_waits_for_the_workers_and_can_be_stopped(band: FlaskClient, filled: Filling) -> None:
    told = filled.testimonies[SAID]
    brought(band, told, "a.txt", b"We left before the sun.", language="en")
    jobs = band.get(f"/review/{told}/typed").json
    assert (jobs["busy"], jobs["jobs"][0]["words"]) == (True, "Waiting its turn")
    assert filled.backends.queue.depth() == 1
    assert 'data-typed="' in band.get(f"/review/{told}").get_data(as_text=True)
    band.post(f"/review/{told}/typed/{jobs['jobs'][0]['id']}/stop")
    assert band.get(f"/review/{told}/typed").json == {"jobs": [], "busy": False}


def test_what_leaves_is_what_its_reader_may_have(client: FlaskClient, filled: Filling, signed_in: SignedIn) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    told = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        version = transcript_versions.current(session, told, approved_only=True)
        assert version is not None
        segment = version.segments[0]
        mark = Redaction(testimony_id=told, start_ms=segment.start_ms, end_ms=segment.end_ms, heard_at=now())
        session.add(mark)
        for form in ("redacted_transcript", "existence"):
            session.add(Permission(testimony_id=told, form=form, audience="public"))
        hidden, open_too = segment.text, version.segments[2].text
        draft = reviewing.copy(session, told, version, None).id
    public = client.post(f"/testimony/{told}/transcript", data={"kind": "txt"}).get_data(as_text=True)
    assert hidden not in public
    assert readable_text.TAKEN_OUT in public
    assert open_too in public
    assert client.post(f"/testimony/{told}/transcript", data={"kind": "txt", "version": draft}).status_code == 404
    inside = signed_in("band", ("MB",))
    inside.application.config["WTF_CSRF_ENABLED"] = False
    whole = inside.post(f"/testimony/{told}/transcript", data={"kind": "txt"}).get_data(as_text=True)
    assert hidden in whole
    plain = client.post(f"/testimony/{told}/transcript", data={"kind": "txt-untimed"}).get_data(as_text=True)
    assert ("[00:" in public, "[00:" in plain, hidden in plain, open_too in plain) == (True, False, False, True)
    assert client.post(f"/testimony/{told}/transcript", data={"kind": "srt-untimed"}).status_code == 404


def test_a_destroyed_testimony_leaves_no_byte_of_its_editing(
    band: FlaskClient, filled: Filling, tmp_path: Path
) -> None:
    told = filled.testimonies[SAID]
    version_id = draft_of(filled)
    segment = first(filled, version_id)
    for word in ("Quillfeathers", "Vesperlights"):
        sync(band, version_id, reword(segment, f"{word} fell."))
    brought(band, told, "a.txt", b"Balloonery without times.", language="en")
    opened = filled.backends
    withdraw.withdraw(opened, told, "destroy", ConsentGiven("signed", None))
    purge.purge(opened, told)
    held = b"".join(path.read_bytes() for path in opened.settings.data.glob("archive.db*"))
    assert not any(word in held for word in (b"Quillfeathers", b"Vesperlights", b"Balloonery"))
