"""IIIF manifests by the published schema: what may be had, in the form it may be had in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jsonschema
import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from archive.access import gate
from archive.models import Permission, Redaction, Song, Testimony, now
from archive.pages import manifest_listing, testimony_page
from archive.songs.song_view import song_page
from media.timed import webvtt
from tests import factories
from tests.web.filling import Filling

SAID = "the-day-the-line-fell"


@pytest.fixture(scope="module")
def schema(shared_data: Path) -> dict[str, Any]:
    said = (shared_data / "schemas" / "iiif_3_0.json").read_text(encoding="utf-8")
    return dict(json.loads(said))


@pytest.fixture
def valid(client: FlaskClient, schema: dict[str, Any]) -> Callable[[str], dict[str, Any]]:
    """Ask for a document, which the schema must take."""

    def asked(address: str) -> dict[str, Any]:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        document = dict(json.loads(answer.data))
        jsonschema.validate(document, schema)
        return document

    return asked


def painted(document: dict[str, Any]) -> list[dict[str, Any]]:
    return list(document["items"][0]["items"][0]["items"])


def test_a_testimony_is_a_canvas_with_its_sound_its_words_and_its_moments(
    filled: Filling, client: FlaskClient, valid: Callable[[str], dict[str, Any]]
) -> None:
    told = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        factories.index_point(session, told, start_ms=2000, title_km="ចាប់ផ្ដើម", title_en="The beginning")
        length = session.get_one(Testimony, told).recording.duration_ms
    document = valid(f"/iiif/testimony/{told}/manifest.json")
    sound = painted(document)[0]["body"]
    assert (sound["type"], sound["format"], sound["duration"]) == ("Sound", "audio/mp4", (length or 0) / 1000)
    assert client.get(sound["id"]).status_code == 200
    words = document["items"][0]["annotations"][0]["items"]
    assert {one["motivation"] for one in words} == {"supplementing"}
    with filled.backends.database.read() as session:
        shown = testimony_page.testimony_page_of(session, gate.PUBLIC, told, "en", None)
    assert [one["body"]["language"] for one in words] == [*filter(None, (shown.language, shown.other_language))]
    for one in words:
        answer = client.get(one["body"]["id"])
        assert answer.content_type == "text/vtt; charset=utf-8"
        assert webvtt.read(answer.get_data(as_text=True))
    ranges = [one for one in document["structures"][0]["items"] if one["label"].get("en") == ["The beginning"]]
    assert "/canvas#t=2," in ranges[0]["items"][0]["id"]
    assert f"/iiif/testimony/{told}/manifest.json" in client.get(f"/testimony/{told}").get_data(as_text=True)


def test_of_what_is_closed_there_is_as_much_as_is_open(
    filled: Filling, client: FlaskClient, valid: Callable[[str], dict[str, Any]]
) -> None:
    told = filled.testimonies[SAID]
    address = f"/iiif/testimony/{told}/manifest.json"
    sounds = ("original_sound", "disguised_sound")
    with filled.backends.database.write() as session:
        of_it = Permission.testimony_id == told
        session.execute(delete(Permission).where(of_it, Permission.form.in_(sounds)))
    assert painted(valid(address)) == [], "its words are read on a silent canvas"
    with filled.backends.database.write() as session:
        session.execute(
            delete(Permission).where(of_it, Permission.form.in_(["full_transcript", "redacted_transcript"]))
        )
    listed = client.get(address)
    with filled.backends.database.write() as session:
        session.get_one(Testimony, told).withdrawn_at = now()
    gone = client.get(address)
    never = client.get("/iiif/testimony/nobody00000000/manifest.json")
    assert listed.status_code == gone.status_code == never.status_code == 404
    assert told not in json.dumps(valid("/iiif/collection/testimonies/1.json"))
    assert client.get(f"/iiif/testimony/{told}/words/km.vtt").status_code == 404


def test_a_song_plays_with_its_words(
    filled: Filling, client: FlaskClient, valid: Callable[[str], dict[str, Any]]
) -> None:
    with filled.backends.database.read() as session:
        slugs = session.scalars(select(Song.slug).where(Song.id.in_(gate.visible_songs(gate.PUBLIC)))).all()
        heard = [one for one in slugs if (page := song_page(session, gate.PUBLIC, one)) and page.tracks]
        timed = [one for one in heard if (page := song_page(session, gate.PUBLIC, one)) and page.timed]
    assert timed
    for slug in heard:
        assert client.get(painted(valid(f"/iiif/song/{slug}/manifest.json"))[0]["body"]["id"]).status_code == 200
    words = valid(f"/iiif/song/{timed[0]}/manifest.json")["items"][0]["annotations"][0]["items"]
    assert webvtt.read(client.get(words[0]["body"]["id"]).get_data(as_text=True))
    for slug in set(slugs) - set(heard) | {"no-such-song"}:
        assert client.get(f"/iiif/song/{slug}/manifest.json").status_code == 404


def test_collections_lead_to_every_manifest_in_pages(
    filled: Filling, client: FlaskClient, valid: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    top = valid("/iiif/collection.json")
    assert [one["type"] for one in top["items"]] == ["Collection", "Collection"]
    whole = [one["id"] for one in valid("/iiif/collection/testimonies/1.json")["items"]]
    assert len(whole) > 2
    for one in whole:
        assert valid(one)["type"] == "Manifest"
    monkeypatch.setattr(manifest_listing, "IN_ONE", 2)
    paged, address = [], "/iiif/collection/testimonies/1.json"
    while address:
        items = valid(address)["items"]
        paged += [one["id"] for one in items if one["type"] == "Manifest"]
        address = next((one["id"] for one in items if one["type"] == "Collection"), "")
    assert paged == whole
    for nonsense in ("/iiif/collection/people/1.json", "/iiif/collection/songs/0.json"):
        assert client.get(nonsense).status_code == 404


def test_the_words_of_a_testimony_are_searched_as_far_as_they_may_be_read(
    filled: Filling, client: FlaskClient, valid: Callable[[str], dict[str, Any]], schema: dict[str, Any]
) -> None:
    told = filled.testimonies[SAID]
    manifest = valid(f"/iiif/testimony/{told}/manifest.json")
    (service,) = manifest["service"]
    assert service["type"] == "SearchService2"
    assert manifest["@context"][-1] == "http://iiif.io/api/presentation/3/context.json"
    with filled.backends.database.read() as session:
        shown = testimony_page.testimony_page_of(session, gate.PUBLIC, told, "en", None)
    wanted = shown.passages[1]
    word = next(one for one in wanted.text.split() if one.isascii() and len(one) > 5) if wanted.text.isascii() else ""
    word = word or wanted.text[:6]

    def found(question: str) -> dict[str, Any]:
        answer = client.get(f"{service['id']}?{question}")
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        document = dict(json.loads(answer.data))
        assert document["@context"] == "http://iiif.io/api/search/2/context.json"
        page = {name: value for name, value in document.items() if name not in {"@context", "ignored"}}
        parts = {name: schema[name] for name in ("$schema", "types", "classes")}
        jsonschema.validate(page, {**parts, "oneOf": [{"$ref": "#/classes/annotationPage"}]})
        return document

    here = found(urlencode({"q": word}))
    times = {one["target"].partition("#t=")[2] for one in here["items"]}
    assert f"{wanted.span.start_ms / 1000:g},{wanted.span.end_ms / 1000:g}" in times
    assert all(one["target"].startswith(manifest["items"][0]["id"]) for one in here["items"])
    assert found("q=nobodysaidthis")["items"] == found("q=")["items"] == []
    assert found("q=nobodysaidthis&motivation=painting&date=2013")["ignored"] == ["motivation", "date"]
    with filled.backends.database.write() as session:
        session.add(Redaction(testimony_id=told, start_ms=0, end_ms=10_000_000, heard_at=now()))
        of_it = Permission.testimony_id == told
        session.execute(delete(Permission).where(of_it, Permission.form == "full_transcript"))
        session.add(Permission(testimony_id=told, form="redacted_transcript", audience="public"))
    assert found(urlencode({"q": word}))["items"] == [], "what is taken out is not found"
    with filled.backends.database.write() as session:
        session.get_one(Testimony, told).withdrawn_at = now()
    gone, never = client.get(service["id"] + "?q=a"), client.get("/iiif/testimony/nobody00000000/search?q=a")
    assert (gone.status_code, gone.data) == (never.status_code, never.data)
