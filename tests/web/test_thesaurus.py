"""The room of the thesaurus: a mended name is used everywhere at once, changes are undone, files come and go."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from archive.catalogue import terms
from archive.catalogue.thesaurus import load_thesaurus
from archive.models import Tagging, Term, TermChange, Testimony
from archive.retrieval import indexing
from tests.web.filling import Filling

ROOM = "/steward/thesaurus"


@pytest.fixture
def steward(app: Flask, filled: Filling, signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    """A steward; one testimony is tagged with debt, and everybody may find it."""
    with filled.backends.database.write() as session:
        load_thesaurus(session)
        told = filled.testimonies[next(iter(filled.testimonies))]
        session.add(Tagging(testimony_id=told, term_id="debt", state="confirmed", origin="human"))
    indexing.reindex(filled.backends.database, filled.backends.index)
    client = signed_in("steward")
    app.config["WTF_CSRF_ENABLED"] = False
    return client


def names(filled: Filling, term_id: str) -> dict[str, str]:
    with filled.backends.database.read() as session:
        one = session.get_one(Term, term_id)
        return {language: "\n".join(one.names(language)) for language in terms.LANGUAGES} | {"seen": str(one.revision)}


def written(filled: Filling, term_id: str, **other: str) -> dict[str, str]:
    """What the form of a term's names sends, with another preferred name in a language."""
    form = names(filled, term_id)
    for language in terms.LANGUAGES:
        first, _, rest = form[language].partition("\n")
        form |= {language: other.get(language, first), f"{language}_more": rest}
    return form


def bring(steward: FlaskClient, **given: object) -> TestResponse:
    """Send the form that a file comes with; its token is always asked for."""
    page = steward.get(f"{ROOM}/skos").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]*)"', page)
    assert token is not None
    form = {"csrf_token": token[1], **given}
    return steward.post(f"{ROOM}/skos?lang=en", data=form, content_type="multipart/form-data")


def test_a_mended_name_is_used_by_search_facets_and_pages_at_once(
    steward: FlaskClient, client: FlaskClient, filled: Filling
) -> None:
    mended = "បំណុលដែលបានកែ"
    before = client.get("/search?q=theme:debt").get_data(as_text=True)
    assert mended not in before
    answer = steward.post(f"{ROOM}/term/debt/names", data=written(filled, "debt", km=mended))
    assert answer.status_code == 303
    assert mended in client.get("/search?q=theme:debt").get_data(as_text=True)
    assert mended in client.get("/search").get_data(as_text=True)
    assert mended in client.get(f"/search?q={mended}").get_data(as_text=True).partition('class="themes"')[2]
    assert mended in client.get("/theme/debt").get_data(as_text=True)


def test_the_flash_undoes_what_was_done(steward: FlaskClient, filled: Filling) -> None:
    before = names(filled, "debt")
    steward.post(f"{ROOM}/term/debt/names", data=written(filled, "debt", en="Owing"))
    page = steward.get(f"{ROOM}/term/debt?lang=en").get_data(as_text=True)
    undo = re.findall(r'class="undo" method="post" action="([^"]*)"', page)
    assert len(undo) == 1
    assert steward.post(undo[0]).status_code == 303
    assert names(filled, "debt") == before | {"seen": "2"}


def test_who_was_overtaken_sees_both_and_loses_nothing(steward: FlaskClient, filled: Filling) -> None:
    mine = written(filled, "debt", en="My word for it")
    steward.post(f"{ROOM}/term/debt/names", data=written(filled, "debt", en="Hers"))
    answer = steward.post(f"{ROOM}/term/debt/names?lang=en", data=mine)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "My word for it" in page
    assert "Hers" in page
    again = re.search(r'name="seen" value="(\d+)"', page)
    assert again is not None
    assert steward.post(f"{ROOM}/term/debt/names", data=mine | {"seen": again[1]}).status_code == 303


def test_a_merged_themes_address_and_searches_lead_on(
    steward: FlaskClient, client: FlaskClient, filled: Filling
) -> None:
    page = steward.get(f"{ROOM}/term/debt/merge?into=poverty&lang=en").get_data(as_text=True)
    assert "Tags that come over: 1" in page
    assert steward.post(f"{ROOM}/term/debt/merge", data={"into": "poverty"}).status_code == 303
    moved = client.get("/theme/debt")
    assert (moved.status_code, moved.location) == (301, "/theme/poverty")
    found = client.get("/search?theme=debt&lang=en").get_data(as_text=True)
    assert found.count('name="theme" value="poverty"') + found.count("theme=poverty") > 0
    with filled.backends.database.read() as session:
        title = session.get_one(Testimony, session.scalars(select(Tagging.testimony_id)).one()).title_en
        act = session.scalars(select(TermChange.act)).one()
    assert title in found
    assert title in client.get("/search?theme=poverty&lang=en").get_data(as_text=True)
    steward.post(f"{ROOM}/undo/{act}")
    assert client.get("/theme/debt").status_code == 200
    assert title not in client.get("/search?theme=poverty&lang=en").get_data(as_text=True)


