"""Harvesting, by somebody else's harvester and the published schemas: what is public, and what has to be forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree  # type: ignore[import-untyped]
from oaipmh_scythe import Scythe
from sqlalchemy import delete
from sqlalchemy.orm import Session

from archive.access import gate
from archive.models import HarvestedRecord, Permission, Testimony, now
from archive.pages import harvesting
from tests.web.filling import Filling
from tests.web.server.serving import serving
from web.app import create_app
from web.exchange import oai

PUBLISHED = "http://dublincore.org/schemas/xmls/simpledc20021212.xsd"
ELEMENTS = (
    *("title", "creator", "subject", "description", "publisher", "contributor", "date", "type", "format"),
    *("identifier", "source", "language", "relation", "coverage", "rights"),
)


class DublinCore(etree.Resolver):  # type: ignore[misc]
    """The fifteen elements, which the published schema fetches from elsewhere."""

    def resolve(self, url: str, pubid: str, context: Any) -> Any:
        if url != PUBLISHED:
            return None
        rows = "".join(f'<xs:element name="{name}" type="dc:e"/>' for name in ELEMENTS)
        return self.resolve_string(
            f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:dc="http://purl.org/dc/elements/1.1/"
            targetNamespace="http://purl.org/dc/elements/1.1/" elementFormDefault="qualified">
            <xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="xml.xsd"/>{rows}
            <xs:complexType name="e"><xs:simpleContent><xs:extension base="xs:string">
            <xs:attribute ref="xml:lang" xmlns:xml="http://www.w3.org/XML/1998/namespace"/>
            </xs:extension></xs:simpleContent></xs:complexType></xs:schema>""",
            context,
            base_url=f"{self.folder}/",
        )

    def __init__(self, folder: Path) -> None:
        self.folder = folder


@pytest.fixture(scope="session")
def schema(shared_data: Path) -> etree.XMLSchema:
    folder = shared_data / "schemas"
    parser = etree.XMLParser()
    parser.resolvers.add(DublinCore(folder))
    return etree.XMLSchema(etree.parse(str(folder / "OAI-PMH.xsd"), parser))


@pytest.fixture
def site(filled: Filling) -> Flask:
    filled.backends.settings = replace(filled.backends.settings, harvest_contact="archive@example.org")
    return create_app(filled.backends)


@pytest.fixture
def harvested(site: Flask) -> FlaskClient:
    return site.test_client()


def asked(client: FlaskClient, schema: etree.XMLSchema, query: str) -> etree._Element:
    answer = client.get(f"/oai?{query}")
    assert answer.status_code == 200
    document = etree.fromstring(answer.data)
    schema.assertValid(document)
    return document


def harvest(harvester: Scythe) -> dict[str, Any]:
    """Every record by the end of its identifier."""
    found: list[Any] = list(harvester.list_records())
    return {one.header.identifier.rpartition(":")[2]: one for one in found}


def public_ones(session: Session) -> set[str]:
    return set(session.scalars(gate.permitted(gate.PUBLIC, "existence")))


def first_public(session: Session) -> str:
    return min(public_ones(session))


def error(document: etree._Element) -> str:
    return str(document.find("{*}error").get("code"))


def test_every_verb_answers_by_the_published_schema(harvested: FlaskClient, schema: etree.XMLSchema) -> None:
    whole = asked(harvested, schema, "verb=ListRecords&metadataPrefix=oai_dc")
    first = whole.find(".//{*}identifier").text
    for query in ("Identify", "ListMetadataFormats", "ListIdentifiers&metadataPrefix=oai_dc"):
        assert asked(harvested, schema, f"verb={query}").find("{*}error") is None
    one = asked(harvested, schema, f"verb=GetRecord&metadataPrefix=oai_dc&identifier={first}")
    assert one.find(".//{http://purl.org/dc/elements/1.1/}title").text


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&until=2020-01-01", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2020-02-31", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2021-01-01&until=2020-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=1999-01-01", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=%F0%9F%92%A9", "badResumptionToken"),
        ("verb=ListSets", "noSetHierarchy"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:localhost:nobody", "idDoesNotExist"),
    ],
)
def test_errors_are_those_of_the_protocol(
    harvested: FlaskClient, schema: etree.XMLSchema, query: str, code: str
) -> None:
    assert error(asked(harvested, schema, query)) == code


