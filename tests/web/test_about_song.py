"""About a song, on the desk: credits, story and cover with undo, and a song begun by mistake deleted."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from archive.models import Song
from media.cover import png
from tests.web.filling import Filling
from tests.web.test_campaigns import undo_in

PICTURE = png(np.full((300, 400, 3), 120, np.uint8))


@pytest.fixture
def band(app: Flask, signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("band")
    app.config["WTF_CSRF_ENABLED"] = False
    return client


@pytest.fixture
def slug(filled: Filling) -> str:
    return str(next(iter(filled.songs)))


def sent(band: FlaskClient, slug: str, **given: object) -> TestResponse:
    """The form of a cover; its token is always asked for."""
    page = band.get(f"/desk/song/{slug}/about").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]*)"', page)
    assert token is not None
    form = {"csrf_token": token[1], **given}
    return band.post(f"/desk/song/{slug}/cover?lang=en", data=form, content_type="multipart/form-data")


def form(page: str, **other: object) -> dict[str, object]:
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen is not None
    rows = {
        "role": ["words", "other"],
        "other": ["", "drums"],
        "credit_km": ["", ""],
        "credit_en": ["The band", "Dara"],
    }
    return {**rows, "seen": seen[1], "year": "2014", "note_en": "How it\ncame.", "licence": "ask", **other}


def test_what_is_written_stands_on_the_songs_page_and_can_be_undone(
    band: FlaskClient, client: FlaskClient, slug: str
) -> None:
    before = client.get(f"/song/{slug}?lang=en").get_data(as_text=True)
    page = band.get(f"/desk/song/{slug}/about").get_data(as_text=True)
    given = form(page, use_en="Write to the drop-in centre.")
    said = band.post(f"/desk/song/{slug}/about", data=given, follow_redirects=True).get_data(as_text=True)
    shown = client.get(f"/song/{slug}?lang=en").get_data(as_text=True)
    for text in ("Dara", "Drums", "How it\ncame.", "ask before you use it", "Write to the drop-in centre."):
        assert text in shown
        assert text not in before
    band.post(undo_in(said))
    assert client.get(f"/song/{slug}?lang=en").get_data(as_text=True) == before


def test_who_was_overtaken_loses_nothing(band: FlaskClient, slug: str) -> None:
    page = band.get(f"/desk/song/{slug}/about").get_data(as_text=True)
    band.post(f"/desk/song/{slug}/about", data=form(page, note_en="Hers."))
    late = band.post(f"/desk/song/{slug}/about?lang=en", data=form(page, note_en="Mine."))
    assert late.status_code == 409
    assert "Hers." in late.get_data(as_text=True)
    assert "Mine." in late.get_data(as_text=True)
    wrong = band.post(f"/desk/song/{slug}/about?lang=en", data=form(late.get_data(as_text=True), year="14"))
    assert wrong.status_code == 400
    assert 'value="drums"' in wrong.get_data(as_text=True)


def test_a_cover_is_put_in_seen_and_taken_back(
    band: FlaskClient, client: FlaskClient, filled: Filling, slug: str
) -> None:
    assert client.get(f"/song/{slug}/cover").mimetype == "image/png"  # its words as stitches
    assert sent(band, slug, picture=(io.BytesIO(PICTURE), "a.png"), part="start").status_code == 303
    cover = client.get(f"/song/{slug}/cover")
    assert (cover.mimetype, cover.data[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert f'src="/song/{slug}/cover' in client.get(f"/song/{slug}").get_data(as_text=True)
    page = band.get(f"/desk/song/{slug}/about?lang=en").get_data(as_text=True)
    assert "Use the stitched one" in page
    assert sent(band, slug, deed="stitched").status_code == 303
    assert client.get(f"/song/{slug}/cover").mimetype == "image/png"
    band.post(undo_in(band.get(f"/desk/song/{slug}/about").get_data(as_text=True)))
    assert client.get(f"/song/{slug}/cover").data == cover.data


@pytest.mark.parametrize(
    ("data", "said"), [(b"", "JPEG, PNG or WebP"), (b"no picture", "JPEG, PNG or WebP"), (PICTURE[:60], "damaged")]
)
def test_what_is_no_picture_is_said_to_be_none(band: FlaskClient, slug: str, data: bytes, said: str) -> None:
    answer = sent(band, slug, picture=(io.BytesIO(data), "a.png"))
    assert answer.status_code == 400
    assert said in "".join(re.findall(r"notice-wrong.*", answer.get_data(as_text=True)))


def test_a_song_begun_by_mistake_is_deleted_and_one_that_was_out_is_not(
    band: FlaskClient, filled: Filling, slug: str
) -> None:
    made = band.post("/desk/song", data={"title_en": "A slip"}).location.rsplit("/", 1)[1]
    assert "Delete the song" in band.get(f"/desk/song/{made}/publish?lang=en").get_data(as_text=True)
    assert band.get(f"/desk/song/{made}/delete").status_code == 200
    band.post(f"/desk/song/{made}/delete", data={"sure": "yes"})
    assert band.get(f"/desk/song/{made}").status_code == 404
    assert band.get(f"/desk/song/{slug}/delete").status_code == 404
    refused = band.post(f"/desk/song/{slug}/delete?lang=en", data={"sure": "yes"}, follow_redirects=True)
    assert "It can be retired, not deleted." in refused.get_data(as_text=True)
    with filled.backends.database.read() as session:
        assert session.scalars(select(Song.slug).where(Song.slug.in_([made, slug]))).all() == [slug]
