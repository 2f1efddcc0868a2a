"""Several recordings of one telling: joined and parted by hand, read as one, and told of only where she may be."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from archive.consent import decisions
from archive.models import DescriptionChange, Narrator, Permission, Testimony
from archive.retrieval import indexing
from tests.archive.testimonies import GIVEN
from tests.web.filling import Filling

PUBLIC = decisions.PRESETS["public"]


@pytest.fixture
def member(app: Flask, signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("band")
    app.config["WTF_CSRF_ENABLED"] = False
    client.get("/?lang=en")
    return client


@pytest.fixture
def told(filled: Filling) -> list[str]:
    """Three testimonies of one woman, open to everybody."""
    ids = sorted(filled.testimonies.values())[:3]
    with filled.backends.database.write() as session:
        made = Narrator(pseudonym_km="ស្រីមុំ", pseudonym_en="Srey Mom", community="farmer", province="12")
        session.add(made)
        session.flush()
        for number, one in enumerate(ids):
            told = session.get_one(Testimony, one)
            told.narrator_id, told.title_en = made.id, f"Told {number}"
            decisions.reconfirm(session, one, GIVEN, PUBLIC)
    return ids


def text(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return unescape(answer.get_data(as_text=True))


def sent(client: FlaskClient, ids: list[str], numbers: str, deed: str = "apply", status: int = 303) -> str:
    form = {f"n-{one}": number for one, number in zip(ids, numbers.split(","), strict=True)}
    answer = client.post(f"/testimony/{ids[0]}/parts", data={**form, "deed": deed})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return unescape(answer.get_data(as_text=True))


def plain(client: FlaskClient, address: str) -> str:
    """A page without what is drawn anew for each."""
    return re.sub(r'(csrf_token" value=|nonce=)"[^"]*"', "", text(client, address))


def parts_shown(page: str) -> list[str]:
    nav = re.search(r'<nav class="parts".*?</nav>', page, re.DOTALL)
    return re.findall(r"Part \d+: Told \d", nav[0]) if nav else []


def test_they_are_joined_in_an_order_read_as_one_and_parted_by_undoing(
    member: FlaskClient, client: FlaskClient, filled: Filling, told: list[str]
) -> None:
    page = sent(member, told, "2,1,3", "look", 200)
    assert re.findall(r"<strong>Part \d</strong>: (Told \d)", page) == ["Told 1", "Told 0", "Told 2"]
    assert "Nothing is shown to more people than before" in page
    with filled.backends.database.read() as session:
        assert not session.scalars(select(DescriptionChange)).all(), "looking changes nothing"
    sent(member, told, "2,1,3")
    shown = text(client, f"/testimony/{told[0]}?lang=en")
    assert parts_shown(shown) == ["Part 1: Told 1", "Part 2: Told 0", "Part 3: Told 2"]
    assert "part 2 of 3" in shown.split('class="citation"')[1]
    whole = text(client, f"/testimony/{told[0]}/whole")
    assert whole.split("<main")[1] == text(client, f"/testimony/{told[2]}/whole").split("<main")[1]
    assert re.findall(r'class="transcript" id="part-(\d)"', whole) == ["1", "2", "3"]
    with filled.backends.database.read() as session:
        lengths = [session.get_one(Testimony, one).recording.duration_ms or 0 for one in told]
    begins = (lengths[1] + lengths[0]) // 1000
    assert f"begins at {begins // 60}:{begins % 60:02} of the whole" in whole
    indexing.reindex(filled.backends.database, filled.backends.index)
    assert "of 3 of one telling" in text(client, "/search?q=Told&lang=en")
    page = text(member, f"/testimony/{told[0]}")
    act = re.search(r'name="act" value="(\w+)"', page)
    assert act is not None
    assert member.post(f"/testimony/{told[0]}/describe/undo", data={"act": act[1]}).status_code == 303
    assert not parts_shown(text(client, f"/testimony/{told[0]}"))
    assert text(client, f"/testimony/{told[0]}/whole", 404)


def test_a_part_that_may_not_be_known_of_or_not_as_hers_is_not_there(
    member: FlaskClient, client: FlaskClient, filled: Filling, told: list[str]
) -> None:
    sent(member, told, "1,2,3")
    with filled.backends.database.write() as session:
        decisions.narrow(session, told[0], [one for one in PUBLIC if one.form != "pseudonym"], GIVEN)
    for one in (told[1], told[2]):
        shown = text(client, f"/testimony/{one}?lang=en")
        assert parts_shown(shown) == ["Part 1: Told 1", "Part 2: Told 2"], "the first may not be said to be hers"
        assert told[0] not in shown
    assert not parts_shown(text(client, f"/testimony/{told[0]}"))
    with filled.backends.database.write() as session:
        decisions.narrow(session, told[1], [one for one in PUBLIC if one.form != "place"], GIVEN)
    assert not parts_shown(text(client, f"/testimony/{told[1]}")), "where she lives would be told by the other"
    with filled.backends.database.write() as session:
        session.execute(delete(Permission).where(Permission.testimony_id == told[1]))
    assert told[1] not in text(client, f"/testimony/{told[2]}")
    assert text(client, f"/testimony/{told[1]}/whole", 404)


def test_a_hidden_part_leaves_the_others_as_if_it_were_none(
    member: FlaskClient, client: FlaskClient, filled: Filling, told: list[str]
) -> None:
    sent(member, told, "1,2,3")
    with filled.backends.database.write() as session:
        session.execute(delete(Permission).where(Permission.testimony_id == told[1]))
    indexing.reindex(filled.backends.database, filled.backends.index)
    pages = ("/testimony/{0}", "/testimony/{2}", "/testimony/{0}/whole", "/testimony/{2}/whole", "/search?q=Told")
    client.get("/?lang=en")
    addresses = [one.format(*told) for one in pages]
    hidden = [plain(client, address) for address in addresses]
    assert all("begins at" in one for one in hidden[:4])
    with filled.backends.database.write() as session:
        session.get_one(Testimony, told[1]).whole = ""
    indexing.reindex(filled.backends.database, filled.backends.index)
    for address, page in zip(addresses, hidden, strict=True):
        assert plain(client, address).splitlines() == page.splitlines(), address


def test_a_steward_who_writes_a_decision_down_is_told_of_the_other_parts(
    member: FlaskClient, signed_in: Callable[..., FlaskClient], told: list[str]
) -> None:
    sent(member, told, "1,2,3")
    steward = signed_in("steward")
    page = text(steward, f"/steward/testimony/{told[1]}?lang=en")
    assert "What is written down here is of this part alone" in page
    assert [one in page for one in (f'/steward/testimony/{told[0]}"', f'/steward/testimony/{told[2]}"')] == [True] * 2


def test_what_cannot_be_parts_is_said(member: FlaskClient, client: FlaskClient, told: list[str]) -> None:
    assert "One recording alone is no part" in sent(member, told, "1,,", status=400)
    assert "Two recordings have the number 2" in sent(member, told, "2,២,", status=400)
    assert "from 1 to 99" in sent(member, told, "1,x,", status=400)
    assert client.get(f"/testimony/{told[0]}/parts").status_code == 404


def test_another_narrator_takes_a_recording_out_of_the_telling_and_undoing_brings_it_back(
    member: FlaskClient, filled: Filling, told: list[str]
) -> None:
    sent(member, told, "1,2,3")
    with filled.backends.database.write() as session:
        other = Narrator(pseudonym_km="", pseudonym_en="Somebody", community="farmer", province="12")
        session.add(other)
        session.flush()
        other_id = other.id
        session.get_one(Testimony, sorted(filled.testimonies.values())[4]).narrator_id = other_id
        decisions.reconfirm(session, sorted(filled.testimonies.values())[4], GIVEN, PUBLIC)
    form = {"narrator": other_id, "seen": "999999"}
    assert member.post(f"/testimony/{told[2]}/describe", data=form).status_code == 303
    page = text(member, f"/testimony/{told[2]}")
    assert not parts_shown(page)
    assert len(parts_shown(text(member, f"/testimony/{told[0]}"))) == 2
    acts = re.findall(r'name="act" value="(\w+)"', page)
    assert member.post(f"/testimony/{told[2]}/describe/undo", data={"act": acts[-1]}).status_code == 303
    assert len(parts_shown(text(member, f"/testimony/{told[0]}"))) == 3