def test_a_new_theme_is_made_moved_retired_and_found(steward: FlaskClient, filled: Filling) -> None:
    given = {"km": "ទឹកជំនន់", "en": "Flood", "en_more": "floods", "broader": "land", "known": "yes"}
    assert steward.post(ROOM, data=given).location.endswith("/term/flood")
    assert "Flood" in steward.get(f"{ROOM}?q=flo&lang=en").get_data(as_text=True)
    refused = steward.post(f"{ROOM}?lang=en", data={"en": "floods", "km": "គ", "known": "yes"})
    assert refused.status_code == 400
    assert "Another theme has this name already" in refused.get_data(as_text=True)
    assert 'value="floods"' in refused.get_data(as_text=True)
    assert steward.post(f"{ROOM}/term/flood/place", data={"broader": "flood"}).status_code == 400
    assert steward.post(f"{ROOM}/term/flood/place", data={"broader": "livelihood"}).status_code == 303
    assert steward.post(f"{ROOM}/term/flood/retire", data={"deed": "retire"}).status_code == 303
    with filled.backends.database.read() as session:
        flood = session.get_one(Term, "flood")
        assert (flood.broader_id, flood.retired_at is None) == ("livelihood", False)


def test_a_theme_that_is_not_for_everybody_is_not_there(
    steward: FlaskClient, client: FlaskClient, filled: Filling
) -> None:
    steward.post(ROOM, data={"en": "Quiet", "broader": "land"})
    never = client.get("/theme/no-such-theme")
    hidden = client.get("/theme/quiet")
    assert (hidden.status_code, hidden.data) == (404, never.data)
    assert "Quiet" not in client.get("/theme/land?lang=en").get_data(as_text=True)


def test_a_file_shows_what_it_would_change_and_is_taken_in_as_one_act(steward: FlaskClient, filled: Filling) -> None:
    text = steward.get(f"{ROOM}/skos/themes.ttl").get_data(as_text=True)
    changed = text.replace('"Debt"@en', '"Debts and loans"@en') + (
        '<http://other.example/flood> a skos:Concept ; skos:prefLabel "Flood"@en .\n'
        '<http://other.example/bad> a skos:Concept ; skos:prefLabel "Flood"@en .\n'
    )

    page = bring(steward, file=(io.BytesIO(changed.encode()), "themes.ttl")).get_data(as_text=True)
    assert "Debts and loans" in page
    assert "Another theme has one of its names." in page
    assert names(filled, "debt")["en"].startswith("Debt\n")
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen is not None
    kept = {"text": changed, "seen": seen[1], "deed": "take"}
    assert bring(steward, **kept).status_code == 303
    assert names(filled, "debt")["en"].startswith("Debts and loans\n")
    assert bring(steward, **kept).status_code == 409
    with filled.backends.database.read() as session:
        act = session.scalars(select(TermChange.act).order_by(TermChange.id.desc())).first()
    steward.post(f"{ROOM}/undo/{act}")
    assert names(filled, "debt")["en"].startswith("Debt\n")
    assert steward.get(f"{ROOM}/skos/themes.ttl").get_data(as_text=True) == text


@pytest.mark.parametrize("data", [b"", b"nothing of the kind", b"\xff"])
def test_what_is_no_thesaurus_is_said_to_be_none(steward: FlaskClient, data: bytes) -> None:
    answer = bring(steward, file=(io.BytesIO(data), "themes.ttl"))
    assert answer.status_code == 400
    assert "cannot be taken in" in answer.get_data(as_text=True)


@pytest.mark.parametrize("role", ["band", "researcher"])
def test_the_room_is_the_stewards(app: Flask, signed_in: Callable[..., FlaskClient], role: str) -> None:
    client = signed_in(role)
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.get(ROOM).status_code == 404
    assert client.post(ROOM, data={"en": "Flood"}).status_code == 404


def test_a_steward_changes_how_people_speak_of_a_theme_and_takes_it_back(steward: FlaskClient, filled: Filling) -> None:
    page = steward.get(f"{ROOM}/term/union?lang=en&try=We+met+at+the+mango+tree").get_data(as_text=True)
    assert "Nothing in it speaks of a theme." in page
    form = {"cues_km": "ដើមស្វាយ", "cues_en": "mango tree\n~fruit\n", "seen": names(filled, "union")["seen"]}
    kept = steward.post(f"{ROOM}/term/union/cues?lang=en", data=form, follow_redirects=True).get_data(as_text=True)
    assert "The cues are kept" in kept
    assert "Other cues" in kept
    tried = steward.get(f"{ROOM}/term/union?lang=en&try=We+met+at+the+mango+tree").get_data(as_text=True)
    assert "mango tree</span>" in tried or "“mango tree”" in tried
    with filled.backends.database.read() as session:
        act = session.scalars(select(TermChange.act).order_by(TermChange.id.desc())).first()
    steward.post(f"{ROOM}/undo/{act}")
    again = steward.get(f"{ROOM}/term/union?lang=en&try=We+met+at+the+mango+tree").get_data(as_text=True)
    assert "Nothing in it speaks of a theme." in again


def test_a_cue_that_cannot_be_read_is_kept_on_the_page(steward: FlaskClient, filled: Filling) -> None:
    form = {"cues_km": "", "cues_en": "owe\n(borrow|lend", "seen": names(filled, "debt")["seen"]}
    answer = steward.post(f"{ROOM}/term/debt/cues?lang=en", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "cannot be read" in page
    assert "owe\n(borrow|lend</textarea>" in page
    stale = steward.post(f"{ROOM}/term/debt/cues?lang=en", data=form | {"cues_en": "owe", "seen": "77"})
    assert stale.status_code == 409
