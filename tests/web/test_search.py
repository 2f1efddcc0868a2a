"""Searching on the site: what is found, how it is shown, and that nothing tells of what may not be found."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from archive.catalogue.thesaurus import load_thesaurus
from archive.models import IndexPoint, Permission, Release, Song
from archive.retrieval import indexing
from archive.retrieval.delayed_indexing import DelayedIndexer
from tests.archive.search.world import Told, add
from tests.web.filling import Filling

DEBT = "បំណុល"
FIRE = "like-fire-across-a-field"


@pytest.fixture
def found(filled: Filling) -> Filling:
    """The sample collection, findable."""
    indexing.reindex(filled.backends.database, filled.backends.index)
    return filled


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def spoken(filled: Filling, word: str) -> str:
    """Id of a testimony in whose sample text the word stands."""
    told = next(t for t in filled.collection.testimonies if any(word in s.text for s in t.segments))
    return filled.testimonies[told.id]


def test_a_khmer_word_is_found_highlighted_and_played_half_a_second_before(client: FlaskClient, found: Filling) -> None:
    page = text(client, f"/search?q={DEBT}")
    assert f"<mark>{DEBT}</mark>" in page
    testimony_id = spoken(found, DEBT)
    moments = re.findall(r'data-moment="(/media/\w+)" data-start="(\d+)"', page)
    assert moments
    assert f'href="/testimony/{testimony_id}?t={moments[0][1]}"' in page


def test_what_is_typed_is_text_and_nothing_else(client: FlaskClient, found: Filling) -> None:
    page = client.get("/search?q=%3Cscript%3Ealert(1)%3C/script%3E%22").get_data(as_text=True)
    assert "<script>alert" not in page
    for query in ('"', "(", "theme:", "-", "*", "a OR", "year:999999999999"):
        assert client.get("/search", query_string={"q": query}).status_code == 200


def test_facets_are_links_that_narrow_and_can_be_taken_away(client: FlaskClient, found: Filling) -> None:
    everything = text(client, "/search?community=farmer&community=garment-worker")
    farmers = text(client, "/search?community=farmer")
    titles = re.compile(r'<h3 class="group-title"><a href="(/testimony/\w+)">')
    assert set(titles.findall(farmers)) < set(titles.findall(everything))
    assert 'href="/search?community=garment-worker"' in everything
    chosen = r'aria-current="true">\s*<span class="facet-value"><span class="community community-farmer">'
    assert re.search(chosen, farmers)


def test_the_thesaurus_is_shown_and_can_be_switched_off(client: FlaskClient, found: Filling) -> None:
    with found.backends.database.write() as session:
        load_thesaurus(session)
    wide = text(client, "/search?q=debt&lang=en")
    assert "was also looked for as" in wide
    assert 'href="/search?q=debt&exact=1"' in wide
    narrow = text(client, "/search?q=debt&exact=1&lang=en")
    assert "was also looked for as" not in narrow
    assert "Look also for words that mean the same" in narrow


def test_an_answer_without_hits_says_what_to_do(client: FlaskClient, found: Filling) -> None:
    page = text(client, "/search?q=zzzzzz&community=farmer&lang=en")
    assert "Nothing was found" in page
    assert 'href="/search?q=zzzzzz"' in page


def test_a_testimony_that_may_not_be_known_leaves_no_trace_in_any_answer(client: FlaskClient, found: Filling) -> None:
    testimony_id = spoken(found, DEBT)
    with found.backends.database.write() as session:
        session.execute(delete(Permission).where(Permission.testimony_id == testimony_id))
    for address in (f"/search?q={DEBT}", "/search", "/search?community=farmer", f"/search?q={DEBT}&sort=date"):
        assert testimony_id not in text(client, address)
    assert f"<mark>{DEBT}</mark>" not in text(client, f"/search?q={DEBT}")


def test_pages_past_the_end_show_the_last(client: FlaskClient, found: Filling) -> None:
    assert "<mark>" in text(client, f"/search?q={DEBT}&page=50")
    assert client.get(f"/search?q={DEBT}&page=-1").status_code == 200


def test_a_table_is_for_those_who_have_signed_in_and_is_written_down(
    signed_in: Callable[..., FlaskClient], client: FlaskClient, found: Filling
) -> None:
    assert "/search/csv" not in text(client, f"/search?q={DEBT}")
    researcher = signed_in("researcher")
    page = text(researcher, f"/search?q={DEBT}")
    token = re.search(r'action="/search/csv".*?name="csrf_token" value="([^"]+)"', page, re.S)
    assert token is not None
    assert researcher.post("/search/csv", data={"q": DEBT}).status_code == 400
    answer = researcher.post("/search/csv", data={"q": DEBT, "csrf_token": token[1]})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert any(DEBT in row["words"] for row in rows)
    sung = [row for row in rows if row["kind"] == "song"]
    assert sung, "the lines of songs are in it too"
    with found.backends.database.read() as session:
        noted = session.scalars(select(Release).where(Release.kind == "export")).all()
        songs = {song.slug: f"song:{song.id}" for song in session.scalars(select(Song))}
    told = {f"testimony:{row['address'].split('/')[-1].split('?')[0]}" for row in rows if row["kind"] == "testimony"}
    lines = {songs[row["address"].split("/")[-1].split("#")[0]] for row in sung if "#line-" in row["address"]}
    assert told <= {one.subject for one in noted}
    assert {one.subject for one in noted} <= told | lines
    assert all(one.testimonies for one in noted), "whose words a line is made of can be told"


@pytest.fixture
def band(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("band", ("MB",))
    client.application.config["WTF_CSRF_ENABLED"] = False
    return client


def test_a_point_is_found_from_when_it_is_set_until_it_is_removed(band: FlaskClient, found: Filling) -> None:
    told = spoken(found, DEBT)
    form = {"time": "0:02", "title_km": "តម្លៃគោ", "title_en": "What quillfeathers cost"}
    assert "Nothing was found" in text(band, "/search?q=quillfeathers&lang=en")
    for _ in range(2):
        assert band.post(f"/review/{told}/points", data=form).status_code == 303
        page = text(band, "/search?q=quillfeathers&lang=en")
        assert "One place" in page
        assert "A moment that somebody named" in page
        assert 'data-start="2000"' in page
        assert f'href="/testimony/{told}?t=2000"' in page
        assert f'href="/testimony/{told}?t=2000"' in text(band, "/search?q=តម្លៃគោ&exact=1")
        with found.backends.database.read() as session:
            point = session.scalars(select(IndexPoint.id)).one()
        changed = {**form, "point": point, "title_en": "What vesperlights cost", "time": "0:03"}
        assert band.post(f"/review/{told}/points", data=changed).status_code == 303
        assert "Nothing was found" in text(band, "/search?q=quillfeathers&lang=en")
        assert 'data-start="3000"' in text(band, "/search?q=vesperlights")
        band.post(f"/review/{told}/points/{point}/remove")
        assert "Nothing was found" in text(band, "/search?q=vesperlights&lang=en")


def test_what_somebody_writes_in_a_draft_is_found_by_the_band_a_little_later(
    band: FlaskClient, found: Filling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        band.application.extensions,
        "indexed-soon",
        DelayedIndexer(found.backends.database, found.backends.index, within_s=0.01),
    )
    with found.backends.database.write() as session:
        add(session, Told("told", [("", "She went home.")], language="en", stage="machine"))
    version = band.post("/review/told/start").headers["Location"].rsplit("/", 1)[1]
    row = band.get(f"/review/edit/{version}/segments").json["segments"][0]
    change = {"id": "1" * 24, "kind": "text", "segment": row["id"], "before": row["text"], "text": "Quillfeathers."}
    asked = {"seq": 0, "window": "w", "ops": [change]}
    assert band.post(f"/review/edit/{version}/sync", json=asked).status_code == 200
    deadline = time.monotonic() + 30
    while "/testimony/told" not in text(band, "/search?q=quillfeathers"):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_stranger_gets_no_table(app: object, client: FlaskClient, found: Filling) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    refused = client.post("/search/csv", data={"q": DEBT})
    assert refused.status_code == 404
