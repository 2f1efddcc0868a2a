"""Sets: songs put in an order, changed with a way back, and what was sung written down because a member says so."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.models import Release, SetEntry, SetList
from archive.withdrawal import withdraw
from tests.archive.testimonies import GIVEN
from tests.web.filling import Filling

SONGS = ("do-not-condemn-me", "the-land-beneath-our-feet", "one-length-of-thread")
HOW = {"singer": "Sreymom", "tempo": "90", "semitones": "-2", "notes": "slow"}
EVENING = {"title": "Evening", "held_on": "2026-12-10", "place": "the centre", "notes": ""}


@pytest.fixture
def here(band: FlaskClient) -> str:
    """The address of a set of three songs."""
    address = band.post("/sets", data=EVENING).headers["Location"]
    for slug in SONGS:
        band.post(f"{address}/songs", data={"song": slug})
    return address


def order(band: FlaskClient, here: str) -> list[str]:
    return re.findall(r'<h3><a href="/song/([^"]*)"', band.get(here).get_data(as_text=True))


def entries(band: FlaskClient, here: str) -> list[str]:
    return re.findall(r'id="song-([^"]*)"', band.get(here).get_data(as_text=True))


def test_a_set_is_put_in_an_order_and_everything_has_its_way_back(band: FlaskClient, here: str) -> None:
    first, second, third = entries(band, here)
    fields = {f"{name}.{second}": said for name, said in HOW.items()}
    band.post(f"{here}/order", data={**fields, "deed": f"up.{second}"})
    assert order(band, here) == [SONGS[1], SONGS[0], SONGS[2]]
    stage = band.get(f"{here}/stage").get_data(as_text=True)
    assert 'data-singer="Sreymom" data-semitones="-2" data-tempo="90"' in stage
    said = band.post(f"{here}/order", data={"deed": f"out.{first}"}, follow_redirects=True).get_data(as_text=True)
    assert order(band, here) == [SONGS[1], SONGS[2]]
    band.post(re.findall(r'class="undo" method="post" action="([^"]*)"', said)[0])
    assert entries(band, here) == [second, first, third]
    gone = band.post(f"{here}/remove", follow_redirects=True).get_data(as_text=True)
    assert band.get(here).status_code == 404
    band.post(re.findall(r'class="undo" method="post" action="([^"]*)"', gone)[0], data={"deed": "put-back"})
    assert order(band, here) == [SONGS[1], SONGS[0], SONGS[2]]


def test_what_cannot_be_kept_stays_as_it_was_typed(band: FlaskClient, here: str) -> None:
    entry = entries(band, here)[0]
    fields = {f"singer.{entry}": "Sreymom", f"tempo.{entry}": "900", f"semitones.{entry}": "0", f"notes.{entry}": ""}
    refused = band.post(f"{here}/order", data={**fields, "deed": "keep"})
    assert refused.status_code == 400
    assert "between 50 and 150" in refused.get_data(as_text=True)
    assert 'value="Sreymom"' in refused.get_data(as_text=True)
    assert band.post("/sets", data={**EVENING, "title": " ", "place": "Takeo"}).status_code == 400
    assert band.post("/sets", data={**EVENING, "held_on": "2026-13-40"}).status_code == 400
    assert band.post(f"{here}/sung", data={"people": "many"}).status_code == 400


def test_what_was_sung_is_what_a_member_wrote_down(band: FlaskClient, here: str, filled: Filling) -> None:
    sung = entries(band, here)[:2]
    ticked = band.get(f"{here}?sung={sung[0]}").get_data(as_text=True)
    assert re.findall(r'name="sung" value="([^"]*)" checked', ticked) == [sung[0]]
    band.post(f"{here}/sung", data={"sung": sung, "people": "\u17e4\u17e2"})
    room = band.get("/sets").get_data(as_text=True)
    assert re.search(r"3 songs\s*· 2 sung\s*· 42 people came", room)
    with filled.backends.database.read() as session:
        assert sorted(session.scalars(select(SetEntry.id).where(SetEntry.sung))) == sorted(sung)
        assert session.scalars(select(SetList.people)).one() == 42


def test_the_songs_of_a_set_are_a_book_to_print(band: FlaskClient, here: str, filled: Filling) -> None:
    book = band.post(f"{here}/book")
    assert (book.mimetype, book.data[:5]) == ("application/pdf", b"%PDF-")
    assert len(re.findall(rb"/Type /Page\n", book.data)) == 1 + len(SONGS)
    with filled.backends.database.read() as session:
        notes = session.scalars(select(Release.note)).all()
    assert list(notes) == ["song-book"] * len(SONGS)
    for testimony_id in filled.testimonies.values():
        withdraw.withdraw(filled.backends, testimony_id, "restrict", GIVEN)
    band.post(f"{here}/book")
    with filled.backends.database.read() as session:
        later = session.scalars(select(Release).order_by(Release.at)).all()[len(SONGS) :]
        assert [one.testimonies for one in later] == [[] for _ in later]
    for entry in entries(band, here):
        band.post(f"{here}/order", data={"deed": f"out.{entry}"})
    refused = band.post(f"{here}/book")
    assert refused.status_code == 400
    assert "may be printed" in refused.get_data(as_text=True)


def test_a_song_that_may_no_longer_be_sung_leaves_every_set(
    band: FlaskClient, client: FlaskClient, here: str, filled: Filling
) -> None:
    assert client.get(here).status_code == client.get(f"{here}/stage").status_code == 404
    assert client.get("/sets").status_code == 303
    for testimony_id in filled.testimonies.values():
        withdraw.withdraw(filled.backends, testimony_id, "restrict", GIVEN)
    left = [slug for slug in SONGS if band.get(f"/song/{slug}").status_code == 200]
    assert order(band, here) == left
    for slug in set(SONGS) - set(left):
        assert slug not in band.get(f"{here}/stage").get_data(as_text=True)
