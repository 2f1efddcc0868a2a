"""The studio without a browser: who comes in, what is asked and answered, recordings taken up, files read."""

from __future__ import annotations

import base64
import io
import re
import wave
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.models import Arrangement, LineTiming, LyricLine, OfferedRecording, Recording, Song, StageRun
from archive.timing import TimedLine
from ingest.aligning import aligner as placing
from ingest.jobs import pipeline
from media.timed import ass, lrc, srt, ultrastar, webvtt
from tests.web.filling import Filling

SLUG = "one-length-of-thread"
RATE = 8_000  # what a test sends stays small enough to be held in memory


@pytest.fixture
def band(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    return signed_in("band", ("MB",))


def song_of(filled: Filling, kind: str = "studio") -> tuple[Song, Arrangement]:
    with filled.backends.database.read() as session:
        song = session.scalars(select(Song).where(Song.slug == SLUG)).one()
        found = select(Arrangement).where(Arrangement.song_id == song.id, Arrangement.kind == kind)
        return song, session.scalars(found).one()


def table(client: FlaskClient, arrangement: Arrangement) -> dict[str, Any]:
    answer = client.get(f"/studio/{SLUG}/time/{arrangement.id}/table")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"/studio/{SLUG}").get_data(as_text=True))
    assert found is not None
    return found[1]


def send(client: FlaskClient, path: str, document: object) -> Any:
    return client.post(f"/studio/{SLUG}{path}", json=document, headers={"X-CSRFToken": token(client)})


def press(client: FlaskClient, path: str, **form: str) -> Any:
    return client.post(f"/studio/{SLUG}{path}", data={"csrf_token": token(client), **form}, follow_redirects=True)


def plucked(seconds: float, late_s: float = 0.0, slower: float = 1.0, seed: int = 3, cut_s: float = 0.0) -> io.BytesIO:
    """Notes on an uneven beat, as a band leaves them in each of its recordings; `cut_s` is gone from the middle."""
    dice, at = np.random.default_rng(seed), 0.3
    sound = np.zeros(round((seconds + 2) * RATE))
    while at < seconds:
        start, length = round((at * slower + late_s - cut_s * (at > seconds / 2)) * RATE), RATE // 2
        t = np.arange(length) / RATE
        sound[start : start + length] += 0.2 * np.sin(2 * np.pi * dice.choice([196, 247, 330]) * t) * np.exp(-6 * t)
        sound[start : start + 800] += dice.normal(0, 0.1, 800) * np.linspace(1, 0, 800)
        at += dice.choice([0.24, 0.26, 0.5, 0.51])
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    held.seek(0)
    return held


def hand_in(client: FlaskClient, filled: Filling, sound: io.BytesIO, kind: str) -> str:
    """Hand a recording in and let the worker do its work; returns its id."""
    form = {"csrf_token": token(client), "kind": kind, "file": (sound, f"{kind}.wav")}
    answer = client.post(f"/studio/{SLUG}/recordings", data=form, headers={"Accept": "application/json"})
    assert answer.get_json()["fine"], answer.get_json()
    with filled.backends.database.read() as session:
        offered = session.scalars(select(OfferedRecording).order_by(OfferedRecording.offered_at.desc())).first()
    assert offered is not None
    pipeline.run(filled.backends, offered.recording_id)
    return offered.recording_id


def lead_with(filled: Filling, client: FlaskClient, sound: io.BytesIO) -> None:
    """Put another sound under the song's leading arrangement."""
    _, lead = song_of(filled)
    recording = hand_in(client, filled, sound, "live")
    with filled.backends.database.write() as session:
        session.delete(session.get_one(OfferedRecording, recording))
        for other in session.scalars(select(Arrangement).where(Arrangement.song_id == lead.song_id)):
            if other.id != lead.id:
                session.delete(other)
        session.get_one(Arrangement, lead.id).recording_id = recording


def test_only_the_band_comes_in(client: FlaskClient, signed_in: Callable[..., FlaskClient], filled: Filling) -> None:
    _, arrangement = song_of(filled)
    pages = ["/studio", f"/studio/{SLUG}", f"/studio/{SLUG}/words", f"/studio/{SLUG}/time/{arrangement.id}"]
    assert client.get("/studio").location.startswith("/sign-in")
    assert [client.get(page).status_code for page in pages[1:]] == [404, 404, 404]
    researcher, steward = signed_in("researcher"), signed_in("steward")
    assert [researcher.get(page).status_code for page in pages] == [404] * 4
    assert [steward.get(page).status_code for page in pages] == [200] * 4


