"""A narrator alone with a telephone: her card, what she sees, what she decides, and what a stranger learns."""

from __future__ import annotations

import logging
import re
import wave
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.catalogue import parts
from archive.consent import decisions
from archive.consent.decisions import PRESETS, ConsentGiven
from archive.models import Testimony
from archive.withdrawal import carrying_out, codes
from tests.web.filling import Filling
from web.site import security


@pytest.fixture(autouse=True)
def _nothing_counts(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    security.limiter.reset()


@pytest.fixture
def told(filled: Filling) -> tuple[str, str]:
    """A testimony of the sample collection that is open to everyone, and its narrator's code."""
    with filled.backends.database.write() as session:
        testimony = session.scalars(select(Testimony).order_by(Testimony.id)).first()
        assert testimony is not None
        decisions.grant(session, testimony.id, PRESETS["public"], ConsentGiven("signed", None))
        return testimony.id, codes.issue_code(session, testimony.narrator_id)


@pytest.fixture
def her(app: Flask, told: tuple[str, str]) -> FlaskClient:
    client = app.test_client()
    client.get("/?lang=en")
    answer = client.post("/take-back", data={"code": told[1].upper()})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/take-back/mine")
    return client


def test_every_page_leads_there_and_to_who_keeps_the_archive(client: FlaskClient) -> None:
    for address in ("/", "/sign-in", "/nothing-here", "/take-back"):
        page = client.get(address).get_data(as_text=True)
        assert 'href="/take-back"' in page
        assert 'href="/about"' in page


def test_her_visit_is_a_cookie_for_these_pages_alone(app: Flask, told: tuple[str, str]) -> None:
    answer = app.test_client().post("/take-back", data={"code": told[1]})
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("own-words="))
    assert all(said in cookie for said in ("HttpOnly", "SameSite=Strict", "Path=/take-back", "Max-Age=1200"))
    assert answer.headers["Cache-Control"] == "no-store"


def test_she_sees_hears_and_reads_what_is_hers(her: FlaskClient, told: tuple[str, str], filled: Filling) -> None:
    everything = her.get("/take-back/mine")
    assert everything.headers["Cache-Control"] == "no-store"
    assert f"/take-back/mine/{told[0]}" in everything.get_data(as_text=True)
    page = her.get(f"/take-back/mine/{told[0]}").get_data(as_text=True)
    assert "What it became" in page
    assert "Everyone may hear these words in a song" in page
    sound = her.get(f"/take-back/mine/{told[0]}/sound", headers={"Range": "bytes=0-99"})
    assert (sound.status_code, len(sound.data)) == (206, 100)
    with filled.backends.database.read() as session:
        others = session.scalars(select(Testimony.id).where(Testimony.id != told[0])).all()
    for one in (*others, "nobodyknowsit0"):
        assert her.get(f"/take-back/mine/{one}").status_code == 404
        assert her.get(f"/take-back/mine/{one}/sound").status_code == 404
        assert her.get(f"/take-back/mine/{one}/sure?deed=restrict").status_code == 404
        assert her.post(f"/take-back/mine/{one}", data={"deed": "restrict", "sure": "yes"}).status_code == 404
    assert her.get("/desk").status_code == 303


def test_she_narrows_it_after_seeing_what_would_be(
    her: FlaskClient, told: tuple[str, str], client: FlaskClient, signed_in: Callable[..., FlaskClient]
) -> None:
    shown = her.get(f"/take-back/mine/{told[0]}/sure?deed=band-only").get_data(as_text=True)
    assert "Only the band may know that this testimony is here." in shown
    assert her.post(f"/take-back/mine/{told[0]}", data={"deed": "band-only"}).status_code == 400
    assert client.get(f"/testimony/{told[0]}").status_code == 200
    assert her.post(f"/take-back/mine/{told[0]}", data={"deed": "band-only", "sure": "yes"}).status_code == 303
    assert client.get(f"/testimony/{told[0]}").status_code == 404
    assert her.get(f"/take-back/mine/{told[0]}/sure?deed=band-only").status_code == 400
    steward = signed_in("steward")
    steward.get("/?lang=en")
    assert "Decided by narrators themselves" in steward.get("/steward").get_data(as_text=True)
    assert "by her own code" in steward.get(f"/steward/testimony/{told[0]}").get_data(as_text=True)


