"""Taking a song along on the site: what is offered, to whom, and that its leaving is written down."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from archive.access.rule import Grant
from archive.consent import decisions
from archive.models import Permission, Release, Song
from ingest.exports import export_jobs
from ingest.exports.song_files import FORMS
from tests.archive.testimonies import GIVEN
from tests.web.filling import Filling
from web.cli import run

SONG = "/song/one-length-of-thread"
TEXTS = [form.name for form in FORMS.values() if form.kind == "words"]


def releases(filled: Filling) -> list[tuple[str, str, str]]:
    with filled.backends.database.read() as session:
        return [(one.kind, one.audience, one.note) for one in session.scalars(select(Release).order_by(Release.at))]


@pytest.mark.parametrize("name", TEXTS)
def test_timed_words_are_given_at_once_and_written_down(client: FlaskClient, filled: Filling, name: str) -> None:
    answer = client.post(f"{SONG}/take", data={"form": name})
    assert answer.status_code == 200
    assert f'filename="one-length-of-thread{FORMS[name].ending}"' in answer.headers["Content-Disposition"]
    assert "អំបោះ" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert releases(filled) == [("download", "public", name)]
    with filled.backends.database.read() as session:
        [release] = session.scalars(select(Release))
        assert release.subject == f"song:{filled.songs['one-length-of-thread']}"
        assert release.testimonies


@pytest.mark.parametrize("name", ["sheet", "sheet-large"])
def test_a_lyric_sheet_is_given_at_once_and_written_down(client: FlaskClient, filled: Filling, name: str) -> None:
    answer = client.post(f"{SONG}/take", data={"form": name})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    assert f"{FORMS[name].ending}" in answer.headers["Content-Disposition"]
    assert releases(filled) == [("download", "public", name)]


def test_looking_writes_nothing_and_an_account_gives_nothing_away_without_the_forms_token(
    client: FlaskClient, signed_in: Callable[..., FlaskClient], filled: Filling
) -> None:
    assert "Take it with you" in client.get(f"{SONG}?lang=en").get_data(as_text=True)
    assert signed_in("band").post(f"{SONG}/take", data={"form": "lrc"}).status_code == 400
    assert client.get(f"{SONG}/take").status_code == 405
    assert releases(filled) == []


def test_sound_is_made_first_then_given(client: FlaskClient, filled: Filling) -> None:
    asked = {"form": "m4a"}
    first = client.post(f"{SONG}/take", data=asked)
    assert (first.status_code, first.headers["Location"]) == (303, f"{SONG}/take/m4a")
    waiting = client.get(f"{SONG}/take/m4a")
    assert waiting.headers["Refresh"] == "3"
    told = client.get(f"{SONG}/take/m4a/progress").json
    assert (told["state"], told["done"]) == ("waiting", 0.0)
    assert told["size"].startswith("ប្រហែល")
    message = filled.backends.queue.take()  # type: ignore[attr-defined]
    export_jobs.run(filled.backends, message)
    assert "Refresh" not in client.get(f"{SONG}/take/m4a").headers
    assert client.get(f"{SONG}/take/m4a/progress").json["state"] == "ready"
    assert releases(filled) == []
    given = client.post(f"{SONG}/take", data=asked)
    assert given.status_code == 200
    assert given.data[4:8] == b"ftyp"
    assert given.content_length == len(given.data)
    assert releases(filled) == [("download", "public", "m4a")]


def test_a_script_asks_ahead_and_is_told_how_far_it_is(client: FlaskClient, filled: Filling) -> None:
    asked = {"form": "m4a", "ahead": "1"}
    headers = {"Accept": "application/json"}
    assert client.post(f"{SONG}/take", data=asked, headers=headers).json["state"] == "waiting"
    export_jobs.run(filled.backends, filled.backends.queue.take())  # type: ignore[attr-defined]
    assert client.post(f"{SONG}/take", data=asked, headers=headers).json["state"] == "ready"
    assert releases(filled) == []


@pytest.mark.parametrize("path", ["/take/nothing", "/take/lrc", "/take/radio", "/take/radio/progress", "/cue-sheet"])
def test_what_is_not_for_the_public_is_not_there(client: FlaskClient, path: str) -> None:
    unknown = client.get("/song/no-such-song/cue-sheet")
    refused = client.get(f"{SONG}{path}")
    assert (refused.status_code, refused.data) == (404, unknown.data)


def test_the_band_hands_a_song_to_a_station(signed_in: Callable[..., FlaskClient], filled: Filling) -> None:
    band = signed_in("band", ("MB",))
    page = band.get(f"{SONG}?lang=en").get_data(as_text=True)
    assert "For the radio" in page
    sheet = band.get(f"{SONG}/cue-sheet?lang=en").get_data(as_text=True)
    assert "Out words" in sheet
    assert "−23 LUFS" in sheet
    with filled.backends.database.write() as session:
        session.get_one(Song, filled.songs["one-length-of-thread"]).state = "draft"
    assert band.get(f"{SONG}/cue-sheet").status_code == 404
    assert "cannot go on the air" in band.get(f"{SONG}?lang=en").get_data(as_text=True)


def test_a_station_has_only_what_every_narrator_allowed_to_go_on_the_air(
    signed_in: Callable[..., FlaskClient], filled: Filling
) -> None:
    band = signed_in("band", ("MB",))
    told = filled.testimonies["three-months-and-three-months"]
    with filled.backends.database.write() as session:
        decisions.reconfirm(session, told, GIVEN, decisions.PRESETS["public"])
    for language, why in (("en", "has not allowed radio and television"), ("km", "មិនទាន់បានអនុញ្ញាតឱ្យផ្សាយតាមវិទ្យុ")):
        page = band.get(f"{SONG}?lang={language}").get_data(as_text=True)
        assert why in page
        assert 'value="radio"' not in page
        assert 'value="m4a"' in page
    csrf = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    for answer in (
        band.get(f"{SONG}/cue-sheet"),
        band.get(f"{SONG}/take/radio"),
        band.post(f"{SONG}/take", data={"form": "radio", "csrf_token": csrf}),
    ):
        assert answer.status_code == 404
    with filled.backends.database.write() as session:
        decisions.grant(session, told, [Grant("paraphrase", "public", "broadcast")], GIVEN)
    assert 'value="radio"' in band.get(SONG).get_data(as_text=True)
    assert band.post(f"{SONG}/take", data={"form": "radio", "csrf_token": csrf}).status_code == 303


def test_consent_that_ends_closes_the_next_request(client: FlaskClient, filled: Filling) -> None:
    """The lines that came out of testimonies are in no form any more; the band's own are still there to read."""
    with filled.backends.database.write() as session:
        for grant in session.scalars(select(Permission)):
            session.delete(grant)
    for name in TEXTS:
        _only_the_bands_own(client.post(f"{SONG}/take", data={"form": name}), filled)
    for name in ("m4a", "video-wide"):
        assert client.post(f"{SONG}/take", data={"form": name}).status_code == 404
    with filled.backends.database.read() as session:
        assert [one.testimonies for one in session.scalars(select(Release))] == [[]] * len(TEXTS)


