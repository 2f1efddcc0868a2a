"""What a link to a public page shows elsewhere, and that it is gone with the next request once it is taken back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from archive.models import Arrangement, LyricLine, Testimony
from archive.withdrawal import withdraw
from tests.archive.testimonies import GIVEN
from tests.web.filling import Filling

SONG, CAMPAIGN = "do-not-condemn-me", "land-back"


def head_of(page: str) -> dict[str, str]:
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', page)
    return {name: text.replace("&#39;", "'") for name, text in found}


def data_of(page: str) -> dict[str, Any]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert len(found) == 1
    loaded = json.loads(found[0])
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture
def told(filled: Filling) -> str:
    """A testimony that everybody may know of and that a published song draws on."""
    with filled.backends.database.read() as session:
        found = session.query(Testimony).filter(Testimony.title_en == "Before the rice was ripe").one()
        return found.id


def test_a_song_says_what_it_is_wherever_its_link_goes(client: FlaskClient) -> None:
    page = client.get(f"/song/{SONG}?lang=en").get_data(as_text=True)
    said, data = head_of(page), data_of(page)
    assert said["og:title"] == "កុំកាត់ទោសខ្ញុំ · Do not condemn me"
    assert said["og:type"] == "music.song"
    assert said["og:url"] == f"http://localhost/song/{SONG}"
    assert said["description"] == said["og:description"] == said["twitter:description"]
    assert data["@type"] == "MusicRecording"
    assert data["recordingOf"]["@type"] == "MusicComposition"
    assert client.get(data["audio"]["contentUrl"].removeprefix("http://localhost")).status_code == 200
    picture = client.get(said["og:image"].removeprefix("http://localhost"))
    assert picture.data[:8] == b"\x89PNG\r\n\x1a\n"
    assert client.get(picture.request.path, headers={"If-None-Match": picture.headers["ETag"]}).status_code == 304
    assert f'<link rel="canonical" href="http://localhost/song/{SONG}?lang=en">' in page
    assert f'hreflang="km" href="http://localhost/song/{SONG}">' in page
    assert f'data-share="http://localhost/song/{SONG}"' in page


def test_a_testimony_lets_out_its_title_and_nothing_she_told(client: FlaskClient, told: str, filled: Filling) -> None:
    page = client.get(f"/testimony/{told}?lang=en&t=4000-9000").get_data(as_text=True)
    said, data = head_of(page), data_of(page)
    assert said["og:title"].endswith("Before the rice was ripe")
    assert said["og:description"].startswith("From 0:04 to 0:09.")
    assert said["og:url"].endswith("?t=4000-9000")
    assert f'<link rel="canonical" href="http://localhost/testimony/{told}?lang=en">' in page
    assert data["@type"] == "AudioObject"
    with filled.backends.database.read() as session:
        row = session.get_one(Testimony, told)
        closed = (row.synopsis_en, row.narrator.pseudonym_en, row.recording_id)
    card = [text for name, text in said.items() if not name.startswith("citation_")]
    assert f'data-share="http://localhost/testimony/{told}"' in page
    assert re.search(rf'data-share="http://localhost/testimony/{told}\?t=\d+-\d+"', page)
    for text in (*card, *map(str, data.values())):
        assert not any(one in text for one in closed)
    assert client.get(f"/testimony/{told}?t=9000-4000").status_code == 200


def test_a_campaign_has_its_songs_in_its_card(client: FlaskClient) -> None:
    page = client.get(f"/campaign/{CAMPAIGN}?lang=en").get_data(as_text=True)
    assert head_of(page)["og:image"] == f"http://localhost/campaign/{CAMPAIGN}/share.png"
    assert [one["url"] for one in data_of(page)["hasPart"]] == [f"http://localhost/song/{SONG}"]


def test_whoever_has_signed_in_is_given_the_link_alone(signed_in: Callable[..., FlaskClient]) -> None:
    page = signed_in("band").get(f"/song/{SONG}").get_data(as_text=True)
    assert "og:title" not in page
    assert "data-share=" in page


def test_search_engines_are_led_to_every_public_page(client: FlaskClient, told: str) -> None:
    assert "Sitemap: http://localhost/sitemap.xml" in client.get("/robots.txt").get_data(as_text=True)
    files = re.findall(r"<loc>http://localhost([^<]*)</loc>", client.get("/sitemap.xml").get_data(as_text=True))
    named = [client.get(one).get_data(as_text=True) for one in files]
    addresses = [one for text in named for one in re.findall(r"<loc>http://localhost([^<]*)</loc>", text)]
    assert {f"/song/{SONG}", f"/testimony/{told}", f"/campaign/{CAMPAIGN}", "/"} <= set(addresses)
    assert [one for one in addresses if client.get(one).status_code != 200] == []
    assert client.get("/sitemap/songs/2.xml").status_code == 404


def test_the_songs_can_be_followed_with_their_sound(client: FlaskClient) -> None:
    feed = ElementTree.fromstring(client.get("/songs.atom?lang=en").data)
    atom = "{http://www.w3.org/2005/Atom}"
    entries = feed.findall(f"{atom}entry")
    assert len(entries) == 3
    for entry in entries:
        sound = next(one for one in entry.findall(f"{atom}link") if one.get("rel") == "enclosure")
        answer = client.get(str(sound.get("href")).removeprefix("http://localhost"))
        assert (answer.status_code, answer.mimetype) == (200, sound.get("type"))
    assert client.get("/songs.atom?page=2").data.count(b"<entry>") == 0


def test_another_site_may_frame_the_player_and_nothing_else(client: FlaskClient) -> None:
    asked = client.get(f"/oembed?url=http://localhost/song/{SONG}&maxwidth=400").get_json()
    assert (asked["type"], asked["width"]) == ("rich", 400)
    address = re.findall(r'src="http://localhost([^"]*)"', asked["html"])[0]
    player = client.get(address)
    assert "frame-ancestors *" in player.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in player.headers
    assert "<form" not in player.get_data(as_text=True)
    for closed in (f"/song/{SONG}", "/song/no-such-song/embed", "/oembed?url=http://localhost/desk"):
        answer = client.get(closed)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"
    for foreign in ("https://elsewhere.example/song/x", f"http://localhost.example/song/{SONG}", "http://[", ""):
        assert client.get("/oembed", query_string={"url": foreign}).status_code == 404
    assert client.get(f"/oembed?url=http://localhost/song/{SONG}&format=xml").status_code == 501


def test_what_is_taken_back_is_gone_from_all_of_it(client: FlaskClient, told: str, filled: Filling) -> None:
    of_hers = [f"/testimony/{told}/share.png", f"/oembed?url=http://localhost/testimony/{told}"]
    sung = [f"/song/{SONG}/share.png", f"/song/{SONG}/embed", f"/oembed?url=http://localhost/song/{SONG}"]
    lists = ["/songs.atom", "/sitemap/songs/1.xml", "/sitemap/testimonies/1.xml"]
    assert [client.get(one).status_code for one in (*of_hers, *sung)] == [200] * 5
    for testimony_id in filled.testimonies.values():
        withdraw.withdraw(filled.backends, testimony_id, "restrict", GIVEN)
    assert [client.get(one).status_code for one in of_hers] == [404] * 2
    assert client.get(lists[2]).status_code == 404
    with filled.backends.database.write() as session:
        silent = [line.km for line in session.scalars(select(LyricLine).where(LyricLine.held)) if line.km]
        sounds = list(session.scalars(select(Arrangement.recording_id).where(Arrangement.kind != "instrumental")))
    shown = "".join(client.get(one).text for one in (*sung[1:], *lists[:2], f"/song/{SONG}"))
    assert silent
    assert SONG in shown, "the song goes on with the band's own lines"
    assert [one for one in (*silent, *sounds) if one in shown] == []
    with filled.backends.database.write() as session:
        session.execute(update(LyricLine).values(held=True))
    assert [client.get(one).status_code for one in sung] == [404] * 3
    for one in lists[:2]:
        assert SONG.encode() not in client.get(one).data