@pytest.mark.parametrize("deed", ["restrict", "destroy"])
def test_she_takes_it_back(
    her: FlaskClient, told: tuple[str, str], client: FlaskClient, filled: Filling, deed: str
) -> None:
    assert her.get(f"/take-back/mine/{told[0]}/sure?deed={deed}").status_code == 200
    answer = her.post(f"/take-back/mine/{told[0]}", data={"deed": deed, "sure": "yes"})
    assert "It is taken back" in answer.get_data(as_text=True)
    assert client.get(f"/testimony/{told[0]}").status_code == 404
    assert her.get(f"/take-back/mine/{told[0]}").status_code == 404
    carrying_out.carry_out(filled.backends)


def test_what_she_told_in_parts_is_decided_of_one_or_of_all(
    her: FlaskClient, told: tuple[str, str], filled: Filling, client: FlaskClient
) -> None:
    with filled.backends.database.write() as session:
        first = session.get_one(Testimony, told[0])
        second = session.scalars(select(Testimony).where(Testimony.id != told[0]).order_by(Testimony.id)).first()
        assert second is not None
        second.narrator_id, other = first.narrator_id, second.id
        for number, one in enumerate((second, first), 1):
            parts.put_part(one, f"rain {number}")
        decisions.reconfirm(session, other, ConsentGiven("signed", None), PRESETS["public"])
    assert "Part 2 of 2 of what you told" in her.get("/take-back/mine").get_data(as_text=True)
    page = her.get(f"/take-back/mine/{told[0]}").get_data(as_text=True)
    assert "Of all 2 parts of what you told" in page
    unsaid = her.get(f"/take-back/mine/{told[0]}/sure?deed=band-only")
    assert unsaid.status_code == 400
    assert "Say whether you mean this part alone" in unsaid.get_data(as_text=True)
    sure = her.get(f"/take-back/mine/{told[0]}/sure?deed=band-only&parts=all").get_data(as_text=True)
    assert "This is about all 2 parts of what you told" in sure
    her.post(f"/take-back/mine/{told[0]}", data={"deed": "band-only", "sure": "yes", "parts": "all"})
    assert [client.get(f"/testimony/{one}").status_code for one in (told[0], other)] == [404, 404]
    answer = her.post(f"/take-back/mine/{told[0]}", data={"deed": "restrict", "sure": "yes", "parts": "one"})
    assert answer.status_code == 200
    with filled.backends.database.read() as session:
        gone = {one: session.get_one(Testimony, one).withdrawn_at is not None for one in (told[0], other)}
    assert gone == {told[0]: True, other: False}
    her.post(f"/take-back/mine/{other}", data={"deed": "destroy", "sure": "yes"})
    carrying_out.carry_out(filled.backends)
    with filled.backends.database.read() as session:
        assert session.get(Testimony, other) is None


def test_a_visit_ends_by_her_hand(her: FlaskClient, told: tuple[str, str]) -> None:
    cookie = her.get_cookie("own-words", path="/take-back")
    assert cookie is not None
    her.post("/take-back/end")
    her.set_cookie("own-words", cookie.value, path="/take-back")
    assert her.get(f"/take-back/mine/{told[0]}").status_code == 404
    assert her.get("/take-back/mine").status_code == 303


