"""Points of a testimony's index: set in the room of transcripts, told on its page, taken away and put back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.models import IndexPoint, Term
from tests.web.filling import Filling

SAID = "the-day-the-line-fell"


@pytest.fixture
def band(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("band", ("MB",))
    client.application.config["WTF_CSRF_ENABLED"] = False
    client.get("/?lang=en")
    return client


def test_index_points_are_set_shown_and_put_back(band: FlaskClient, filled: Filling) -> None:
    told = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        session.add(Term(id="debt", kind="theme", known_to_all=True))
    form = {"time": "០:០៥", "title_en": "The gate", "synopsis_en": "Why it was closed.", "terms": "debt"}
    assert band.post(f"/review/{told}/points", data=form).status_code == 303
    page = band.get(f"/testimony/{told}").get_data(as_text=True)
    assert "?t=5000" in page
    assert "Why it was closed." in page
    with filled.backends.database.read() as session:
        point = session.scalars(select(IndexPoint)).one()
        assert (point.start_ms, point.terms) == (5000, ["debt"])
    for wrong in (
        {**form, "title_en": ""},
        {**form, "time": "99:00:00"},
        {**form, "time": "x"},
        {**form, "terms": "no"},
    ):
        answer = band.post(f"/review/{told}/points", data=wrong)
        assert answer.status_code == 400
        assert "Why it was closed." in answer.get_data(as_text=True)
    gone = band.post(f"/review/{told}/points/{point.id}/remove").get_data(as_text=True)
    assert "Taken away." in gone
    assert 'value="The gate"' in gone
    assert "Why it was closed." not in band.get(f"/testimony/{told}").get_data(as_text=True)
