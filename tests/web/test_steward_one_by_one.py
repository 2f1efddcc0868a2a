"""The steward's room, one thing at a time: single grants, papers, a narrator who comes back, readings."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from archive import time_zone
from archive.access import gate
from archive.access.gate import PUBLIC, Viewer
from archive.access.rule import Grant
from archive.accounts import access_requests, accounts
from archive.consent import decisions, revoicing, vault
from archive.models import AuditEntry, Recording, Testimony
from archive.withdrawal import purge, withdraw
from ingest.jobs import pipeline
from tests.archive.testimonies import GIVEN
from tests.web.filling import Filling
from tests.web.test_ingest import sound as a_sound

SAID = "the-day-the-line-fell"
PAPER = b"\x89PNG\r\n\x1a\n" + b"her thumb, in ink" * 9
WNU = Viewer("w", "researcher", frozenset({"WNU"}))
Entering = Callable[..., FlaskClient]


@pytest.fixture
def told(filled: Filling) -> str:
    vault.make_key(filled.backends.settings)
    testimony_id = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        decisions.reconfirm(session, testimony_id, GIVEN, decisions.PRESETS["public"])
    return testimony_id


@pytest.fixture
def steward(signed_in: Entering) -> FlaskClient:
    client = signed_in("steward", ("MB",))
    client.get("/?lang=en")
    return client


def page(client: FlaskClient, address: str, **query: object) -> str:
    answer = client.get(address, query_string=query)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/steward").get_data(as_text=True))
    assert found is not None
    return found[1]


def hidden(shown: str) -> MultiDict[str, str]:
    """What the form under a preview sends."""
    form = shown[shown.index('class="confirm"') :]
    return MultiDict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def asked(*rows: tuple[str, ...], kind: str, keep: tuple[str, ...] = ()) -> MultiDict[str, str]:
    said = MultiDict([("answer", "one-by-one"), ("kind", kind), ("method", "thumbprint")])
    for row in (*rows, ("", "band", "", "", "", "country")):
        for name, value in zip(("form", "audience", "purpose", "start", "end", "level"), row, strict=True):
            said.add(name, value)
    for one in keep:
        said.add("keep", one)
    return said


def written_down(client: FlaskClient, testimony_id: str, said: MultiDict[str, str], **more: object) -> str:
    """Preview, read out, confirm; what the preview said."""
    answer = client.get(f"/steward/testimony/{testimony_id}/change", query_string=said)
    assert answer.status_code == 200
    shown = unescape(answer.get_data(as_text=True))
    sent = hidden(shown)
    sent.add("read_out", "yes")
    for name, value in more.items():
        sent.add(name, value)  # type: ignore[arg-type]
    done = client.post(f"/steward/testimony/{testimony_id}/change", data=sent, content_type="multipart/form-data")
    assert done.status_code == 303, done.get_data(as_text=True)
    return shown


def test_radio_is_asked_about_by_itself(steward: FlaskClient, told: str, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        decisions.reconfirm(session, told, GIVEN, decisions.PRESETS["public"])
    assert "Anything but radio and television" in page(steward, f"/steward/testimony/{told}/one-by-one")
    assert "This does not include radio and television." in page(steward, f"/steward/testimony/{told}")
    shown = written_down(steward, told, asked(("quotation", "public", "broadcast", "", "", "country"), kind="grant"))
    assert "Everyone may hear these words in a song, on radio and television." in shown
    with filled.backends.database.read() as session:
        assert Grant("quotation", "public", "broadcast") in decisions.standing_of(session, told).grants


def test_one_thing_is_allowed_to_one_group_for_some_days(steward: FlaskClient, told: str, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        decisions.reconfirm(session, told, GIVEN, decisions.BAND_ONLY)
    shown = written_down(
        steward,
        told,
        asked(
            ("existence", "WNU", "", "", "", "country"),
            ("place", "WNU", "", "", "2027-12-31", "district"),
            ("quotation", "WNU", "song", "2027-01-01", "2027-12-31", "country"),
            kind="grant",
        ),
    )
    assert "WNU may hear these words in a song, to make songs, from 1 January 2027, until 31 December 2027." in shown
    assert "know the place, as far as the district, until 31 December 2027" in shown
    with filled.backends.database.read() as session:
        holds = decisions.standing_of(session, told).grants
        first, last = time_zone.opens_on(date(2027, 1, 1)), time_zone.closes_after(date(2027, 12, 31))
        assert Grant("quotation", "WNU", "song", first, last) in holds
        assert Grant("place", "WNU", "", None, last, "district") in holds
        assert set(decisions.BAND_ONLY) <= set(holds)
        assert gate.place_level(session, WNU, told) == "district"
        assert not gate.may(session, PUBLIC, told, "existence")
        assert decisions.events_of(session, told)[-1].method == "thumbprint"


def test_what_is_no_longer_ticked_is_taken_away(steward: FlaskClient, told: str, filled: Filling) -> None:
    shown = page(steward, f"/steward/testimony/{told}/one-by-one")
    keep = re.findall(r'name="keep" value="([^"]+)" checked', shown)
    assert "Everyone may hear these words in a song." in shown
    assert len(keep) == len(decisions.PRESETS["public"])
    kept = tuple(one for one in keep if not one.startswith(("quotation|", "name|", "paraphrase|public")))
    shown = written_down(steward, told, asked(kind="narrow", keep=kept))
    assert "Nobody may hear these words in a song." in shown
    assert "Lines that stop being sung at once" in shown
    with filled.backends.database.read() as session:
        assert not gate.may(session, PUBLIC, told, "quotation")
        assert gate.may(session, PUBLIC, told, "original_sound")


def test_confirming_anew_leaves_what_the_page_says_and_nothing_else(
    steward: FlaskClient, told: str, filled: Filling
) -> None:
    said = asked(
        ("existence", "public", "", "", "", "country"), ("pseudonym", "public", "", "", "", ""), kind="reconfirm"
    )
    written_down(steward, told, said)
    with filled.backends.database.read() as session:
        assert decisions.standing_of(session, told).grants == (
            Grant("existence", "public"),
            Grant("pseudonym", "public"),
        )


def test_what_would_stay_closed_is_said(steward: FlaskClient, told: str, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        decisions.reconfirm(session, told, GIVEN, decisions.BAND_ONLY)
    said = asked(("original_sound", "SAC", "", "", "", "country"), kind="grant")
    answer = steward.get(f"/steward/testimony/{told}/change", query_string=said)
    assert "Some of it stays closed" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (("existence", "nobody", "", "", "", "country"), "A row is not whole"),
        (("existence", "band", "", "2027-02-30", "", "country"), "Write a day as"),
        (("existence", "band", "", "2027-05-02", "2027-05-01", "country"), "must not come before the first"),
        (None, "Say at least one thing"),
    ],
)
def test_a_form_that_says_nothing_whole_is_given_back_with_what_to_do(
    steward: FlaskClient, told: str, row: tuple[str, ...] | None, wrong: str
) -> None:
    said = asked(*([row] if row else []), kind="grant")
    answer = steward.get(f"/steward/testimony/{told}/change", query_string=said)
    assert answer.status_code == 400
    assert wrong in answer.get_data(as_text=True)
    assert "data-one-by-one" in answer.get_data(as_text=True)


def test_a_paper_is_sealed_and_opened_by_a_steward_alone(
    steward: FlaskClient, signed_in: Entering, told: str, filled: Filling
) -> None:
    said = asked(("existence", "WIC", "", "", "", "country"), kind="grant")
    written_down(steward, told, said, paper=(io.BytesIO(PAPER), "signed by Sophea.png"))
    keys = list(filled.backends.store.keys("evidence/"))
    assert len(keys) == 1
    for path in filled.backends.settings.data.rglob("*"):
        assert not path.is_file() or (b"her thumb" not in path.read_bytes() and b"Sophea.png" not in path.read_bytes())
    with filled.backends.database.read() as session:
        event = decisions.events_of(session, told)[-1]
        assert event.evidence == {"blob": keys[0]}
    address = f"/steward/testimony/{told}/evidence/{event.seq}"
    assert address in page(steward, f"/steward/testimony/{told}")
    opened = steward.get(address)
    assert opened.data == PAPER
    assert opened.headers["Content-Disposition"] == f'attachment; filename="evidence-{event.seq}.png"'
    assert opened.headers["Cache-Control"] == "no-store"
    with filled.backends.database.read() as session:
        assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq.desc())).first() == "evidence.read"
    for other in (signed_in("band"), signed_in("researcher")):
        assert other.get(address).status_code == 404
    assert steward.get(f"/steward/testimony/{told}/evidence/{event.seq + 1}").status_code == 404


def test_without_the_vault_s_key_nothing_is_written(steward: FlaskClient, told: str, filled: Filling) -> None:
    said = asked(("existence", "WIC", "", "", "", "country"), kind="grant")
    shown = unescape(steward.get(f"/steward/testimony/{told}/change", query_string=said).get_data(as_text=True))
    sent = hidden(shown)
    sent.add("read_out", "yes")
    sent.add("paper", (io.BytesIO(PAPER), "paper.png"))  # type: ignore[arg-type]
    filled.backends.settings.vault_key.unlink()
    answer = steward.post(f"/steward/testimony/{told}/change", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 409
    assert "Nothing was written down" in answer.get_data(as_text=True)
    with filled.backends.database.read() as session:
        assert Grant("existence", "WIC") not in decisions.standing_of(session, told).grants


def test_a_legal_name_is_kept_read_and_removed(steward: FlaskClient, told: str, filled: Filling) -> None:
    address, key = f"/steward/testimony/{told}/name", token(steward)
    sent = {"csrf_token": key, "deed": "keep", "legal_name": "  Ségolène   Vannak "}
    assert steward.post(address, data=sent).status_code == 303
    assert "Vannak" not in page(steward, f"/steward/testimony/{told}")
    read = steward.post(address, data={"csrf_token": key, "deed": "read"})
    assert "Ségolène Vannak" in read.get_data(as_text=True)
    assert read.headers["Cache-Control"] == "no-store"
    assert steward.post(address, data={"csrf_token": key, "deed": "remove"}).status_code == 303
    assert "No name is kept." in steward.post(address, data={"csrf_token": key, "deed": "read"}).get_data(as_text=True)
    assert steward.post(address, data={"csrf_token": key, "deed": "keep"}).status_code == 400
    with filled.backends.database.read() as session:
        acts = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("vault."))).all()
        assert list(acts) == ["vault.kept", "vault.read", "vault.destroyed"]


def test_an_original_is_sealed_and_opened_from_the_page(steward: FlaskClient, told: str, filled: Filling) -> None:
    address, key = f"/steward/testimony/{told}/seal", token(steward)
    answer = steward.post(address, data={"csrf_token": key, "deed": "seal"})
    assert answer.status_code == 409, "the sample has no original of its own here"
    assert "still being worked on" in answer.get_data(as_text=True)
    assert steward.post(address, data={"csrf_token": key, "deed": "melt"}).status_code == 404


def test_a_narrator_who_comes_back_is_asked_afresh(
    steward: FlaskClient, client: FlaskClient, told: str, filled: Filling
) -> None:
    withdraw.withdraw(filled.backends, told, "restrict", GIVEN)
    purge.purge(filled.backends, told)
    assert f"/steward/taken-back/{told}" in page(steward, "/steward")
    address = f"/steward/taken-back/{told}"
    asked_for = page(steward, address)
    assert "Nothing of what was allowed before counts any more" in asked_for
    assert "Choose one of the answers." in page(steward, address, method="signed")
    shown = page(steward, address, method="signed", answer="listed-sealed", until="2028-01-31")
    assert "Everyone may know that this testimony is here, until 31 January 2028." in shown
    sent = hidden(shown)
    unread = steward.post(address, data=sent, content_type="multipart/form-data")
    assert unread.status_code == 400
    sent.add("read_out", "yes")
    stale = MultiDict(sent)
    stale.setlist("seen", ["1"])
    assert steward.post(address, data=stale, content_type="multipart/form-data").status_code == 409
    sent.add("paper", (io.BytesIO(PAPER), "paper.png"))  # type: ignore[arg-type]
    assert steward.post(address, data=sent, content_type="multipart/form-data").status_code == 303
    assert client.get(f"/testimony/{told}").status_code == 200
    assert "Listed, but sealed" in page(steward, "/steward")
    assert steward.get(address).status_code == 404
    with filled.backends.database.read() as session:
        assert session.get_one(Testimony, told).recording.state == "waiting"
        assert decisions.events_of(session, told)[-1].kind == "reconfirm"
    assert filled.backends.queue.depth() == 1


def test_what_was_destroyed_does_not_come_back(steward: FlaskClient, told: str, filled: Filling) -> None:
    withdraw.withdraw(filled.backends, told, "destroy", GIVEN)
    purge.purge(filled.backends, told)
    room = page(steward, "/steward")
    assert "Destroyed: 1" in room
    assert f'"/steward/taken-back/{told}"' not in room  # what others wrote that is nearly her words is another list
    assert steward.get(f"/steward/taken-back/{told}").status_code == 404


def test_a_reading_stands_in_after_a_steward_has_listened(
    steward: FlaskClient, client: FlaskClient, told: str, filled: Filling
) -> None:
    with filled.backends.database.write() as session:
        reader = accounts.create(session, "reader", "a long enough one", "band", ("MB",)).id
        decisions.reconfirm(session, told, GIVEN, [Grant("existence", "public"), Grant("disguised_sound", "public")])
        recording_id = session.get_one(Testimony, told).recording_id
    assert client.get(f"/media/{recording_id}").status_code == 404
    aloud = page(steward, f"/steward/testimony/{told}/reading")
    assert "in your own voice" in aloud
    address, key = f"/steward/testimony/{told}/reading", token(steward)
    sent = {"csrf_token": key, "reader": reader, "reading": (io.BytesIO(b"x"), "a.wav")}
    refused = steward.post(address, data=sent, content_type="multipart/form-data")
    sent["reading"] = (a_sound(2.0), "read.wav")
    assert "Choose the recording and who reads" in refused.get_data(as_text=True)
    assert steward.post(address, data=sent | {"agreed": "yes"}, content_type="multipart/form-data").status_code == 303
    with filled.backends.database.read() as session:
        found = revoicing.reading_of(session, told)
        assert found is not None
        read = found.recording_id
    judged = {"csrf_token": key, "deed": "heard"}
    assert steward.post(f"/steward/testimony/{told}/voice", data=judged).status_code == 409
    pipeline.run(filled.backends, read)
    assert client.get(f"/media/{recording_id}").status_code == 404, "nobody has listened yet"
    assert steward.get(f"/steward/testimony/{told}/voice").mimetype == "audio/mp4"
    assert steward.post(f"/steward/testimony/{told}/voice", data=judged).status_code == 303
    heard = client.get(f"/media/{recording_id}")
    assert heard.status_code == 200
    assert heard.data == steward.get(f"/steward/testimony/{told}/voice").data
    assert client.get(f"/media/{read}").status_code == 404, "it has no address of its own"
    assert "Read by somebody else" in page(client, f"/testimony/{told}", lang="en")
    assert steward.post(f"/steward/testimony/{told}/voice", data=judged | {"deed": "remove"}).status_code == 303
    assert client.get(f"/media/{recording_id}").status_code == 404
    with filled.backends.database.read() as session:
        assert session.get(Recording, read) is None


def test_a_researcher_who_was_let_in_is_shut_out_again(steward: FlaskClient, told: str, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        who = accounts.create(session, "asker", "a long enough one", "researcher", ())
        request_id = access_requests.ask(session, who, told, "A study of wages.").id
    key = token(steward)
    steward.post(f"/steward/request/{request_id}", data={"csrf_token": key, "answer": "granted"})
    assert "A study of wages." in page(steward, f"/steward/testimony/{told}")
    steward.post(f"/steward/request/{request_id}", data={"csrf_token": key, "answer": "declined"})
    assert "A study of wages." not in page(steward, f"/steward/testimony/{told}")
