"""Campaigns on the site: made by the band, told to whoever may know, linked from the songs, with undo."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from archive.models import Campaign, Song, Testimony
from tests.web.filling import Filling

GIVEN = {"name_km": "ដីធ្លី", "name_en": "Land", "description_en": "Give it\nback.", "ask_en": "Sign the letter."}


@pytest.fixture
def band(app: Flask, signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("band")
    app.config["WTF_CSRF_ENABLED"] = False
    return client


def undo_in(page: str) -> str:
    found = re.findall(r'class="undo" method="post" action="([^"]*)"', page)
    assert len(found) == 1
    return str(found[0])


def test_a_campaign_is_made_written_shown_and_read(band: FlaskClient, client: FlaskClient) -> None:
    assert "See its page" in band.post("/campaigns?lang=en", data=GIVEN, follow_redirects=True).get_data(as_text=True)
    assert client.get("/campaign/land").status_code == 404
    assert "Only the band sees it" in band.get("/campaign/land?lang=en").get_data(as_text=True)
    said = band.post("/campaigns/land/show", data={"deed": "show"}, follow_redirects=True).get_data(as_text=True)
    page = client.get("/campaign/land?lang=en").get_data(as_text=True)
    for text in ("Land", "ដីធ្លី", "Give it\nback.", "Sign the letter.", "Nothing gathered yet"):
        assert text in page
    band.post(undo_in(said))
    assert client.get("/campaign/land").status_code == 404


def test_what_was_typed_stays_when_it_cannot_be_kept(band: FlaskClient) -> None:
    refused = band.post("/campaigns?lang=en", data={**GIVEN, "name_km": "", "name_en": ""})
    assert refused.status_code == 400
    assert "Sign the letter." in refused.get_data(as_text=True)
    band.post("/campaigns", data=GIVEN)
    band.post("/campaigns/land", data={**GIVEN, "ask_en": "Hers.", "seen": "1"})
    late = band.post("/campaigns/land?lang=en", data={**GIVEN, "ask_en": "Mine.", "seen": "1"})
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "Hers." in page
    assert "Mine." in page


def test_songs_and_testimonies_come_and_go_and_songs_lead_to_it(
    band: FlaskClient, client: FlaskClient, filled: Filling
) -> None:
    band.post("/campaigns", data=GIVEN)
    band.post("/campaigns/land/show", data={"deed": "show"})
    slug, song_id = next(iter(filled.songs.items()))
    with filled.backends.database.read() as session:
        before = session.get_one(Song, song_id).campaign_id
        title = session.get_one(Song, song_id).title_en
    found = band.get(f"/campaigns/land?lang=en&q={title}").get_data(as_text=True)
    assert f'name="id" value="{song_id}"' in found
    data = {"kind": "song", "id": song_id, "into": "land"}
    said = band.post("/campaigns/land/member", data=data, follow_redirects=True).get_data(as_text=True)
    assert 'href="/campaign/land"' in client.get(f"/song/{slug}").get_data(as_text=True)
    assert f'href="/song/{slug}"' in client.get("/campaign/land").get_data(as_text=True)
    assert f'name="into" value="{before}"' in said
    band.post(undo_in(said), data={"kind": "song", "id": song_id, "into": before})
    with filled.backends.database.read() as session:
        assert session.get_one(Song, song_id).campaign_id == before
        told = next(iter(filled.testimonies.values()))
    band.post("/campaigns/land/member", data={"kind": "testimony", "id": told, "into": "land"})
    with filled.backends.database.read() as session:
        campaign = session.get_one(Campaign, session.get_one(Testimony, told).campaign_id)
        assert campaign.slug == "land"
    assert band.post("/campaigns/land/member", data={"kind": "song", "id": "none", "into": "land"}).status_code == 404


def test_the_room_is_the_bands(client: FlaskClient, signed_in: Callable[..., FlaskClient]) -> None:
    assert client.get("/campaigns").status_code == 303
    assert signed_in("researcher").get("/campaigns").status_code == 404
