"""Sessions that end do not eat work: what is sent too late asks to sign in, and then goes on as it was typed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from archive.accounts import accounts, sessions
from archive.consent import decisions
from archive.consent.decisions import PRESETS, ConsentGiven
from archive.models import AccountSession, ConsentEvent, Song, now
from tests.web.conftest import PASSWORD
from tests.web.filling import Filling
from web.site import kept_forms, signed_out
from web.site.viewer import COOKIE

SAID = "the-day-the-line-fell"


@pytest.fixture
def told(filled: Filling) -> str:
    with filled.backends.database.write() as session:
        decisions.grant(session, filled.testimonies[SAID], PRESETS["public"], ConsentGiven("recorded-verbal", None))
    return filled.testimonies[SAID]


def end_sessions(filled: Filling, ago: timedelta = timedelta(minutes=1)) -> None:
    """Let every session end by itself."""
    with filled.backends.database.write() as session:
        session.execute(update(AccountSession).values(expires_at=now() - ago, seen_at=now() - ago))


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"(?: type="hidden")? value="([^"]*)"', page)
    assert found is not None, name
    return unescape(found[1])


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the form that goes on."""
    form = page[page.index('<section class="entrance"') :]
    return {
        unescape(k): unescape(v) for k, v in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    }


def sign_in_with(client: FlaskClient, page: str, name: str = "some-steward") -> str:
    answer = client.post(
        "/sign-in",
        data={
            "name": name,
            "password": PASSWORD,
            "kept": field(page, "kept"),
            "csrf_token": field(page[page.index('<section class="entrance"') :], "csrf_token"),
        },
    )
    assert answer.status_code in {200, 303}
    return answer.get_data(as_text=True) if answer.status_code == 200 else str(answer.headers["Location"])


def consent_form(client: FlaskClient, testimony_id: str) -> dict[str, str]:
    wish = {"kind": "narrow", "answer": "band-only", "until": "", "method": "signed", "note": "At the drop-in centre."}
    page = client.get(f"/steward/testimony/{testimony_id}/change", query_string=wish).get_data(as_text=True)
    return wish | {"seen": field(page, "seen"), "read_out": "yes", "csrf_token": field(page, "csrf_token")}


def events(filled: Filling, testimony_id: str) -> list[ConsentEvent]:
    with filled.backends.database.read() as session:
        found = decisions.events_of(session, testimony_id)
        session.expunge_all()
        return found


def test_a_consent_decision_goes_on_after_signing_in(
    signed_in: Callable[..., FlaskClient], told: str, filled: Filling
) -> None:
    steward = signed_in("steward")
    form, address = consent_form(steward, told), f"/steward/testimony/{told}/change"
    before = len(events(filled, told))
    end_sessions(filled)
    late = steward.post(address, data=form)
    asked = late.get_data(as_text=True)
    assert late.status_code == 403
    assert late.headers["Cache-Control"] == "no-store"
    assert "At the drop-in centre." not in asked, "what was typed is not to be read in the page"
    assert len(events(filled, told)) == before
    page = sign_in_with(steward, asked)
    assert f'action="{address}"' in page
    assert " data-goes" in page
    again = fields(page)
    assert {name: again[name] for name in form if name != "csrf_token"} == {
        name: value for name, value in form.items() if name != "csrf_token"
    }
    assert steward.post(address, data=again).status_code == 303
    written = events(filled, told)[-1]
    assert (written.kind, written.note) == ("narrow", "At the drop-in centre.")


def test_a_file_is_asked_for_again_and_nothing_of_it_is_kept(
    signed_in: Callable[..., FlaskClient], told: str, filled: Filling
) -> None:
    steward = signed_in("steward")
    form, address = consent_form(steward, told), f"/steward/testimony/{told}/change"
    end_sessions(filled)
    sent = form | {"paper": (io.BytesIO(b"\x89PNG" + b"0" * 200_000), "paper.png")}
    late = steward.post(address, data=sent, content_type="multipart/form-data")
    assert late.status_code == 403
    assert len(late.data) < 30_000, "a photograph is not carried about"
    assert not list((filled.backends.settings.data / "uploads").glob("*"))
    page = sign_in_with(steward, late.get_data(as_text=True))
    assert " data-goes" not in page
    assert "paper.png" in page
    assert '<input id="file-1" name="paper" type="file">' in page
    assert 'enctype="multipart/form-data"' in page


def test_who_had_another_account_gets_nothing_of_it(
    signed_in: Callable[..., FlaskClient], told: str, filled: Filling
) -> None:
    with filled.backends.database.write() as session:
        accounts.create(session, "next-at-the-computer", PASSWORD, "steward")
    steward = signed_in("steward")
    steward.get("/?lang=en")
    form = consent_form(steward, told)
    end_sessions(filled)
    asked = steward.post(f"/steward/testimony/{told}/change", data=form).get_data(as_text=True)
    assert sign_in_with(steward, asked, "next-at-the-computer") == "/"
    assert "belongs to another account" in steward.get("/").get_data(as_text=True)


