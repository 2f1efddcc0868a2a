"""The desk's pages: what the band may do there, what nobody else may, and provenance whole in both directions."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pycrdt import Doc, Map, Text
from sqlalchemy import func, select

from archive.consent import decisions
from archive.consent.decisions import PRESETS, ConsentGiven
from archive.lists import PAGE
from archive.lyrics import shared_draft
from archive.lyrics.current_words import current_lyric
from archive.models import Account, Clipping, LyricLine, LyricVersion, Song, Source, Testimony, TranscriptVersion
from archive.models.source import quote_hash
from archive.retrieval import indexing
from tests.archive.testimonies import GIVEN
from tests.web.filling import Filling
from web.cli import run

SONG = "one-length-of-thread"
TOLD = "the-day-the-line-fell"
JSON = {"Accept": "application/json"}
Enter = Callable[..., FlaskClient]


@pytest.fixture
def band(signed_in: Enter, app: Flask) -> FlaskClient:
    client = signed_in("band", ("MB",))
    app.config["WTF_CSRF_ENABLED"] = False
    return client


def sync(client: FlaskClient, slug: str, update: bytes = b"", **more: str) -> dict[str, Any]:
    given = {"vector": "", "update": base64.b64encode(update).decode(), "tab": "here", **more}
    answer = client.post(f"/desk/song/{slug}/sync", data=given)
    assert answer.status_code == 200
    return dict(answer.json or {})


def document(told: dict[str, Any]) -> Doc[Any]:
    held: Doc[Any] = Doc()
    held.apply_update(base64.b64decode(told["update"]))
    return held


@pytest.mark.parametrize("role", [None, "researcher"])
def test_the_desk_is_the_band_s(client: FlaskClient, signed_in: Enter, filled: Filling, role: str | None) -> None:
    visitor = signed_in(role) if role else client
    there = visitor.get("/desk")
    assert there.status_code == (404 if role else 303)
    told = filled.testimonies[TOLD]
    for address in (f"/desk/song/{SONG}", f"/desk/song/{SONG}/publish", f"/desk/testimony/{told}"):
        assert visitor.get(address).status_code == 404


def test_a_new_song_needs_a_name_and_begins_with_one_line(band: FlaskClient, filled: Filling) -> None:
    assert band.post("/desk/song", data={}).headers["Location"] == "/desk#new"
    answer = band.post("/desk/song", data={"title_km": "ភ្លៀង", "campaign": filled.collection.campaigns[0].id})
    slug = answer.headers["Location"].rsplit("/", 1)[1]
    assert slug == "phlieng"
    told = sync(band, slug)
    (line,) = shared_draft.lines_of(base64.b64decode(told["update"]))
    assert (line.section, line.km) == ("verse 1", "")
    assert "ភ្លៀង" in band.get("/desk").get_data(as_text=True)
    again = band.post("/desk/song", data={"title_km": "ភ្លៀង"}).headers["Location"]
    assert again.endswith("/phlieng-2")
    band.post(f"/desk/song/{slug}/name", data={"title_km": "ភ្លៀងធំ", "title_en": "Heavy rain"})
    assert "Heavy rain" in band.get(f"/desk/song/{slug}?lang=en").get_data(as_text=True)


def test_a_draft_begins_with_the_song_and_merges_what_is_sent(band: FlaskClient, filled: Filling) -> None:
    told = sync(band, SONG)
    held = document(told)
    lines = held.get("lines", type=Map)
    sung = next(song for song in filled.collection.songs if song.id == SONG)
    assert [line.km for line in shared_draft.lines_of(held.get_update())] == [line.km for line in sung.lines]
    lines["mine"] = Map({"pos": "zzz", "km": Text("បន្ទាត់ថ្មី"), "section": "outro"})
    after = sync(band, SONG, held.get_update(base64.b64decode(told["vector"])), revision=str(told["revision"]))
    assert after["revision"] == told["revision"] + 1
    quiet = sync(band, SONG, revision=str(after["revision"]))
    assert quiet["update"] is None
    with filled.backends.database.read() as session:
        assert shared_draft.draft_lines(session, filled.songs[SONG])[-1].km == "បន្ទាត់ថ្មី"
        draft_by = session.scalars(select(Account).where(Account.name == "some-band")).one()
        assert [one.name for one in shared_draft.here(session, filled.songs[SONG], "elsewhere")] == [
            draft_by.display_name
        ]


@pytest.mark.parametrize(("field", "sent"), [("update", b"\xff" * 20), ("vector", b"\xff\xff\xff")])
def test_what_cannot_be_merged_is_refused_in_words(band: FlaskClient, field: str, sent: bytes) -> None:
    sync(band, SONG)
    given = {"vector": "", "update": "", field: base64.b64encode(sent).decode()}
    answer = band.post(f"/desk/song/{SONG}/sync?lang=en", data=given)
    assert answer.status_code == 422
    assert answer.json == {"code": "unreadable", "error": shared_draft.WORDS["unreadable"].text}
    assert band.post(f"/desk/song/{SONG}/sync", data={"update": "no base64!"}).status_code == 422


def test_what_lies_with_no_song_is_shown_in_pages_and_laid_with_the_song_at_hand(
    band: FlaskClient, filled: Filling
) -> None:
    with filled.backends.database.write() as session:
        version = session.scalars(
            select(TranscriptVersion).where(TranscriptVersion.testimony_id == filled.testimonies[TOLD])
        ).first()
        assert version is not None
        for number in range(PAGE + 3):
            words = f"a passage called {number}"
            session.add(
                Clipping(
                    id=f"loose{number:09}",
                    testimony_id=version.testimony_id,
                    version_id=version.id,
                    start_ms=number,
                    end_ms=number + 1,
                    quote=words,
                    quote_hash=quote_hash(words),
                )
            )
    room = band.get("/desk?lang=en").get_data(as_text=True)
    assert (room.count("data-loose"), "All 28 passages on the desk" in room) == (PAGE, True)
    assert band.get(f"/desk/song/{SONG}").status_code == 200  # the song at hand from here on
    last = band.get("/desk/clippings?page=2&lang=en").get_data(as_text=True)
    assert (last.count("data-loose"), "Page 2 of 2" in last) == (3, True)
    lay = re.findall(r'data-lay="([^"]+)"', last)
    back = band.post(lay[0], data={"next": "/desk/clippings?page=2"})
    assert back.headers["Location"] == "/desk/clippings?page=2"
    laid = band.get(f"/desk/song/{SONG}/beside").get_data(as_text=True)
    assert laid.count("data-clipping") - laid.count("data-loose") == 1


def test_a_passage_is_clipped_from_a_hit_and_can_be_taken_off_again(band: FlaskClient, filled: Filling) -> None:
    band.get(f"/desk/song/{SONG}")
    told = filled.testimonies[TOLD]
    page = band.get(f"/testimony/{told}?lang=en").get_data(as_text=True)
    at = re.findall(r'name="at" value="(\d+)"', page)[1]
    answer = band.post("/desk/clip", data={"testimony": told, "at": at, "next": f"/testimony/{told}#at-{at}"})
    assert answer.headers["Location"] == f"/testimony/{told}#at-{at}"
    with filled.backends.database.read() as session:
        clipping = session.scalars(select(Clipping)).one()
        assert (clipping.song_id, clipping.start_ms) == (filled.songs[SONG], int(at))
    beside = band.get(f"/desk/song/{SONG}/beside").get_data(as_text=True)
    assert clipping.quote in beside
    assert f'data-start="{max(0, clipping.start_ms - 500)}"' in beside
    assert band.post(f"/desk/clipping/{clipping.id}/off", headers=JSON).json == {"id": clipping.id}
    assert clipping.quote not in band.get(f"/desk/song/{SONG}/beside").get_data(as_text=True)
    band.post(f"/desk/clipping/{clipping.id}/off", data={"back": "1"})
    assert clipping.quote in band.get(f"/desk/song/{SONG}/beside").get_data(as_text=True)
    elsewhere = band.post("/desk/clip", data={"testimony": told, "at": at, "next": "//evil.example/"})
    assert elsewhere.headers["Location"] == f"/desk/song/{SONG}"


def test_what_may_not_be_sung_says_why(band: FlaskClient, filled: Filling) -> None:
    told = filled.testimonies[TOLD]
    with filled.backends.database.write() as session:
        decisions.grant(session, told, decisions.BAND_ONLY, GIVEN)
        decisions.narrow(
            session, told, [one for one in decisions.BAND_ONLY if one.form not in {"quotation", "paraphrase"}], GIVEN
        )
    given = {"testimony": told, "at": "1000", "song": SONG}
    answer = band.post("/desk/clip?lang=en", data=given, headers=JSON)
    assert (answer.status_code, answer.json) == (422, {"error": "The narrator has not allowed this."})
    unknown = band.post("/desk/clip", data=given | {"testimony": "nobodyknowsit0"}, headers=JSON)
    assert unknown.status_code == 404
    assert band.post("/desk/clip", data=given | {"at": "soon"}).status_code == 404


def test_versions_are_kept_compared_and_brought_back(band: FlaskClient, filled: Filling) -> None:
    told = sync(band, SONG)
    held = document(told)
    first = shared_draft.lines_of(held.get_update())[0]
    held.get("lines", type=Map)[first.ref]["own"] = False
    held.get("lines", type=Map)[first.ref]["en"].insert(0, "Again ")
    sync(band, SONG, held.get_update())
    page = band.get(f"/desk/song/{SONG}/compare?old=1&new=draft&lang=en").get_data(as_text=True)
    assert "<ins>Again </ins>" in page
    published = band.post(f"/desk/song/{SONG}/keep", data={"note": "sung slower"}, follow_redirects=True)
    if "nothing was kept" in published.get_data(as_text=True):
        band.post(f"/desk/song/{SONG}/keep", data={"note": "sung slower", "off": "1"})
    page = band.get(f"/desk/song/{SONG}/versions").get_data(as_text=True)
    assert "sung slower" in page
    band.post(f"/desk/song/{SONG}/restore", data={"number": "1"})
    with filled.backends.database.read() as session:
        assert shared_draft.draft_lines(session, filled.songs[SONG])[0].en == first.en
    assert band.get(f"/desk/song/{SONG}/compare?old=1&new=9").status_code == 404


def test_a_published_song_is_not_replaced_by_words_that_may_not_go_out(band: FlaskClient, filled: Filling) -> None:
    held = document(sync(band, SONG))
    held.get("lines", type=Map)["x"] = Map({"pos": "zzz", "km": Text("មកពីណា?")})
    sync(band, SONG, held.get_update())
    page = band.post(f"/desk/song/{SONG}/keep?lang=en", follow_redirects=True).get_data(as_text=True)
    assert "so nothing was kept" in page
    with filled.backends.database.read() as session:
        song = session.get_one(Song, filled.songs[SONG])
        lyric = current_lyric(session, song.id)
        assert lyric is not None
        assert (song.state, lyric.number) == ("published", 1)
    band.post(f"/desk/song/{SONG}/keep", data={"off": "1"})
    with filled.backends.database.read() as session:
        song = session.get_one(Song, filled.songs[SONG])
        assert song.state == "draft"
        assert session.scalar(select(func.max(LyricVersion.number)).where(LyricVersion.song_id == song.id)) == 2
    page = band.get(f"/desk/song/{SONG}/publish?lang=en").get_data(as_text=True)
    assert "It does not say where it came from" in page
    refused = band.post(f"/desk/song/{SONG}/publish?lang=en", data={"answer": "publish"}, follow_redirects=True)
    assert "It cannot go out yet" in refused.get_data(as_text=True)


def test_a_song_goes_out_and_is_taken_back(band: FlaskClient, client: FlaskClient, filled: Filling) -> None:
    slug = band.post("/desk/song", data={"title_en": "Ours alone"}).headers["Location"].rsplit("/", 1)[1]
    held = document(sync(band, slug))
    held.get("lines", type=Map)["x"] = Map({"pos": "zz", "km": Text("យើងច្រៀង"), "own": True})
    sync(band, slug, held.get_update())
    band.post(f"/desk/song/{slug}/keep")
    assert client.get(f"/song/{slug}").status_code == 404
    refused = band.post(f"/desk/song/{slug}/publish?lang=en", data={"answer": "publish"}, follow_redirects=True)
    assert "Nobody is named as having written the words." in refused.get_data(as_text=True)
    named = {"role": "words", "other": "", "credit_km": "", "credit_en": "The band"}
    assert band.post(f"/desk/song/{slug}/about", data=named).status_code == 303
    band.post(f"/desk/song/{slug}/publish", data={"answer": "publish"})
    assert ">យើង<" in client.get(f"/song/{slug}").get_data(as_text=True)
    band.post(f"/desk/song/{slug}/publish", data={"answer": "unpublish"})
    assert client.get(f"/song/{slug}").status_code == 404
    assert band.post(f"/desk/song/{slug}/publish", data={"answer": "anything"}).status_code == 404


def test_the_band_is_told_when_a_line_is_held_and_takes_it_up_again(band: FlaskClient, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        source = session.scalars(
            select(Source).join(LyricLine).join(LyricVersion).where(LyricVersion.song_id == filled.songs[SONG])
        ).first()
        assert source is not None
        told, line_id, quote = source.testimony_id, source.line_id, source.quote
        decisions.grant(session, told, decisions.PRESETS["public"], GIVEN)
        decisions.suspend(session, told, GIVEN)
    for address in ("/desk", f"/desk/song/{SONG}"):
        page = band.get(f"{address}?lang=en").get_data(as_text=True)
        assert "since a narrator has changed her consent" in page
    sync(band, SONG)
    assert quote not in band.get(f"/desk/song/{SONG}/beside").get_data(as_text=True)
    still = band.post(f"/desk/song/{SONG}/take-up/{line_id}?lang=en", follow_redirects=True).get_data(as_text=True)
    assert "The line stays held" in still
    with filled.backends.database.write() as session:
        decisions.reconfirm(session, told, GIVEN, decisions.PRESETS["public"])
    band.post(f"/desk/song/{SONG}/take-up/{line_id}")
    with filled.backends.database.read() as session:
        assert not session.get_one(LyricLine, line_id).held


def test_comments_are_said_settled_and_opened_again(band: FlaskClient) -> None:
    sync(band, SONG)
    said = band.post(f"/desk/song/{SONG}/comment", data={"line": "a", "text": "ល្អ"}, follow_redirects=True)
    assert "ល្អ" in said.get_data(as_text=True)
    (address,) = re.findall(r'data-settle="([^"]+)"', said.get_data(as_text=True))
    page = band.post(address, data={"answer": "settled"}, follow_redirects=True).get_data(as_text=True)
    assert "dcomment-settled" in page
    assert band.post(f"/desk/song/{SONG}/comment", data={"text": " "}).status_code == 422
    assert band.post(f"/desk/song/{SONG}/comment/nobody", data={"answer": "open"}).status_code == 404


def test_helps_answer(band: FlaskClient, filled: Filling) -> None:
    indexing.reindex(filled.backends.database, filled.backends.index)
    counted = band.post("/desk/help/syllables", data={"text": ["ខ្ញុំជាកម្មករ"]}).json
    assert counted is not None
    assert counted["lines"][0]["count"] == 5
    assert "បំណុល" in band.post("/desk/help/usage", data={"text": "បំណុល"}).get_data(as_text=True)
    assert band.post("/desk/help/rhymes", data={"text": "ស្រែ"}).status_code == 200
    likely = band.post(f"/desk/song/{SONG}/likely", data={"km": "", "en": "two thousand women went on strike"})
    assert "data-take-likely" in likely.get_data(as_text=True)


def test_every_line_of_the_samples_resolves_both_ways_on_the_pages_and_by_command(
    band: FlaskClient, filled: Filling, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"MESSENGER_DATA": str(filled.backends.settings.data), "HOME": str(filled.folder)}.items():
        monkeypatch.setenv(name, value)
    counted = 0
    back: dict[str, list[tuple[str, str]]] = {}
    for slug, song_id in filled.songs.items():
        page = band.get(f"/desk/song/{slug}/provenance").get_data(as_text=True)
        capsys.readouterr()
        assert run(["provenance", slug, "--json"]) == 0
        (document_,) = json.loads(capsys.readouterr().out)["songs"]
        with filled.backends.database.read() as session:
            lyric = current_lyric(session, song_id)
            assert lyric is not None
            printed = document_["lines"]
            assert [line.km for line in lyric.lines] == [line["text"] for line in printed]
            for line, shown in zip(lyric.lines, printed, strict=True):
                assert f'id="line-{line.id}"' in page
                assert len(shown["sources"]) == len(line.sources)
                assert bool(line.sources) != line.own
                for source in line.sources:
                    back.setdefault(source.testimony_id, []).append((line.id, line.km))
                    counted += 1
    assert counted > 40
    for testimony_id, lines in back.items():
        page = band.get(f"/desk/testimony/{testimony_id}").get_data(as_text=True)
        assert run(["provenance", "--testimony", testimony_id, "--json"]) == 0
        (document_,) = json.loads(capsys.readouterr().out)["testimonies"]
        assert sorted((line["line"], line["text"]) for line in document_["lines"]) == sorted(lines)
        assert all(line["sung_from_ms"] is not None for line in document_["lines"])
        for line_id, _ in lines:
            assert f"#line-{line_id}" in page


def test_a_narrator_s_sheet_is_read_out_by_a_steward(signed_in: Enter, filled: Filling) -> None:
    steward = signed_in("steward")
    with filled.backends.database.read() as session:
        narrator_id = session.get_one(Testimony, filled.testimonies[TOLD]).narrator_id
    page = steward.get(f"/desk/narrator/{narrator_id}?lang=en").get_data(as_text=True)
    assert "Where your words have gone" in page
    assert "What you decided" in page
    assert page.count("Became") >= 1
    assert steward.get("/desk/narrator/nobody").status_code == 404


def test_what_its_narrator_closed_to_songs_comes_with_a_warning(band: FlaskClient, filled: Filling) -> None:
    told = filled.testimonies[TOLD]
    with filled.backends.database.write() as session:
        closed = PRESETS["heard-not-quoted"]
        decisions.reconfirm(session, told, ConsentGiven("recorded-verbal", None), closed)
    band.get(f"/desk/song/{SONG}?lang=en")
    at = re.findall(r'name="at" value="(\d+)"', band.get(f"/testimony/{told}").get_data(as_text=True))[1]
    band.post("/desk/clip", data={"testimony": told, "at": at})
    warning = "Its narrator lets nobody outside the band hear this in a song."
    assert warning in band.get("/desk?lang=en").get_data(as_text=True)
    assert warning in band.get(f"/desk/song/{SONG}/beside").get_data(as_text=True), "and it stays with the passage"
