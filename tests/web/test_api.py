"""The interface for programs: described truly, asked of the gate, and opened by tokens that end."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import select

from archive.access import gate
from archive.access.rule import Grant
from archive.accounts import accounts, api_tokens
from archive.catalogue import thesaurus
from archive.consent import decisions
from archive.consent.decisions import ConsentGiven
from archive.gathering import collections, passages
from archive.models import Account, ApiToken, Permission, Testimony, now
from archive.retrieval import indexing
from archive.timing import Span
from tests.web.filling import Filling
from web.api import description

SAID = "the-day-the-line-fell"
API = "/api/v1"
_PATH = re.compile(r"<(?:\w+:)?(\w+)>")


@pytest.fixture(autouse=True)
def _findable(filled: Filling) -> None:
    with filled.backends.database.write() as session:
        thesaurus.load_thesaurus(session)
    indexing.reindex(filled.backends.database, filled.backends.index)


@pytest.fixture
def researcher(filled: Filling) -> str:
    """A researcher's token; she keeps a collection with a passage."""
    with filled.backends.database.write() as session:
        accounts.create(session, "ana", "a long enough one", "researcher", ())
        return api_tokens.make(session, accounts.named(session, "ana"), "A notebook", 90)


@pytest.fixture
def asked(client: FlaskClient) -> Callable[..., dict[str, Any]]:
    """Ask an address, and hold the answer to its schema."""
    document = json.loads(client.get(f"{API}/openapi.json").data)
    schemas = {route.endpoint: route.answer for route in description.ROUTES}

    def ask(path: str, token: str = "", status: int = 200) -> dict[str, Any]:
        answer = client.get(path, headers={"Authorization": f"Bearer {token}"} if token else {})
        assert answer.status_code == status, answer.get_data(as_text=True)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
        with client.application.test_request_context(path) as context:
            rule = context.request.url_rule
        name = schemas[rule.endpoint.partition(".")[2]] if rule and status == 200 else "Problem"
        found = json.loads(answer.data)
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        Draft202012Validator(schema).validate(found)
        assert answer.mimetype == ("application/json" if status == 200 else "application/problem+json")
        return dict(found)

    return ask


def every(asked: Callable[..., dict[str, Any]], path: str, token: str = "") -> list[dict[str, Any]]:
    """What stands on all pages of a list."""
    found: list[dict[str, Any]] = []
    following: str | None = path
    while following:
        answer = asked(following, token)
        found += answer["items"]
        parts = urlsplit(answer["next"] or "")
        following = f"{parts.path}?{parts.query}" if answer["next"] else None
    return found


def test_the_description_names_every_route_and_only_those(client: FlaskClient) -> None:
    document = json.loads(client.get(f"{API}/openapi.json?lang=en").data)
    rules = [one for one in client.application.url_map.iter_rules() if one.endpoint.startswith("api.")]
    routes = {_PATH.sub(r"{\1}", one.rule.removeprefix(API)) for one in rules} - {"/", "/{address}"}
    assert routes == set(document["paths"])
    assert document["openapi"] == "3.1.0"
    for path, operations in document["paths"].items():
        named = {one["name"] for one in operations["get"].get("parameters", ()) if one["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", path))
    names = [one["get"]["operationId"] for one in document["paths"].values()]
    assert len(names) == len(set(names))
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(schema)))
        assert used <= set(document["components"]["schemas"]), name
    khmer = json.loads(client.get(f"{API}/openapi.json?lang=km").data)
    assert khmer["paths"]["/songs"]["get"]["summary"] != document["paths"]["/songs"]["get"]["summary"]


def test_every_answer_is_as_it_is_described(
    filled: Filling, asked: Callable[..., dict[str, Any]], researcher: str, band: FlaskClient
) -> None:
    with filled.backends.database.write() as session:
        member = api_tokens.make(session, accounts.named(session, "some-band"), "A program", 30)
    for token in ("", researcher, member):
        told = every(asked, f"{API}/testimonies?sort=title", token)
        assert len(told) == asked(f"{API}/testimonies", token)["total"]
        opened = [asked(urlsplit(one["url"]).path, token) for one in told]
        assert any(one["transcript"]["segments"] for one in opened if one["transcript"])
        sung = [asked(urlsplit(one["url"]).path, token) for one in every(asked, f"{API}/songs", token)]
        assert any(line["voices"] for one in sung for line in one["lines"])
        terms = every(asked, f"{API}/terms", token)
        assert len(terms) == len({one["id"] for one in terms}) == asked(f"{API}/terms", token)["total"] > 25
        nested = next(one for one in terms if one["narrower"])
        assert asked(f"{API}/terms/{nested['narrower'][0]}", token)["broader"] == nested["id"]
        asks = [asked(urlsplit(one["url"]).path, token) for one in every(asked, f"{API}/campaigns", token)]
        assert any(one["songs"] for one in asks)
        found = asked(f"{API}/search?q=debt", token)
        assert any(word["hit"] for one in found["items"] for place in one["places"] for word in place["words"])
        assert {one["kind"] for one in found["items"]} == {"testimony", "song"}
        assert asked(f"{API}/search", token)["items"] == []
        assert asked(f"{API}/search?q=dedt", token)["suggestion"] == "debt"


def test_what_is_chosen_narrows_the_list_as_on_explore(asked: Callable[..., dict[str, Any]]) -> None:
    whole = asked(f"{API}/testimonies")
    community, many = next(iter(whole["counts"]["community"].items()))
    chosen = every(asked, f"{API}/testimonies?community={community}")
    assert len(chosen) == many < whole["total"]
    assert {one["community"] for one in chosen} == {community}


