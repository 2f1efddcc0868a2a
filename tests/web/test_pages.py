"""What somebody sees on the listening page and on a song's page, and what they do not."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from archive import models
from archive.backends import Backends
from archive.models import LyricLine, Permission, Redaction, Song, Source
from tests.web.filling import Filling
from web.app import create_app

SONG = "/song/one-length-of-thread"
SAID = "the-day-the-line-fell"
QUOTE = "ពីបន្ទប់តូចមិនឃើញថ្ងៃ"


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def test_the_listening_page_leads_to_every_published_song(client: FlaskClient, filled: Filling) -> None:
    page = text(client, "/")
    for song in filled.collection.songs:
        assert f'href="/song/{song.id}"' in page
        assert song.title["km"] in page
        assert song.title["en"] in page


def test_an_empty_archive_says_what_comes_here(backends: Backends) -> None:
    page = text(create_app(backends).test_client(), "/")
    assert "មិនទាន់មានបទចម្រៀងទេ" in page


def test_the_words_can_be_read_and_heard_without_a_script(client: FlaskClient, filled: Filling) -> None:
    page = text(client, SONG)
    song = next(s for s in filled.collection.songs if s.id == "one-length-of-thread")
    for line in song.lines:
        assert line.romanised in page
        assert line.en in page
        for word in line.words:
            assert f'data-s="{word.start_ms}" data-e="{word.end_ms}">{word.text}</span>' in page
    assert len(re.findall(r"<audio controls", page)) == 2


def test_khmer_may_be_broken_only_between_words(client: FlaskClient, filled: Filling) -> None:
    page = text(client, SONG)
    line = next(s for s in filled.collection.songs if s.id == "one-length-of-thread").lines[0]
    spans = re.search(r'<p class="sung" lang="km">(.*?)</p>', page)
    assert spans is not None
    assert re.sub(r"<span[^>]*>|</span>", "", spans[1]).split("<wbr>") == [word.text for word in line.words]


def test_a_line_shows_what_was_said_and_leads_there(client: FlaskClient, filled: Filling) -> None:
    page = text(client, SONG)
    assert f'<blockquote class="quote" lang="km">{QUOTE}</blockquote>' in page
    with filled.backends.database.read() as session:
        source = session.scalars(select(Source).where(Source.quote == QUOTE)).first()
        assert source is not None
        assert f'href="/testimony/{source.testimony_id}?t={source.start_ms}"' in page
    assert "ច្រៀងតាមពាក្យដែលបាននិយាយ" in page


def test_a_speaker_who_may_not_be_found_is_quoted_without_a_way_to_her(client: FlaskClient, filled: Filling) -> None:
    testimony_id = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        kept = Permission.form.in_(("quotation", "paraphrase"))
        session.execute(delete(Permission).where(Permission.testimony_id == testimony_id, ~kept))
        recording_id = session.get_one(models.Testimony, testimony_id).recording_id
    page = text(client, SONG)
    narrator = next(n for n in filled.collection.narrators if n.id == "rumduol")
    assert QUOTE in page
    assert testimony_id not in page
    assert narrator.pseudonym["km"] not in page
    assert recording_id not in page


def test_a_quote_that_touches_what_was_taken_out_is_not_shown(client: FlaskClient, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        source = session.scalars(select(Source).where(Source.quote == QUOTE)).first()
        assert source is not None
        session.add(Redaction(testimony_id=source.testimony_id, start_ms=source.start_ms, end_ms=source.start_ms + 10))
        session.execute(update(Redaction).values(heard_at=Redaction.marked_at))
    page = text(client, SONG)
    assert f">{QUOTE}</blockquote>" not in page


def test_a_song_whose_words_may_no_longer_be_quoted_is_as_if_it_had_never_been(
    client: FlaskClient, filled: Filling
) -> None:
    with filled.backends.database.write() as session:
        session.execute(delete(Permission))
        session.execute(update(LyricLine).where(LyricLine.own).values(held=True))
    refused, unknown = client.get(SONG), client.get("/song/there-is-no-such-song")
    assert refused.status_code == unknown.status_code == 404
    assert refused.data == unknown.data
    assert refused.headers.to_wsgi_list() == unknown.headers.to_wsgi_list()
    assert client.get(f"{SONG}/cover").data == unknown.data
    assert "one-length-of-thread" not in text(client, "/")


def test_a_draft_is_open_to_the_band_alone(signed_in: Callable[..., FlaskClient], filled: Filling) -> None:
    with filled.backends.database.write() as session:
        session.execute(update(Song).values(state="draft"))
    assert signed_in("researcher").get(SONG).status_code == 404
    assert signed_in("band").get(SONG).status_code == 200


def test_a_held_line_is_not_shown_even_to_the_band(signed_in: Callable[..., FlaskClient], filled: Filling) -> None:
    with filled.backends.database.write() as session:
        session.execute(update(LyricLine).where(LyricLine.romanised.startswith("pi ban-top")).values(held=True))
    assert "pi ban-top" not in text(signed_in("band"), SONG)


def test_pages_are_small(client: FlaskClient) -> None:
    """The listening page with all it loads is under 100 KB before sound, a song page under 300."""
    for address, limit in (("/", 100_000), (SONG, 300_000)):
        ask = {"Accept-Encoding": "br"}
        page = client.get(address, headers=ask)
        total = len(page.data)
        plain = client.get(address).get_data(as_text=True)
        addresses = set(re.findall(r'(/files/[^"]+)"', plain))
        modules = (
            {"bar", "press", "sound", "clock"}
            if address == "/"
            else {"bar", "press", "sound", "clock", "song", "stage", "keys", "sweep", "offset"}
        )
        version = re.search(r"/files/([^/]+)/", plain)
        assert version is not None
        addresses |= {f"/files/{version[1]}/js/player/{name}.js" for name in modules}
        addresses |= {f"/files/{version[1]}/js/site/nav.js"}
        addresses |= {f"/files/{version[1]}/vendor/fonts/alegreya-sans-{weight}.woff2" for weight in (400, 700)}
        addresses |= {f"/files/{version[1]}/img/thread-{way}.svg" for way in ("across", "down")}
        for each in addresses:
            answer = client.get(each, headers=ask)
            total += len(answer.data)
        assert total < limit, (address, total)