def test_edits_are_saved_and_asked_for_by_their_number(band: FlaskClient, filled: Filling) -> None:
    _, arrangement = song_of(filled)
    before = table(band, arrangement)
    line = before["lines"][0]
    timing = {**line["timing"], "start": line["timing"]["start"] + 50, "words": []}
    edit = {"id": "editnumber1", "kind": "nudge", "changes": [{"line": line["id"], "base": 0, "timing": timing}]}
    done = send(band, "/edits", {"arrangement": arrangement.id, "edits": [edit, edit]}).get_json()["done"]
    assert [one["number"] for one in done] == [1, 1]
    news = band.get(f"/studio/{SLUG}/time/{arrangement.id}/since?after=0").get_json()
    assert [one["kind"] for one in news["edits"]] == ["nudge"]
    assert news["lines"][0]["timing"]["start"] == timing["start"]
    undo = {"id": "editnumber2", "kind": "undo", "undoes": "editnumber1", "changes": []}
    send(band, "/edits", {"arrangement": arrangement.id, "edits": [undo]})
    assert table(band, arrangement)["lines"][0]["timing"]["start"] == line["timing"]["start"]


def test_an_edit_that_cannot_be_made_says_why_and_holds_up_no_other(band: FlaskClient, filled: Filling) -> None:
    _, arrangement = song_of(filled)
    ids = [line["id"] for line in table(band, arrangement)["lines"]]
    times = {"start": 100, "end": 900, "words": []}
    edits = [
        {"id": "wrongedit1", "kind": "tap", "changes": [{"line": "nosuchline", "timing": times}]},
        {"id": "wrongedit2", "kind": "tap", "changes": [{"line": ids[0], "timing": {"start": 9, "end": 1}}]},
        {"id": "rightedit1", "kind": "tap", "changes": [{"line": ids[0], "timing": times}]},
        {"nothing": "at all"},
    ]
    done = send(band, "/edits", {"arrangement": arrangement.id, "edits": edits}).get_json()["done"]
    assert ["wrong" in one for one in done] == [True, True, False, True]
    assert send(band, "/edits", ["not", "a", "document"]).status_code == 400
    other = send(band, "/edits", {"arrangement": "another", "edits": []})
    assert other.status_code == 404


def test_a_line_that_is_held_is_shown_without_a_word(band: FlaskClient, filled: Filling) -> None:
    _, arrangement = song_of(filled)
    held = table(band, arrangement)["lines"][0]
    with filled.backends.database.write() as session:
        session.get_one(LyricLine, held["id"]).held = True
    words = "".join(held["pieces"])
    for page in (f"/time/{arrangement.id}", f"/time/{arrangement.id}/table", "/words", ""):
        assert words not in band.get(f"/studio/{SLUG}{page}").get_data(as_text=True)


@pytest.mark.parametrize("form", ["lrc", "enhanced.lrc", "srt", "vtt", "ass", "txt"])
def test_every_format_is_laid_over_the_lines(form: str, band: FlaskClient, filled: Filling) -> None:
    _, arrangement = song_of(filled)
    lines = table(band, arrangement)["lines"]
    timed = [
        TimedLine("".join(line["pieces"]), line["timing"]["start"] + 500, line["timing"]["end"] + 500) for line in lines
    ]
    timed.insert(2, TimedLine("បន្ទាត់ដែលគ្មានក្នុងបទនេះ", timed[1].end_ms, timed[2].start_ms))
    writers: dict[str, Callable[[], str]] = {
        "lrc": lambda: lrc.write(timed),
        "enhanced.lrc": lambda: lrc.write(timed, enhanced=True),
        "srt": lambda: srt.write(timed),
        "vtt": lambda: webvtt.write(timed),
        "ass": lambda: ass.write(timed),
        "txt": lambda: ultrastar.write(timed),
    }
    found = send(
        band,
        f"/time/{arrangement.id}/read",
        {"name": f"song.{form}", "data": base64.b64encode(writers[form]().encode()).decode()},
    ).get_json()
    assert [one["line"] for one in found["matched"]] == [line["id"] for line in lines]
    away = [one["value"]["start"] - line["timing"]["start"] for one, line in zip(found["matched"], lines, strict=True)]
    assert all(abs(by - 500) <= (60 if form == "txt" else 10) for by in away)
    assert (len(found["left"]), found["missing"]) == (1, [])