def test_wrong_codes_are_answered_alike_slowed_and_not_written_down(
    app: Flask, told: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    right = told[1]
    wrong = ["2222-2222-2222-2222", f"{right[:5]}2222-2222-2222", right[:-1], "", "x" * 60]
    with caplog.at_level(logging.DEBUG):
        answers = [
            app.test_client().post("/take-back", data={"code": code}, environ_base={"REMOTE_ADDR": "203.0.113.9"})
            for code in wrong
        ]
        pages = {re.sub(r'(csrf_token" value=)"[^"]*"', r"\1", one.get_data(as_text=True)) for one in answers}
        assert ({one.status_code for one in answers}, len(pages)) == ({403}, 1)
        many = [
            app.test_client().post("/take-back", data={"code": wrong[1]}, environ_base={"REMOTE_ADDR": "203.0.113.9"})
            for _ in range(30)
        ]
    assert many[-1].status_code == 429
    assert not any(code and code in caplog.text for code in (*wrong, right))
    assert "203.0.113.9" not in caplog.text
    hers = app.test_client().post("/take-back", data={"code": right}, environ_base={"REMOTE_ADDR": "203.0.113.10"})
    assert hers.status_code == 303


def test_a_made_up_code_waits_for_nobody_who_writes(
    app: Flask, told: tuple[str, str], filled: Filling, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    monkeypatch.setattr(filled.backends.database, "write", lambda: pytest.fail("it asked to write"))
    assert client.post("/take-back", data={"code": "2222-2222-2222-2222"}).status_code == 403


def test_a_steward_gives_a_code_as_a_card_that_is_shown_once(
    app: Flask, signed_in: Callable[..., FlaskClient], filled: Filling, told: tuple[str, str]
) -> None:
    steward = signed_in("steward")
    app.config["WTF_CSRF_ENABLED"] = False
    with filled.backends.database.read() as session:
        narrator = session.get_one(Testimony, told[0]).narrator_id
    card = steward.post(f"/narrators/{narrator}/code")
    assert card.headers["Cache-Control"] == "no-store"
    page = card.get_data(as_text=True)
    found = re.search(r'class="code" lang="en">([a-z0-9-]{19})<', page)
    assert found is not None
    assert "<svg" in page
    assert "http://localhost/take-back" in page
    assert app.test_client().post("/take-back", data={"code": found[1]}).status_code == 303
    assert app.test_client().post("/take-back", data={"code": told[1]}).status_code == 403
    assert found[1] not in steward.get(f"/narrators/{narrator}").get_data(as_text=True)
    assert signed_in("band").post(f"/narrators/{narrator}/code").status_code in {400, 404}


def test_stewards_write_who_keeps_the_archive_and_record_what_is_read_aloud(
    app: Flask, signed_in: Callable[..., FlaskClient], client: FlaskClient
) -> None:
    steward = signed_in("steward")
    app.config["WTF_CSRF_ENABLED"] = False
    steward.post("/about/write", data={"km": "សូមទូរសព្ទ ០១២", "en": "Ring the bell <b>"})
    assert "សូមទូរសព្ទ ០១២" in client.get("/about").get_data(as_text=True)
    assert "Ring the bell &lt;b&gt;" in client.get("/about?lang=en").get_data(as_text=True)
    assert "<audio" not in client.get("/take-back").get_data(as_text=True)
    page = steward.get("/about/write").get_data(as_text=True)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    for bad in (b"no sound at all", b""):
        answer = steward.post("/about/aloud/enter", data={"sound": (BytesIO(bad), "a.mp3"), "csrf_token": token})
        assert "wav" in answer.get_data(as_text=True)
    written = BytesIO()
    with wave.open(written, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(1600))
    sound = written.getvalue()
    assert (
        steward.post("/about/aloud/enter", data={"sound": (BytesIO(sound), "a.wav"), "csrf_token": token}).status_code
        == 303
    )
    assert 'src="/take-back/aloud/enter"' in client.get("/take-back").get_data(as_text=True)
    heard = client.get("/take-back/aloud/enter")
    assert (heard.data, heard.mimetype) == (sound, "audio/wav")
    steward.post("/about/aloud/enter", data={"deed": "remove", "csrf_token": token})
    assert client.get("/take-back/aloud/enter").status_code == 404
    for forbidden in (client.post("/about/write", data={"km": "x"}), client.get("/about/write")):
        assert forbidden.status_code == 404
