"""Several testimonies at once: chosen over pages and from search, looked at, changed as one act, put back."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from archive.catalogue.thesaurus import load_thesaurus
from archive.describing import catalogue, changes
from archive.describing.changes import AT_THE_MACHINE
from archive.models import DescriptionChange, Permission, Testimony
from archive.retrieval import indexing
from tests.web.filling import Filling


@pytest.fixture
def member(app: Flask, signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("band")
    app.config["WTF_CSRF_ENABLED"] = False
    client.get("/?lang=en")
    return client


def sent(client: FlaskClient, status: int = 200, **form: object) -> str:
    answer = client.post("/testimonies/change", data=form)
    why = re.findall(r'class="wrong">(.*?)<', answer.get_data(as_text=True))
    assert answer.status_code == status, why
    return unescape(answer.get_data(as_text=True))


def described(filled: Filling) -> dict[str, dict[str, str]]:
    with filled.backends.database.read() as session:
        rows = catalogue.rows(session, AT_THE_MACHINE, catalogue.testimonies_for(session, AT_THE_MACHINE))
        return {row["testimony"]: {k: v for k, v in row.items() if k != "version"} for row in rows}


def test_one_field_of_three_is_looked_at_changed_as_one_act_and_put_back(member: FlaskClient, filled: Filling) -> None:
    ids = sorted(filled.testimonies.values())[:3]
    before = described(filled)
    page = sent(member, t=ids)
    assert "Change 3 testimonies" in page
    page = sent(member, t=ids, other="campaign")
    assert 'name="value"' in page
    page = sent(member, t=ids, field="campaign", value="Rain and wages", deed="look")
    assert page.count("<ins>Rain and wages</ins>") == 3
    assert described(filled) == before, "looking changes nothing"
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen is not None
    sent(member, 303, t=ids, field="campaign", value="Rain and wages", deed="apply", seen=seen[1])
    after = described(filled)
    assert {after[one]["campaign"] for one in ids} != {""}
    assert {one for one in after if after[one] != before[one]} == set(ids)
    with filled.backends.database.read() as session:
        acts = session.execute(select(DescriptionChange.act_id, DescriptionChange.kind).distinct()).all()
    assert [kind for _act, kind in acts] == ["selection"]
    page = unescape(member.get("/testimonies").get_data(as_text=True))
    assert "Testimonies corrected: 3." in page
    act = re.search(r'name="act" value="(\w+)"', page)
    assert act is not None
    assert member.post("/testimonies/undo", data={"act": act[1]}).status_code == 303
    assert described(filled) == before


def test_a_theme_more_and_a_theme_less_leave_the_others(member: FlaskClient, filled: Filling) -> None:
    with filled.backends.database.write() as session:
        load_thesaurus(session)
    ids = sorted(filled.testimonies.values())[:4]
    before = described(filled)
    sent(member, 303, t=ids, field="add-theme", value="debt", deed="apply")
    after = described(filled)
    assert all(set(after[one]["themes"].split()) == {*before[one]["themes"].split(), "debt"} for one in ids)
    page = sent(member, t=ids, other="drop-theme")
    assert 'value="debt"' in page
    sent(member, 303, t=ids, field="drop-theme", value="debt", deed="apply")
    assert all("debt" not in described(filled)[one]["themes"].split() for one in ids)


def test_what_somebody_changed_meanwhile_stays_and_is_told(member: FlaskClient, filled: Filling) -> None:
    mine, other = sorted(filled.testimonies.values())[:2]
    page = sent(member, t=[mine, other], field="collected_by", value="WNU", deed="look")
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen is not None
    with filled.backends.database.write() as session:
        changes.change(session, AT_THE_MACHINE, other, {"collected_by": "SAC"})
    wanted = {"field": "collected_by", "value": "WNU", "deed": "apply", "seen": seen[1]}
    page = sent(member, 409, t=[mine, other], **wanted)
    assert "Somebody changed this meanwhile; look again" in page
    after = described(filled)
    assert (after[mine]["collected_by"], after[other]["collected_by"]) == ("WNU", "SAC")


def test_what_cannot_be_so_changes_nothing(member: FlaskClient, filled: Filling) -> None:
    ids = sorted(filled.testimonies.values())[:2]
    before = described(filled)
    assert "is no date" in sent(member, t=ids, field="recorded_on", value="some day", deed="look")
    sent(member, 409, t=ids, field="recorded_on", value="some day", deed="apply")
    assert described(filled) == before
    many = ids + [f"nobody{n}" for n in range(500)]
    answer = member.post("/testimonies/change", data={"t": many}, follow_redirects=True)
    assert "At most 500" in answer.get_data(as_text=True)
    answer = member.post("/testimonies/change", data={}, follow_redirects=True)
    assert "Choose the testimonies first." in answer.get_data(as_text=True)


def test_the_choice_is_kept_while_pages_are_turned_and_names_only_what_may_be_known(
    member: FlaskClient, filled: Filling
) -> None:
    one, hidden = sorted(filled.testimonies.values())[:2]
    with filled.backends.database.write() as session:
        session.execute(delete(Permission).where(Permission.testimony_id == hidden))
    page = member.post("/testimonies", data={"t": [one, hidden], "q": "nothing is called so"}).get_data(as_text=True)
    assert f'type="hidden" name="t" value="{one}"' in page
    assert hidden not in page
    assert hidden not in member.get("/testimonies").get_data(as_text=True)
    page = sent(member, t=[one, hidden])
    assert "Change 1 testimony" in page
    assert hidden not in page
    sent(member, 303, t=[one, hidden], field="collected_by", value="SAC", deed="apply")
    with filled.backends.database.read() as session:
        assert session.get_one(Testimony, one).collected_by == "SAC"
        assert session.get_one(Testimony, hidden).collected_by != "SAC"


def test_they_are_chosen_from_what_was_found(member: FlaskClient, client: FlaskClient, filled: Filling) -> None:
    indexing.reindex(filled.backends.database, filled.backends.index)
    found = member.get("/search?q=debt&lang=en").get_data(as_text=True)
    ids = re.findall(r'form="several" name="t" value="(\w+)"', found)
    assert ids
    assert f"Change {len(ids)} testimon" in sent(member, t=ids)
    assert 'form="several"' not in client.get("/search?q=debt").get_data(as_text=True)
    assert client.get("/testimonies", headers={"Accept": "text/html"}).status_code == 303, "asked to sign in"