def as_sent(name: str, data: bytes, later: bool = False) -> dict[str, Any]:
    """A file as the page sends it."""
    return {"name": name, "data": base64.b64encode(data).decode(), "later": later}


def test_the_studio_reads_every_encoding_and_asks_which_way_an_offset_goes(band: FlaskClient, filled: Filling) -> None:
    _, arrangement = song_of(filled)
    lines = table(band, arrangement)["lines"]
    text = "[offset:+500]\n" + "".join(f"[00:{10 + n}.00]{''.join(one['pieces'])}\n" for n, one in enumerate(lines[:4]))
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le"):
        found = send(band, f"/time/{arrangement.id}/read", as_sent("a.lrc", text.encode(encoding))).get_json()
        assert (found["offset"], found["matched"][0]["value"]["start"]) == (500, 9500), encoding
    found = send(band, f"/time/{arrangement.id}/read", as_sent("a.lrc", text.encode(), later=True)).get_json()
    assert found["matched"][0]["value"]["start"] == 10_500


def test_a_file_without_times_is_refused_in_a_sentence(band: FlaskClient, filled: Filling) -> None:
    _, arrangement = song_of(filled)
    for text in ("", "only words", "[ti:nothing]"):
        answer = send(band, f"/time/{arrangement.id}/read", as_sent("a.lrc", text.encode()))
        assert answer.status_code == 409
        assert answer.get_json()["wrong"]


def test_an_instrumental_is_found_beside_the_voice_and_taken_up(band: FlaskClient, filled: Filling) -> None:
    lead_with(filled, band, plucked(24))
    recording = hand_in(band, filled, plucked(24, late_s=0.75), "instrumental")
    page = band.get(f"/studio/{SLUG}?lang=en").get_data(as_text=True)
    assert "In step from beginning to end" in page
    assert band.get(f"/media/{recording}").status_code == 200
    press(band, f"/recordings/{recording}/take-up", kind="instrumental")
    _, arrangement = song_of(filled, "instrumental")
    assert (arrangement.recording_id, abs(arrangement.offset_ms + 750) <= 20) == (recording, True)
    with filled.backends.database.read() as session:
        assert session.get(OfferedRecording, recording) is None
        done = session.scalars(select(StageRun.stage).where(StageRun.recording_id == recording))
        assert set(done) == {"receive", "probe", "derive", "step", "align"}


def test_one_out_of_step_is_refused_and_told_where(band: FlaskClient, filled: Filling, client: FlaskClient) -> None:
    lead_with(filled, band, plucked(24))
    recording = hand_in(band, filled, plucked(24, cut_s=0.1), "instrumental")
    page = band.get(f"/studio/{SLUG}?lang=en").get_data(as_text=True)
    assert re.search(r"Not in step: it is out by \d+ ms at 0:\d\d", page)
    said = press(band, f"/recordings/{recording}/take-up", kind="instrumental").get_data(as_text=True)
    assert "does not keep in step" in said
    assert client.get(f"/media/{recording}").status_code == 404
    press(band, f"/recordings/{recording}/leave")
    assert band.get(f"/media/{recording}").status_code == 404


@pytest.mark.parametrize(("slower", "english", "khmer"), [(1.006, "slower", "យឺតជាង"), (0.995, "faster", "លឿនជាង")])
def test_one_at_another_speed_is_refused_with_its_speed(
    band: FlaskClient, filled: Filling, slower: float, english: str, khmer: str
) -> None:
    lead_with(filled, band, plucked(24))
    recording = hand_in(band, filled, plucked(24, slower=slower), "instrumental")
    page = band.get(f"/studio/{SLUG}?lang=en").get_data(as_text=True)
    found = re.search(rf"the same song, (0\.\d\d) % {english} than the first recording", page)
    assert found is not None
    assert abs(float(found[1]) - abs(slower - 1) * 100) <= 0.02
    assert f"តែលេង{khmer}សំឡេងទីមួយ" in band.get(f"/studio/{SLUG}?lang=km").get_data(as_text=True)
    said = press(band, f"/recordings/{recording}/take-up", kind="instrumental").get_data(as_text=True)
    assert "does not keep in step" in said or "មិនត្រូវចង្វាក់" in said


