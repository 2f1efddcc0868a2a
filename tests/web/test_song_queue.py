"""The songs to be played one after another, as a list asks for them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from archive.models import Song
from archive.pages import song_queue
from tests.web.filling import Filling

NEWEST_FIRST = ["do-not-condemn-me", "the-land-beneath-our-feet", "one-length-of-thread"]


def slugs(client: FlaskClient, address: str = "/songs.json") -> list[str]:
    return [one["page"].removeprefix("/song/") for one in client.get(address).get_json()["tracks"]]


def test_all_songs_or_those_of_a_campaign_can_be_played(client: FlaskClient) -> None:
    told = client.get("/songs.json").get_json()
    assert sorted(slugs(client)) == sorted(NEWEST_FIRST)
    assert told["next"] is None
    for track in told["tracks"]:
        assert client.get(track["src"]).status_code == 200
        assert client.get(track["cover"]).mimetype == "image/png"
        assert track["length"] > 1000
    assert slugs(client, "/songs.json?campaign=land-back") == ["do-not-condemn-me"]
    assert client.get("/songs.json?campaign=nothing").status_code == 404
    assert 'data-queue="/songs.json?campaign=land-back"' in client.get("/campaign/land-back").get_data(as_text=True)


def test_a_long_list_is_told_in_pages(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(song_queue, "PAGE", 2)
    first = client.get("/songs.json").get_json()
    second = client.get(first["next"]).get_json()
    assert len(first["tracks"]) == 2
    assert len(second["tracks"]) == 1
    assert second["next"] is None


def test_what_is_no_longer_out_is_not_played(client: FlaskClient, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        session.execute(update(Song).values(state="draft"))
    assert slugs(client) == []
    assert "data-queue" not in client.get("/").get_data(as_text=True)