def test_a_collection_is_read_with_its_keepers_token_alone(
    filled: Filling, asked: Callable[..., dict[str, Any]], client: FlaskClient, researcher: str
) -> None:
    told = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        ana = accounts.named(session, "ana")
        kept = collections.begin(session, ana, "Debts", "For a chapter")
        passages.gather(session, gate.viewer_of(session, ana), kept, told, Span(0, 3000))
        collection_id = kept.id
    assert [one["id"] for one in every(asked, f"{API}/collections", researcher)] == [collection_id]
    page = asked(f"{API}/collections/{collection_id}", researcher)
    assert page["items"][0]["testimony"]["id"] == told
    assert page["items"][0]["text"]
    assert not page["something_taken_back"]
    asked(f"{API}/collections", status=401)
    asked(f"{API}/collections/{collection_id}", status=401)
    with filled.backends.database.write() as session:
        session.get_one(Testimony, told).withdrawn_at = now()
    gone = asked(f"{API}/collections/{collection_id}", researcher)
    assert (gone["items"], gone["something_taken_back"]) == ([], True)


def test_a_token_opens_what_its_account_may_read_and_a_cookie_opens_nothing(
    filled: Filling, asked: Callable[..., dict[str, Any]], signed_in: Callable[..., FlaskClient]
) -> None:
    browser = signed_in("band")
    told = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        for one in session.scalars(select(Permission).where(Permission.testimony_id == told)):
            session.delete(one)
        grants = [Grant("existence", "public"), Grant("existence", "band"), Grant("full_transcript", "band")]
        decisions.grant(session, told, grants, ConsentGiven("signed", None))
        member = api_tokens.make(session, accounts.named(session, "some-band"), "A program", 30)
    indexing.index_testimony(filled.backends.database, filled.backends.index, told)
    path = f"{API}/testimonies/{told}"
    assert asked(path)["transcript"] is None
    assert asked(path, member)["transcript"]["segments"]
    assert json.loads(browser.get(path).data)["transcript"] is None
    with filled.backends.database.write() as session:
        session.get_one(Testimony, told).withdrawn_at = now()
    gone, never = asked(path, member, 404), asked(f"{API}/testimonies/nobody00000000", member, 404)
    assert gone == never
    assert told not in json.dumps(every(asked, f"{API}/testimonies", member))


def test_a_token_is_shown_once_and_ends(
    filled: Filling, signed_in: Callable[..., FlaskClient], client: FlaskClient, asked: Callable[..., dict[str, Any]]
) -> None:
    browser = signed_in("researcher")
    browser.application.config["WTF_CSRF_ENABLED"] = False
    refused = browser.post("/account/tokens?lang=en", data={"name": " ", "days": "90"})
    assert refused.status_code == 400
    assert "Write what the token is for" in refused.get_data(as_text=True)
    made = browser.post("/account/tokens", data={"name": "My notebook", "days": "90"}).get_data(as_text=True)
    token = re.findall(r'id="token"[^>]*>([^<]+)<', made)[0]
    shown = browser.get("/account/tokens").get_data(as_text=True)
    assert "My notebook" in shown
    assert "not used yet" in shown
    assert token not in shown
    asked(f"{API}/collections", token)
    with filled.backends.database.read() as session:
        kept = session.scalars(select(ApiToken)).one()
        assert (kept.token_hash, kept.used_on is None) == (hashlib.sha256(token.encode()).hexdigest(), False)
        token_id, ends = kept.id, kept.expires_at
        with pytest.raises(api_tokens.Unknown):
            api_tokens.held_with(session, token, ends)
        assert api_tokens.held_with(session, token, ends - timedelta(seconds=1)).id == token_id
    other = signed_in("band")
    other.application.config["WTF_CSRF_ENABLED"] = False
    assert other.post(f"/account/tokens/{token_id}/end").status_code == 404
    assert browser.post(f"/account/tokens/{token_id}/end").status_code == 303
    answer = client.get(f"{API}/songs", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert "error=invalid_token" in answer.headers["WWW-Authenticate"]


def test_a_closed_account_or_a_new_password_by_a_steward_ends_its_tokens(
    filled: Filling, asked: Callable[..., dict[str, Any]], researcher: str
) -> None:
    asked(f"{API}/songs", researcher)
    with filled.backends.database.write() as session:
        session.scalars(select(Account).where(Account.name == "ana")).one().disabled = True
    asked(f"{API}/songs", researcher, 401)
    with filled.backends.database.write() as session:
        ana = accounts.named(session, "ana")
        accounts.enable(session, ana)
        accounts.take_password(session, ana)
        assert session.scalars(select(ApiToken)).all() == []
    asked(f"{API}/songs", researcher, 401)


def test_an_error_has_one_shape_and_nothing_is_written(
    client: FlaskClient, asked: Callable[..., dict[str, Any]], researcher: str
) -> None:
    for path in ("/no-such-thing", "/songs/no-such-song", "/testimonies/x/words", "/terms/no-such-theme"):
        assert asked(f"{API}{path}", status=404)["status"] == 404
    for method in ("POST", "PUT", "DELETE"):
        answer = client.open(f"{API}/songs", method=method, headers={"Authorization": f"Bearer {researcher}"})
        assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert asked(f"{API}/songs", "messenger_nobody", 401)["detail"]
    page = client.get(f"{API}/?lang=en")
    assert page.mimetype == "text/html"
    for route in description.ROUTES:
        assert f"GET {API}{route.path}" in page.get_data(as_text=True)