def test_what_is_kept_opens_in_that_browser_alone_and_not_for_long(
    app: Flask, signed_in: Callable[..., FlaskClient], told: str, filled: Filling, monkeypatch: pytest.MonkeyPatch
) -> None:
    steward = signed_in("steward")
    form = consent_form(steward, told)
    cookie = steward.get_cookie(COOKIE)
    assert cookie is not None
    end_sessions(filled)
    carried = field(steward.post(f"/steward/testimony/{told}/change", data=form).get_data(as_text=True), "kept")
    with app.test_request_context(headers={"Cookie": f"{COOKIE}={cookie.value}"}):
        held = kept_forms.kept(carried)
        assert held is not None
        assert dict(held.fields)["note"] == "At the drop-in centre."
        assert kept_forms.kept(carried[:-2] + "AA") is None
        assert kept_forms.kept("") is None
    with app.test_request_context(headers={"Cookie": f"{COOKIE}=another"}):
        assert kept_forms.kept(carried) is None
    monkeypatch.setattr(kept_forms, "HOLDS_SECONDS", -1)
    with app.test_request_context(headers={"Cookie": f"{COOKIE}={cookie.value}"}):
        assert kept_forms.kept(carried) is None


def test_a_form_without_its_token_is_looked_at_first(signed_in: Callable[..., FlaskClient], filled: Filling) -> None:
    """As a page from elsewhere would send it, if browsers let it bring the session along."""
    band = signed_in("band")
    end_sessions(filled)
    asked = band.post("/desk/song", data={"title_km": "ថ្មី", "csrf_token": "made up"})
    assert asked.status_code == 403
    page = sign_in_with(band, asked.get_data(as_text=True), "some-band")
    assert " data-goes" not in page
    assert "<li>ថ្មី</li>" in page
    with filled.backends.database.read() as session:
        assert session.scalar(select(Song.id).where(Song.title_km == "ថ្មី")) is None


def test_a_page_from_before_another_sign_in_loses_nothing(signed_in: Callable[..., FlaskClient]) -> None:
    """Signed in again in another window: the token of the first one's form is an old one."""
    band = signed_in("band")
    page = band.post("/desk/song", data={"title_en": "Kept all the same", "csrf_token": "of before"})
    assert page.status_code == 400
    again = fields(page.get_data(as_text=True))
    assert again["title_en"] == "Kept all the same"
    assert band.post("/desk/song", data=again).status_code == 303


def test_whoever_signed_out_left_nothing(signed_in: Callable[..., FlaskClient], filled: Filling) -> None:
    band = signed_in("band")
    page = band.get("/desk").get_data(as_text=True)
    form = {"title_en": "Mine", "csrf_token": field(page, "csrf_token")}
    cookie = band.get_cookie(COOKIE)
    assert cookie is not None
    band.post("/sign-out", data={"csrf_token": field(page, "csrf_token")})
    band.set_cookie(COOKIE, cookie.value)
    assert b'name="kept"' not in band.post("/desk/song", data=form).data
    with filled.backends.database.read() as session:
        assert sessions.ended(session, cookie.value) is None


def test_a_session_that_ended_long_ago_is_nobody_s(signed_in: Callable[..., FlaskClient], filled: Filling) -> None:
    band = signed_in("band")
    end_sessions(filled, timedelta(days=2))
    assert b'name="kept"' not in band.post("/desk/song", data={"title_en": "Late"}).data


def test_a_password_is_never_kept(signed_in: Callable[..., FlaskClient], filled: Filling) -> None:
    band = signed_in("band")
    page = band.get("/account").get_data(as_text=True)
    end_sessions(filled)
    form = {"old_password": PASSWORD, "new_password": "another long one", "csrf_token": field(page, "csrf_token")}
    assert b'name="kept"' not in band.post("/account/password", data=form).data


@pytest.mark.parametrize(
    "address", ["/desk/song/no-such", "/review/edit/none", "/steward/testimony/none", "/studio/x/time/y", "/account"]
)
def test_deep_pages_lead_to_sign_in_and_back_and_tell_nothing(client: FlaskClient, address: str) -> None:
    looked = client.get(f"{address}?a=1", headers={"Accept": "text/html", "Sec-Fetch-Mode": "navigate"})
    assert looked.status_code == 303
    assert looked.headers["Location"] == f"/sign-in?next={address}?a%3D1"
    fetched = client.get(address, headers={"Accept": "text/html", "Sec-Fetch-Mode": "cors"})
    assert fetched.status_code in {404, 303}


def test_scripts_are_answered_as_before(signed_in: Callable[..., FlaskClient], filled: Filling) -> None:
    band = signed_in("band")
    end_sessions(filled)
    answer = band.post("/studio/x/edits", json={"edits": []}, headers={"Accept": "application/json"})
    assert answer.status_code in {400, 404}
    assert b"<form" not in answer.data


PUBLIC_ROOMS = {
    "account", "api", "campaign", "concordance", "explore", "exports", "files", "iiif", "installed", "invited",
    "listening", "lists", "media", "oai", "own_words", "records", "search", "second", "sharing", "song", "testimony",
    "theme", "transcript",
}  # fmt: skip


def test_every_room_is_known_to_ask_for_an_account_or_to_be_open(app: Flask) -> None:
    """A new room's forms are lost to whoever's session ends, until its name stands in one of the two lists."""
    assert set(app.blueprints) == signed_out.ROOMS | PUBLIC_ROOMS
    assert {*signed_out.ALSO, *signed_out.OPEN_TO_ALL} <= app.view_functions.keys()
