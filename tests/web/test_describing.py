"""Correcting a description on the site: by a member, with a history, found by search at once, safe for two people."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from archive.accounts import accounts
from archive.models import DescriptionChange, Narrator, Permission, Testimony
from tests.web.conftest import PASSWORD
from tests.web.filling import Filling

SAID = "the-day-the-line-fell"


@pytest.fixture
def member(app: Flask, signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("band")
    app.config["WTF_CSRF_ENABLED"] = False
    client.get("/?lang=en")
    return client


def another(app: Flask, filled: Filling, name: str) -> FlaskClient:
    with filled.backends.database.write() as session:
        accounts.create(session, name, PASSWORD, "band", ())
    client = app.test_client()
    client.post("/sign-in?lang=en", data={"name": name, "password": PASSWORD})
    client.get("/?lang=en")
    return client


def form_of(page: str) -> dict[str, str]:
    """What the form would send if nothing in it were touched."""
    form = re.search(r'<form class="describe-form".*?</form>', page, re.DOTALL)
    assert form is not None
    fields = {
        name: unescape(value) for name, value in re.findall(r'<input[^>]*? name="(\w+)" value="([^"]*)"', form[0])
    }
    fields |= {
        name: unescape(text).removeprefix("\n")
        for name, text in re.findall(r'<textarea[^>]*? name="(\w+)"[^>]*>(.*?)</textarea>', form[0], re.DOTALL)
    }
    for name, options in re.findall(r'<select[^>]*? name="(\w+)"[^>]*>(.*?)</select>', form[0], re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    return fields


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def test_a_form_that_is_sent_as_it_came_changes_nothing(member: FlaskClient, filled: Filling) -> None:
    for one in filled.testimonies.values():
        form = form_of(text(member, f"/testimony/{one}/describe"))
        assert {"title_km", "title_en", "synopsis_km", "recorded_on", "community", "seen"} <= set(form)
        answer = member.post(f"/testimony/{one}/describe", data=form, follow_redirects=True)
        with filled.backends.database.read() as session:
            changed = session.scalars(select(DescriptionChange)).all()
            assert [(row.field, row.before, row.after) for row in changed] == []
        assert "Nothing was different." in answer.get_data(as_text=True)


def test_a_corrected_title_and_day_are_found_by_search_at_once_and_put_back(
    member: FlaskClient, filled: Filling
) -> None:
    one = filled.testimonies[SAID]
    assert f"/testimony/{one}/describe" in text(member, f"/testimony/{one}")
    form = form_of(text(member, f"/testimony/{one}/describe"))
    changed = {**form, "title_en": "Quillfeather at noon", "recorded_on": "ប្រហែល ២០១០"}
    page = member.post(f"/testimony/{one}/describe", data=changed, follow_redirects=True).get_data(as_text=True)
    assert "Quillfeather at noon" in page
    assert "about 2010" in page
    found = text(member, "/search?q=quillfeather")
    assert f"/testimony/{one}" in found
    assert f"/testimony/{one}" in text(member, "/search?q=quillfeather&year=2010")
    history = text(member, f"/testimony/{one}/describe")
    assert "some-band" in history
    assert form["title_en"] in history.split('id="history"')[1]
    act = re.search(r'name="act" value="(\w+)"', page)
    assert act is not None
    back = member.post(f"/testimony/{one}/describe/undo", data={"act": act[1]}, follow_redirects=True)
    assert "It is as it was before." in back.get_data(as_text=True)
    again = form_of(text(member, f"/testimony/{one}/describe"))
    assert {name: again[name] for name in form if name not in {"seen", "csrf_token"}}.items() <= form.items()
    assert f'/testimony/{one}"' not in text(member, "/search?q=quillfeather")


def test_what_cannot_be_comes_back_with_everything_that_was_typed(member: FlaskClient, filled: Filling) -> None:
    one = filled.testimonies[SAID]
    form = form_of(text(member, f"/testimony/{one}/describe"))
    answer = member.post(f"/testimony/{one}/describe", data={**form, "title_en": "Kept", "recorded_on": "yesterday"})
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 400
    assert "“yesterday” is no date" in page
    assert form_of(page)["title_en"] == "Kept"
    assert form_of(page)["recorded_on"] == "yesterday"


def test_the_later_of_two_sees_both_texts_and_nothing_is_lost(app: Flask, member: FlaskClient, filled: Filling) -> None:
    one = filled.testimonies[SAID]
    other = another(app, filled, "dara")
    address = f"/testimony/{one}/describe"
    mine, theirs = (form_of(text(client, address)) for client in (member, other))
    assert other.post(address, data={**theirs, "title_en": "Dara’s title", "setting": "at dusk"}).status_code == 303
    answer = member.post(address, data={**mine, "title_en": "My title", "title_km": "ចំណងជើងថ្មី"})
    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert "dara wrote meanwhile" in page
    assert re.search("<blockquote><span>Dara’s title</span></blockquote>", page)
    form = form_of(page)
    assert (form["title_en"], form["title_km"], form["setting"]) == ("My title", "ចំណងជើងថ្មី", "at dusk")
    assert member.post(address, data=form).status_code == 303
    with filled.backends.database.read() as session:
        found = session.get_one(Testimony, one)
        assert (found.title_en, found.title_km, found.setting) == ("My title", "ចំណងជើងថ្មី", "at dusk")


def test_another_known_narrator_is_looked_for_and_chosen(member: FlaskClient, filled: Filling) -> None:
    one = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        found = session.get_one(Testimony, one)
        named = select(Permission.testimony_id).where(Permission.form == "pseudonym", Permission.audience == "band")
        others = select(Testimony).where(Testimony.narrator_id != found.narrator_id, Testimony.id.in_(named))
        other = session.scalars(others).first()
        assert other is not None
        for field in ("pseudonym_km", "pseudonym_en", "community", "province", "district"):
            setattr(session.get_one(Narrator, other.narrator_id), field, getattr(found.narrator, field))
        chosen, mine = other.narrator_id, found.narrator_id
    page = text(member, f"/testimony/{one}/describe")
    assert f'name="narrator" value="{chosen}"' in page
    assert member.post(f"/testimony/{one}/describe", data={"narrator": chosen, "seen": "0"}).status_code == 303
    with filled.backends.database.read() as session:
        assert session.get_one(Testimony, one).narrator_id == chosen != mine


def test_nobody_outside_sees_the_form_or_the_history(client: FlaskClient, filled: Filling) -> None:
    one = filled.testimonies[SAID]
    for address in (one, "nothing"):
        assert client.get(f"/testimony/{address}/describe").status_code == 404
    assert f"/testimony/{one}/describe" not in text(client, f"/testimony/{one}")


def test_what_the_band_may_not_know_of_has_no_history(member: FlaskClient, filled: Filling) -> None:
    one = filled.testimonies[SAID]
    member.post(f"/testimony/{one}/describe", data={"title_en": "Once", "seen": "0"}, follow_redirects=True)
    with filled.backends.database.write() as session:
        assert session.scalars(select(DescriptionChange)).all()
        session.execute(delete(Permission).where(Permission.testimony_id == one))
    hidden, nothing = (member.get(f"/testimony/{each}/describe") for each in (one, "nothing"))
    token = rb'name="csrf_token" value="[^"]*"'
    assert (hidden.status_code, re.sub(token, b"", hidden.data)) == (404, re.sub(token, b"", nothing.data))
