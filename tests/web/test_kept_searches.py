"""Searches that people keep, and the feeds they are followed by: theirs alone, and never more than they may know."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from archive.accounts import accounts
from archive.models import Account, KeptSearch, Permission, Testimony
from archive.retrieval import indexing
from tests.web.conftest import PASSWORD
from tests.web.filling import Filling

DEBT = "បំណុល"
FEED = f"/search/feed?q={DEBT}&lang=en"
NEW = '<p class="kept-new-count">'
_TOKEN = re.compile(rb'(?<=name="csrf_token" value=")[^"]+')  # holds the second in which it was made
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def found(app: Flask, filled: Filling) -> Filling:
    """The sample collection, findable, on a site whose forms need no token."""
    indexing.reindex(filled.backends.database, filled.backends.index)
    return filled


@pytest.fixture
def researcher(signed_in: Callable[..., FlaskClient], app: Flask, found: Filling) -> FlaskClient:
    client = signed_in("researcher")
    app.config["WTF_CSRF_ENABLED"] = False
    return client


def told_of(filling: Filling, word: str) -> set[str]:
    """Ids of the testimonies in whose sample text the word stands."""
    told = [t.id for t in filling.collection.testimonies if any(word in s.text for s in t.segments)]
    return {filling.testimonies[one] for one in told}


def room(client: FlaskClient) -> str:
    answer = client.get("/search/kept?lang=en")
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def kept(client: FlaskClient, filling: Filling, **asked: str) -> str:
    """Keep a search; gives its id."""
    answer = client.post("/search/kept", data={"name": "Debts", "q": DEBT, **asked})
    assert answer.headers["Location"] == "/search/kept"
    with filling.backends.database.read() as session:
        return session.scalars(select(KeptSearch.id).order_by(KeptSearch.made_at.desc())).first() or ""


def do(client: FlaskClient, kept_id: str, deed: str, **form: str) -> int:
    return client.post(f"/search/kept/{kept_id}", data={"deed": deed, **form}).status_code


def hide(filling: Filling, testimony_id: str) -> None:
    with filling.backends.database.write() as session:
        session.execute(delete(Permission).where(Permission.testimony_id == testimony_id))


def entries(client: FlaskClient, address: str) -> dict[str, str]:
    """Address -> title, of what a feed names."""
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.data)  # our own answer, not somebody's file
    assert all(feed.find(f"{ATOM}{name}") is not None for name in ("id", "title", "updated", "author"))
    return {
        entry.findtext(f"{ATOM}id", "").split("localhost", 1)[1]: entry.findtext(f"{ATOM}title", "")
        for entry in feed.findall(f"{ATOM}entry")
    }


def address_of(client: FlaskClient) -> str:
    shown = re.search(r'readonly value="http://localhost(/search/feed/[^"]+)"', room(client))
    assert shown is not None
    return shown[1]


def test_a_search_is_kept_named_again_removed_and_put_back(researcher: FlaskClient, found: Filling) -> None:
    assert "No searches kept yet" in room(researcher)
    kept_id = kept(researcher, found, community="farmer", name="  Debts of   farmers ")
    page = room(researcher)
    assert "Debts of farmers" in page
    assert f'href="/search?q={"%E1%9E%94%E1%9F%86%E1%9E%8E%E1%9E%BB%E1%9E%9B"}&community=farmer"' in page
    assert do(researcher, kept_id, "rename", name="Owing") == 303
    assert "Owing" in room(researcher)
    assert do(researcher, kept_id, "rename", name="   ") == 303
    assert "Give it a name." in room(researcher)
    assert do(researcher, kept_id, "remove") == 303
    page = room(researcher)
    assert "Put it back" in page
    assert "No searches kept yet" in page
    assert do(researcher, kept_id, "put-back") == 303
    page = room(researcher)
    assert "Put it back" not in page
    assert "Owing" in page


def test_what_came_since_the_last_look_is_named_until_it_has_been_seen(researcher: FlaskClient, found: Filling) -> None:
    late = min(one.removeprefix("/testimony/") for one in entries(researcher, FEED) if "/testimony/" in one)
    with found.backends.database.read() as session:
        grants = [
            {column.name: getattr(one, column.name) for column in Permission.__table__.columns}
            for one in session.scalars(select(Permission).where(Permission.testimony_id == late))
        ]
        title = session.get_one(Testimony, late).title_en
    hide(found, late)
    kept_id = kept(researcher, found)
    assert NEW not in room(researcher)
    with found.backends.database.write() as session:
        session.execute(Permission.__table__.insert(), grants)
    page = room(researcher)
    assert NEW in page  # with the songs that draw on it
    assert title in page
    assert f'href="/testimony/{late}"' in page
    assert do(researcher, kept_id, "look") == 303
    page = room(researcher)
    assert NEW not in page
    assert do(researcher, kept_id, "unlook") == 303
    assert NEW in room(researcher)
    hide(found, late)
    page = room(researcher)
    assert title not in page
    assert NEW not in page


def test_a_kept_search_is_its_owners_alone(
    researcher: FlaskClient, client: FlaskClient, app: Flask, found: Filling
) -> None:
    kept_id = kept(researcher, found)
    with found.backends.database.write() as session:
        accounts.create(session, "another", PASSWORD, "researcher")
    other = app.test_client()
    assert other.post("/sign-in", data={"name": "another", "password": PASSWORD}).status_code == 303
    assert "Debts" not in room(other)
    for deed in ("look", "unlook", "rename", "remove", "put-back", "follow", "unfollow", "shout", ""):
        theirs = other.post(f"/search/kept/{kept_id}", data={"deed": deed, "name": "x"})
        nobodys = other.post("/search/kept/nobodyknowsit0", data={"deed": deed, "name": "x"})
        assert theirs.status_code == nobodys.status_code == 404
        assert _TOKEN.sub(b"", theirs.data) == _TOKEN.sub(b"", nobodys.data)
        assert client.post(f"/search/kept/{kept_id}", data={"deed": deed}).status_code == 404
    assert client.get("/search/kept").headers["Location"].startswith("/sign-in")
    assert client.post("/search/kept", data={"q": DEBT, "name": "x"}).status_code == 404


def test_a_search_for_nothing_or_without_a_name_is_not_kept(researcher: FlaskClient, found: Filling) -> None:
    for form in ({"name": "x"}, {"name": " ", "q": DEBT}, {"q": DEBT}):
        answer = researcher.post("/search/kept", data=form)
        assert answer.headers["Location"].startswith("/search")
        assert answer.headers["Location"] != "/search/kept"
    with found.backends.database.read() as session:
        assert session.scalars(select(KeptSearch)).all() == []


def test_anyone_may_follow_a_search_with_the_rights_of_the_public(
    client: FlaskClient, researcher: FlaskClient, found: Filling
) -> None:
    told = entries(client, FEED)
    assert {f"/testimony/{one}" for one in told_of(found, DEBT)} & told.keys()
    text = client.get(FEED).get_data(as_text=True)
    spoken = [s.text for t in found.collection.testimonies for s in t.segments]
    assert not any(one in text for one in spoken), "no word that was said goes out"
    hidden = min(one.removeprefix("/testimony/") for one in entries(client, FEED) if "/testimony/" in one)
    with found.backends.database.write() as session:
        session.execute(update(Permission).where(Permission.testimony_id == hidden).values(audience="researcher"))
    assert f"/testimony/{hidden}" not in entries(client, f"/search/feed?q={DEBT}")
    # Whoever has signed in gets what the public gets: the address will be asked by a program that has not.
    assert entries(researcher, f"/search/feed?q={DEBT}") == entries(client, f"/search/feed?q={DEBT}")
    assert entries(client, "/search/feed?q=zzzzzz") == {}


def test_a_feed_lends_its_owners_rights_at_the_moment_of_asking(
    client: FlaskClient, researcher: FlaskClient, found: Filling
) -> None:
    hidden = min(one.removeprefix("/testimony/") for one in entries(client, FEED) if "/testimony/" in one)
    with found.backends.database.write() as session:
        session.execute(update(Permission).where(Permission.testimony_id == hidden).values(audience="researcher"))
    kept_id = kept(researcher, found)
    assert client.get(f"/search/feed/{kept_id}/{'0' * 32}").status_code == 404
    assert do(researcher, kept_id, "follow") == 303
    address = address_of(researcher)
    first = client.get(address)
    assert first.headers["Cache-Control"] == "no-store"
    # A researcher may know of it, as its listing is granted; its words are for whoever has been named.
    listed = entries(client, address)
    with found.backends.database.write() as session:
        session.execute(delete(Permission).where(Permission.testimony_id == hidden))
    assert f"/testimony/{hidden}" not in entries(client, address)
    assert all(title for title in listed.values())


def test_a_feed_ends_when_it_is_renewed_ended_removed_or_its_owner_shut_out(
    client: FlaskClient, researcher: FlaskClient, found: Filling
) -> None:
    kept_id = kept(researcher, found)
    do(researcher, kept_id, "follow")
    old = address_of(researcher)
    do(researcher, kept_id, "follow")
    new = address_of(researcher)
    assert old != new
    nobody = client.get(f"/search/feed/nobodyknowsit0/{'0' * 32}?lang=en")
    gone = client.get(old)
    assert (gone.status_code, gone.data) == (nobody.status_code, nobody.data)
    assert client.get(new).status_code == 200
    do(researcher, kept_id, "unfollow")
    assert client.get(new).status_code == 404
    do(researcher, kept_id, "follow")
    newest = address_of(researcher)
    do(researcher, kept_id, "remove")
    assert client.get(newest).status_code == 404
    do(researcher, kept_id, "put-back")
    assert client.get(newest).status_code == 200
    with found.backends.database.write() as session:
        session.execute(update(Account).where(Account.name == "some-researcher").values(disabled=True))
    assert client.get(newest).status_code == 404
