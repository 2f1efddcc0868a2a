"""Listening lists: what the band shows to everybody, what a device asks for by itself, and what leaves them."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.consent import decisions
from archive.models import SetEntry, SetList
from archive.withdrawal import purge, withdraw
from tests.archive.testimonies import GIVEN
from tests.web.filling import Filling

TOLD = "before-the-rice-was-ripe"
SONG = "one-length-of-thread"


@pytest.fixture
def training(band: FlaskClient, filled: Filling) -> str:
    """The id of a set with a song, a moment and a step, each with something written beside it."""
    here = band.post("/sets", data={"title": "វគ្គ", "title_en": "A training"}).headers["Location"]
    band.post(f"{here}/songs", data={"song": SONG})
    band.post(f"{here}/songs", data={"link": f"https://x.example/testimony/{filled.testimonies[TOLD]}?t=4000-9000"})
    band.post(f"{here}/songs", data={"heading": "A game"})
    page = band.get(f"{here}?lang=en").get_data(as_text=True)
    song, moment, step = re.findall(r'id="song-([^"]*)"', page)
    fields = {f"questions.{song}": "Who sings?", f"notes.{song}": "not for strangers", f"singer.{song}": "Sreymom"}
    fields |= {f"semitones.{song}": "0", f"tempo.{song}": "100"}
    fields |= {f"questions.{moment}": "What was taken?\nWho came?", f"notes.{moment}": ""}
    fields |= {f"heading.{step}": "A game", f"text.{step}": "Stand in a row.", f"minutes.{step}": "\u17e1\u17e5"}
    answer = band.post(f"{here}/order", data={**fields, f"notes.{step}": "", "deed": "keep"})
    assert answer.status_code == 303
    return here.rsplit("/", 1)[1]


def shown(band: FlaskClient, training: str) -> str:
    assert band.post(f"/sets/{training}/show", data={"deed": "show"}).status_code == 303
    return f"/lists/{training}"


def tracks(client: FlaskClient, address: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = client.get(f"{address}/tracks.json").get_json()["tracks"]
    return found


def test_a_set_that_is_shown_is_a_page_that_plays_in_a_row(
    band: FlaskClient, client: FlaskClient, training: str, filled: Filling
) -> None:
    assert client.get(f"/lists/{training}").status_code == 404
    address = shown(band, training)
    page = client.get(f"{address}?lang=en").get_data(as_text=True)
    for said in ("A training", "Who sings?", "What was taken?", "Who came?", "Stand in a row.", "15 minutes"):
        assert said in page
    assert "not for strangers" not in page
    assert "Sreymom" not in page
    song, moment = tracks(client, address)
    assert (song["page"], moment["start"], moment["end"]) == (f"/song/{SONG}", 4000, 9000)
    assert client.get(str(moment["src"])).status_code == 200
    assert address in client.get("/lists").get_data(as_text=True)
    assert client.get(f"{address}/sheet.pdf").data[:5] == b"%PDF-"
    band.post(f"/sets/{training}/show", data={"deed": "hide"})
    assert client.get(address).status_code == client.get(f"{address}/tracks.json").status_code == 404
    assert address not in client.get("/lists").get_data(as_text=True)


def test_what_is_withdrawn_is_not_there_and_nothing_says_so(
    band: FlaskClient, client: FlaskClient, training: str, filled: Filling
) -> None:
    address = shown(band, training)
    told = filled.testimonies[TOLD]
    named = f"/lists/heard.json?m=testimony:{told}:4000-9000&m=song:{SONG}"
    assert [one["named"] for one in client.get(named).get_json()["tracks"]] == named.split("?m=")[1].split("&m=")
    withdraw.withdraw(filled.backends, told, "restrict", GIVEN)
    page = client.get(f"{address}?lang=en").get_data(as_text=True)
    assert told not in page
    assert "What was taken?" not in page
    assert all("start" not in one for one in tracks(client, address))
    assert told not in client.get(named).get_data(as_text=True)
    unknown = client.get("/lists/heard.json?m=testimony:nobody00000000:4000-9000").get_data()
    assert client.get(f"/lists/heard.json?m=testimony:{told}:4000-9000").get_data() == unknown
    with filled.backends.database.write() as session:
        for entry in session.scalars(
            select(SetEntry).where(SetEntry.set_id == training, SetEntry.song_id.is_not(None))
        ):
            session.delete(entry)
    assert client.get(address).status_code == 404
    assert address not in client.get("/lists").get_data(as_text=True)


def test_a_destroyed_testimony_leaves_no_place_in_a_list(band: FlaskClient, training: str, filled: Filling) -> None:
    told = filled.testimonies[TOLD]
    withdraw.withdraw(filled.backends, told, "destroy", GIVEN)
    purge.purge_waiting(filled.backends)
    with filled.backends.database.read() as session:
        assert session.scalars(select(SetEntry).where(SetEntry.testimony_id == told)).all() == []
        assert session.get_one(SetList, training).title_en == "A training"


def test_what_may_only_be_known_of_is_not_heard(client: FlaskClient, filled: Filling) -> None:
    told = filled.testimonies[TOLD]
    with filled.backends.database.write() as session:
        decisions.narrow(session, told, decisions.PRESETS["listed-sealed"], GIVEN)
    assert client.get(f"/lists/heard.json?m=testimony:{told}").get_json()["tracks"] == []


def test_the_later_of_two_sees_what_changed(band: FlaskClient, training: str) -> None:
    here = f"/sets/{training}"
    seen = re.findall(r'name="seen" value="(\d+)"', band.get(here).get_data(as_text=True))[0]
    first = {"title": "A training", "place": "Takeo", "seen": seen}
    assert band.post(here, data=first).status_code == 303
    later = band.post(here, data={"title": "A training", "place": "Kampot", "seen": seen}, query_string={"lang": "en"})
    page = later.get_data(as_text=True)
    assert later.status_code == 409
    assert "What is there now" in page
    assert "Takeo" in page
    assert 'value="Kampot"' in page
    entry = re.findall(r'id="song-([^"]*)"', page)[0]
    mine = {f"singer.{entry}": "Bopha", f"semitones.{entry}": "0", f"tempo.{entry}": "100", f"notes.{entry}": ""}
    overtaken = band.post(f"{here}/order", data={**mine, "seen": seen, "deed": "keep"}).get_data(as_text=True)
    assert 'value="Bopha"' in overtaken
    assert "There now:" in overtaken
    assert "Sreymom" in overtaken
    again = re.findall(r'name="seen" value="(\d+)"', overtaken)[0]
    assert band.post(f"{here}/order", data={**mine, "seen": again, "deed": "keep"}).status_code == 303


def test_a_run_sheet_is_printed_and_what_is_no_link_is_said(band: FlaskClient, training: str) -> None:
    sheet = band.get(f"/sets/{training}/run-sheet.pdf")
    assert (sheet.mimetype, sheet.data[:5]) == ("application/pdf", b"%PDF-")
    for link in ("https://elsewhere.example/", "/testimony/nobody00000000", "/song/no-such-song"):
        refused = band.post(f"/sets/{training}/songs", data={"link": link})
        assert refused.status_code == 400
        assert "This is no link" in refused.get_data(as_text=True)
    assert band.post(f"/sets/{training}/songs", data={"heading": " "}).status_code == 400


def test_a_list_of_a_device_becomes_a_set(band: FlaskClient, filled: Filling) -> None:
    told = filled.testimonies[TOLD]
    items = [f"testimony:{told}:4000-9000", f"song:{SONG}"]
    made = band.post("/sets/from-list", data={"title": "Mine", "item": items, "question": ["Why?", ""]})
    page = band.get(made.headers["Location"]).get_data(as_text=True)
    assert "Why?" in page
    assert f"{told}?t=4000-9000" in page
    wrong = band.post("/sets/from-list", data={"title": "Mine", "item": ["song:none"], "question": [""]})
    assert wrong.headers["Location"] == "/lists/mine"
