"""The narrators' room: the band looks, stewards change; a recording is tied to a narrator by somebody's choice."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.models import Narrator, Testimony
from tests.web.filling import Filling


@pytest.fixture
def enter(app: Flask, signed_in: Callable[..., FlaskClient]) -> Callable[[str], FlaskClient]:
    def inside(role: str) -> FlaskClient:
        client = signed_in(role)
        app.config["WTF_CSRF_ENABLED"] = False
        client.get("/?lang=en")
        return client

    return inside


def two(filled: Filling) -> tuple[Narrator, Narrator]:
    """Two narrators of the sample collection."""
    with filled.backends.database.read() as session:
        found = session.scalars(select(Narrator).order_by(Narrator.pseudonym_en)).all()
        session.expunge_all()
    return found[0], found[1]


def told(filled: Filling, narrator_id: str) -> set[str]:
    with filled.backends.database.read() as session:
        return set(session.scalars(select(Testimony.id).where(Testimony.narrator_id == narrator_id)))


def test_the_band_looks_through_the_narrators(enter: Callable[[str], FlaskClient], filled: Filling) -> None:
    one, other = two(filled)
    client = enter("band")
    everyone = client.get("/narrators").get_data(as_text=True)
    assert f"/narrators/{one.id}" in everyone
    found = client.get(f"/narrators?q={one.pseudonym_en}").get_data(as_text=True)
    assert f"/narrators/{one.id}" in found
    assert f"/narrators/{other.id}" not in found
    page = client.get(f"/narrators/{one.id}").get_data(as_text=True)
    assert all(f"/testimony/{testimony}" in page for testimony in told(filled, one.id))
    assert "Change the name" not in page
    assert client.post(f"/narrators/{one.id}/name", data={"name_en": "X"}).status_code == 404
    assert client.get(f"/narrators/{one.id}/merge").status_code == 404
    assert client.post(f"/narrators/{one.id}/merge", data={"other": other.id}).status_code == 404


def test_a_steward_joins_two_records_and_parts_them(enter: Callable[[str], FlaskClient], filled: Filling) -> None:
    one, other = two(filled)
    hers, others = told(filled, one.id), told(filled, other.id)
    with filled.backends.database.write() as session:  # two records of one woman, who is called the same in both
        for field in ("pseudonym_km", "pseudonym_en", "community", "province", "district"):
            setattr(session.get_one(Narrator, other.id), field, getattr(one, field))
    steward = enter("steward")
    assert f"other={other.id}" in steward.get(f"/narrators/{one.id}/merge").get_data(as_text=True)
    seen = steward.get(f"/narrators/{one.id}/merge?other={other.id}").get_data(as_text=True)
    assert "Yes, they are one woman" in seen
    assert steward.post(f"/narrators/{one.id}/merge", data={"other": other.id}).status_code == 303
    assert told(filled, one.id) == hers | others
    assert steward.get(f"/narrators/{other.id}").status_code == 404
    query = "&".join(f"testimony={each}" for each in others)
    assert "Yes, they are two women" in steward.get(f"/narrators/{one.id}/split?{query}").get_data(as_text=True)
    answer = steward.post(f"/narrators/{one.id}/split", data={"testimony": list(others)})
    assert told(filled, answer.headers["Location"].rsplit("/", 1)[1]) == others
    assert steward.post(f"/narrators/{one.id}/split", data={}).status_code == 400


def test_another_chosen_name_is_found_by_search_at_once(enter: Callable[[str], FlaskClient], filled: Filling) -> None:
    one, _ = two(filled)
    steward = enter("steward")
    assert (
        steward.post(f"/narrators/{one.id}/name", data={"name_km": "ផ្កា", "name_en": "Phkaweaver"}).status_code == 303
    )
    testimony = next(iter(told(filled, one.id)))
    assert f"/testimony/{testimony}" in steward.get("/search?q=speaker:Phkaweaver").get_data(as_text=True)
    assert steward.post(f"/narrators/{one.id}/name", data={"name_km": "", "name_en": ""}).status_code == 400


def test_the_form_offers_whoever_bears_the_name_and_ties_by_choice(
    enter: Callable[[str], FlaskClient], filled: Filling
) -> None:
    one, _ = two(filled)
    client = enter("band")
    offered = client.get("/narrators/same-name", query_string={"en": one.pseudonym_en}).get_data(as_text=True)
    assert re.findall(r'name="narrator" value="([^"]*)"', offered) == ["", one.id]
    assert "Somebody new" in offered
    assert client.get("/narrators/same-name?en=nobody-of-this-name").get_data(as_text=True).strip() == ""
    page = client.get(f"/ingest?narrator={one.id}").get_data(as_text=True)
    assert re.search(rf'value="{one.id}" checked', page)
    assert 'name="narrator"' not in client.get("/ingest?narrator=nobodyknowsit0").get_data(as_text=True)