def test_a_harvester_has_what_is_public_and_forgets_what_was_taken_back(
    site: Flask, filled: Filling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oai, "PAGE", 2)
    with filled.backends.database.read() as session:
        public = public_ones(session)
    with serving(site) as port, Scythe(f"http://127.0.0.1:{port}/oai") as harvester:
        first = harvest(harvester)
        assert first.keys() == set(map(harvesting.record_id, public))
        withdrawn, narrowed, destroyed = sorted(public)[:3]
        with filled.backends.database.write() as session:
            session.get_one(Testimony, withdrawn).withdrawn_at = now()
            session.execute(delete(Permission).where(Permission.testimony_id == narrowed))
            row = session.get_one(HarvestedRecord, harvesting.record_id(destroyed))
            row.testimony_id = None  # as when its testimony's row goes
            session.execute(delete(Permission).where(Permission.testimony_id == destroyed))
        second = harvest(harvester)
    assert second.keys() == first.keys()
    for one in (withdrawn, narrowed, destroyed):
        record = second[harvesting.record_id(one)]
        assert record.deleted
        assert one not in str(record)
    assert sum(record.deleted for record in second.values()) == 3


def test_what_was_never_public_is_no_deleted_record_and_nothing_is_given_unasked(
    harvested: FlaskClient, client: FlaskClient, filled: Filling, schema: etree.XMLSchema
) -> None:
    with filled.backends.database.write() as session:
        hidden = first_public(session)
        session.execute(delete(Permission).where(Permission.testimony_id == hidden))
    listed = asked(harvested, schema, "verb=ListIdentifiers&metadataPrefix=oai_dc")
    assert harvesting.record_id(hidden) not in etree.tostring(listed).decode()
    filled.backends.settings = replace(filled.backends.settings, harvest_contact="")
    assert client.get("/oai?verb=Identify").status_code == 404


def test_a_harvester_takes_no_turn_to_write_where_nothing_is_new(
    harvested: FlaskClient, schema: etree.XMLSchema, filled: Filling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger's question must not hold up the band's work, nor fail while the disk is read-only."""
    every = "verb=ListIdentifiers&metadataPrefix=oai_dc"
    first = etree.tostring(asked(harvested, schema, every).find(".//{*}ListIdentifiers"))

    def written() -> None:
        raise AssertionError("it was written")

    with monkeypatch.context() as patch:
        patch.setattr(filled.backends.database, "write", written)
        assert etree.tostring(asked(harvested, schema, every).find(".//{*}ListIdentifiers")) == first
        asked(harvested, schema, "verb=Identify")


def test_a_record_by_itself_is_dublin_core_and_gone_when_it_is_taken_back(
    filled: Filling, harvested: FlaskClient, shared_data: Path
) -> None:
    folder = shared_data / "schemas"
    parser = etree.XMLParser()
    parser.resolvers.add(DublinCore(folder))
    records = etree.XMLSchema(etree.parse(str(folder / "oai_dc.xsd"), parser))
    with filled.backends.database.read() as session:
        told = first_public(session)
    answer = harvested.get(f"/testimony/{told}/record.xml")
    assert answer.mimetype == "application/xml"
    document = etree.fromstring(answer.data)
    records.assertValid(document)
    dc = "{http://purl.org/dc/elements/1.1/}"
    assert document.findtext(f"{dc}identifier", "").endswith(f"/testimony/{told}")
    assert {one.tag for one in document} >= {f"{dc}title", f"{dc}type", f"{dc}rights"}
    with filled.backends.database.write() as session:
        session.get_one(Testimony, told).withdrawn_at = now()
    gone, never = (harvested.get(f"/testimony/{one}/record.xml") for one in (told, "nobody00000000"))
    assert (gone.status_code, gone.data) == (never.status_code, never.data)
    assert gone.status_code == 404