def test_a_recording_is_renamed_taken_away_and_brought_back(band: FlaskClient, filled: Filling) -> None:
    _, arrangement = song_of(filled, "instrumental")
    press(band, f"/arrangements/{arrangement.id}", kind="guide", offset="120")
    _, renamed = song_of(filled, "guide")
    assert (renamed.id, renamed.offset_ms) == (arrangement.id, 120)
    _, studio = song_of(filled)
    before = table(band, studio)["lines"]
    page = press(band, f"/arrangements/{studio.id}/remove").get_data(as_text=True)
    way_back = re.search(rf'action="(/studio/{SLUG}/undo/[^"]+)"', page)
    assert way_back is not None
    press(band, way_back[1].removeprefix(f"/studio/{SLUG}"))
    after = table(band, studio)["lines"]
    assert [one["timing"]["words"] for one in after] == [one["timing"]["words"] for one in before]


def test_what_is_no_sound_or_here_already_is_refused_in_a_sentence(band: FlaskClient, filled: Filling) -> None:
    form = {"csrf_token": token(band), "kind": "live", "file": (io.BytesIO(b"no sound at all" * 99), "a.mp3")}
    answer = band.post(f"/studio/{SLUG}/recordings", data=form, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["fine"]) == (409, False)
    sound = plucked(4).getvalue()
    hand_in(band, filled, io.BytesIO(sound), "live")
    form = {"csrf_token": token(band), "kind": "live", "file": (io.BytesIO(sound), "again.wav")}
    again = band.post(f"/studio/{SLUG}/recordings", data=form, headers={"Accept": "application/json"})
    assert (again.status_code, again.get_json()["fine"]) == (409, False)


def test_the_machine_is_asked_and_its_work_shown_and_undone(
    band: FlaskClient, filled: Filling, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Aligner:
        model = "a stand-in"

        def align(
            self, _sound: object, lines: list[str], _language: str, *, progress: Callable[[float], None]
        ) -> object:
            progress(0.5)
            return [TimedLine(text, 1000 * n, 1000 * n + 800, (), 0.3) for n, text in enumerate(lines)]

    monkeypatch.setattr(placing, "open_aligner", lambda *_, **__: Aligner())
    _, arrangement = song_of(filled)
    with filled.backends.database.write() as session:
        rows = session.scalars(select(LineTiming).where(LineTiming.arrangement_id == arrangement.id)).all()
        for row in rows[1:]:
            session.delete(row)
        kept = rows[0].line_id, rows[0].start_ms
        for stage in pipeline.STAGES[:3]:
            run = StageRun(recording_id=arrangement.recording_id, stage=stage.NAME, version=stage.VERSION, state="done")
            session.add(run)
    assert send(band, f"/time/{arrangement.id}/place", {}).get_json()["work"]["wanted"]
    assert table(band, arrangement)["work"]["wanted"]
    with filled.backends.database.read() as session:
        assert session.get_one(Recording, arrangement.recording_id).state == "waiting"
    pipeline.run(filled.backends, arrangement.recording_id)
    found = table(band, arrangement)
    assert not found["work"]["wanted"]
    assert {line["timing"]["origin"] for line in found["lines"] if line["id"] != kept[0]} == {"machine"}
    assert next(line["timing"]["start"] for line in found["lines"] if line["id"] == kept[0]) == kept[1]
    assert found["history"][-1]["kind"] == "machine"
    undo = {"id": "undomachine", "kind": "undo", "undoes": found["history"][-1]["id"], "changes": []}
    send(band, "/edits", {"arrangement": arrangement.id, "edits": [undo]})
    assert sum(line["timing"] is not None for line in table(band, arrangement)["lines"]) == 1
    send(band, f"/time/{arrangement.id}/place", {})
    assert not send(band, f"/time/{arrangement.id}/place/stop", {}).get_json()["work"]["wanted"]