def _only_the_bands_own(answer: TestResponse, filled: Filling) -> None:
    assert answer.status_code == 200
    text = "".join(answer.get_data(as_text=True).split())
    [song] = [one for one in filled.collection.songs if SONG.endswith(one.id)]
    for line in song.lines:
        assert line.own or "".join(line.km.split()) not in text
    assert any(word.text in text for line in song.lines if line.own for word in line.words)


def test_for_the_band_every_source_must_stand(signed_in: Callable[..., FlaskClient], filled: Filling) -> None:
    client = signed_in("band", ("MB",))
    csrf = re.findall(r'name="csrf_token" value="([^"]+)"', client.get(SONG).get_data(as_text=True))[0]
    with filled.backends.database.write() as session:
        for grant in session.scalars(select(Permission)):
            session.delete(grant)
    assert client.get(SONG).status_code == 404
    assert client.post(f"{SONG}/take", data={"form": "lrc", "csrf_token": csrf}).status_code == 404
    assert releases(filled) == []


def test_a_steward_takes_no_more_along_than_everybody(signed_in: Callable[..., FlaskClient], filled: Filling) -> None:
    client = signed_in("steward", ("MB",))
    csrf = re.findall(r'name="csrf_token" value="([^"]+)"', client.get(SONG).get_data(as_text=True))[0]
    with filled.backends.database.write() as session:
        for grant in session.scalars(select(Permission)):
            session.delete(grant)
    assert client.get(SONG).status_code == 200
    _only_the_bands_own(client.post(f"{SONG}/take", data={"form": "lrc", "csrf_token": csrf}), filled)
    assert client.post(f"{SONG}/take", data={"form": "m4a", "csrf_token": csrf}).status_code == 404


def test_the_command_takes_a_song_along(
    filled: Filling, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = filled.folder / "taken"
    folder.mkdir(exist_ok=True)
    monkeypatch.setenv("MESSENGER_DATA", str(filled.backends.settings.data))
    assert run(["export", "one-length-of-thread", "ass", "-o", str(folder)]) == 0
    assert r"{\kf" in (folder / "one-length-of-thread.ass").read_text(encoding="utf-8")
    assert run(["export", "one-length-of-thread", "m4a", "-o", str(folder / "x.m4a"), "--as", "public"]) == 0
    assert (folder / "x.m4a").stat().st_size > 10_000
    capsys.readouterr()
    assert run(["export", "one-length-of-thread", "radio", "--as", "public", "-o", str(folder)]) == 2
    assert run(["export", "no-such-song", "lrc"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "messenger: Only the band hands a song to a station."
    assert said[1].startswith("messenger: There is no song")
    assert [note for _, _, note in releases(filled)] == ["ass", "m4a"]
