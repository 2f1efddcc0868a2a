"""What other archives' software reads: TEI, PBCore and EAD3, by the order and the fields their schemas ask for.

The published schemas are not beside the checkout: what they demand of these documents is written down here.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from lxml import etree  # type: ignore[import-untyped]
from sqlalchemy import delete, select

from archive.access import gate
from archive.models import Permission, Redaction, Release, Testimony, now
from archive.pages import testimony_page
from archive.timing import Utterance
from media.timed import tei
from tests.web.filling import Filling
from web.exchange import finding_aid, oai_xml, pbcore

SAID = "the-day-the-line-fell"
TEI, PB, EAD = f"{{{tei.SPACE}}}", f"{{{pbcore.SPACE}}}", f"{{{finding_aid.SPACE}}}"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
PBCORE_ORDER = (
    "pbcoreAssetType", "pbcoreAssetDate", "pbcoreIdentifier", "pbcoreTitle", "pbcoreSubject", "pbcoreDescription",
    "pbcoreGenre", "pbcoreRelation", "pbcoreCoverage", "pbcoreAudienceLevel", "pbcoreAudienceRating", "pbcoreCreator",
    "pbcoreContributor", "pbcorePublisher", "pbcoreRightsSummary", "pbcoreInstantiation",
)  # fmt: skip
INSTANTIATION_ORDER = (
    "instantiationIdentifier", "instantiationDate", "instantiationDigital", "instantiationStandard",
    "instantiationLocation", "instantiationMediaType", "instantiationGenerations", "instantiationFileSize",
    "instantiationTimeStart", "instantiationDuration", "instantiationLanguage",
)  # fmt: skip
CONTROL_ORDER = (
    "recordid", "filedesc", "maintenancestatus", "maintenanceagency", "languagedeclaration", "maintenancehistory",
)  # fmt: skip


def in_order(element: etree._Element, space: str, order: tuple[str, ...]) -> list[str]:
    """The names of what is in an element, which the schema has in this order."""
    names = [one.tag.removeprefix(space) for one in element]
    assert names == sorted(names, key=order.index)
    return names


@pytest.fixture
def read(client: FlaskClient) -> Callable[[str], etree._Element]:
    def asked(address: str) -> etree._Element:
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "application/xml")
        assert answer.headers["Cache-Control"] == "no-store"
        return etree.fromstring(answer.data)

    return asked


@pytest.fixture
def told(filled: Filling) -> str:
    """A testimony whose words and sound are open to everybody, and of which nothing is taken out."""
    with filled.backends.database.read() as session:
        for one in sorted(filled.testimonies.values()):
            page = testimony_page.testimony_page_of(session, gate.PUBLIC, one, "en", None)
            if page.passages and page.card.recording_id and not any("▇" in each.text for each in page.passages):
                return one
    raise AssertionError("the sample collection has none")


def taken(client: FlaskClient, told: str) -> etree._Element:
    answer = client.post(f"/testimony/{told}/transcript", data={"kind": "tei"})
    assert (answer.status_code, answer.mimetype) == (200, tei.MIMETYPE)
    assert f"transcript-{told}.tei" in answer.headers["Content-Disposition"]
    return etree.fromstring(answer.data)


def test_a_transcript_is_taken_as_tei_with_a_timeline_and_its_speakers(
    filled: Filling, client: FlaskClient, told: str
) -> None:
    client.get("/?lang=en")
    with filled.backends.database.read() as session:
        page = testimony_page.testimony_page_of(session, gate.PUBLIC, told, "en", None)
    document = taken(client, told)
    moments = {one.get(XML_ID): one.get("interval") for one in document.iter(f"{TEI}when")}
    people = {one.get(XML_ID) for one in document.iter(f"{TEI}person")}
    said = list(document.iter(f"{TEI}u"))
    assert [" ".join("".join(one.itertext()).split()) for one in said] == [
        " ".join(one.text.replace("▇▇▇", "").split()) for one in page.passages if one.text.strip()
    ]
    assert {one.get("who")[1:] for one in said} == people
    for one, shown in zip(said, page.passages, strict=True):
        assert [round(float(moments[one.get(end)[1:]]) * 1000) for end in ("start", "end")] == [
            shown.span.start_ms,
            shown.span.end_ms,
        ]
    order = [one.tag.removeprefix(TEI) for one in document.find(f".//{TEI}fileDesc")]
    assert order == ["titleStmt", "editionStmt", "publicationStmt", "sourceDesc"]
    assert document.find(f".//{TEI}idno[@type='testimony']").text == told
    with filled.backends.database.read() as session:
        release = session.scalars(select(Release).where(Release.subject == f"testimony:{told}")).all()[-1]
        assert release.note == "transcript, tei"


def test_what_is_taken_out_of_a_transcript_is_a_gap_in_tei() -> None:
    said = [Utterance(0, 1000, "She said ▇▇▇ and\x0b left ▇▇▇", speaker="A & <B>"), Utterance(1000, 2500, "Yes")]
    document = etree.fromstring(tei.write(said))
    gaps = [one.get("reason") for one in document.iter(f"{TEI}gap")]
    assert gaps == ["taken-out", "taken-out"]
    assert b"\xe2\x96\x87" not in etree.tostring(document, encoding="utf-8")
    assert [one.text for one in document.iter(f"{TEI}persName")] == ["A & <B>", "speaker"]
    assert etree.fromstring(tei.write([])).find(f".//{TEI}body/{TEI}p") is not None


def test_of_a_marked_testimony_the_tei_has_what_its_page_has(filled: Filling, client: FlaskClient, told: str) -> None:
    of_it = Permission.testimony_id == told
    with filled.backends.database.write() as session:
        session.execute(delete(Permission).where(of_it, Permission.form == "full_transcript"))
        words = session.get_one(Testimony, told)
        session.add(Redaction(testimony_id=words.id, start_ms=0, end_ms=4000, heard_at=now()))
        session.add(Permission(testimony_id=told, form="redacted_transcript", audience="public"))
    document = taken(client, told)
    with filled.backends.database.read() as session:
        page = testimony_page.testimony_page_of(session, gate.PUBLIC, told, "en", None)
    assert any("▇▇▇" in one.text for one in page.passages)
    assert len(list(document.iter(f"{TEI}gap"))) == sum(one.text.count("▇▇▇") for one in page.passages)


def test_a_record_is_pbcore_in_the_order_of_its_schema(
    filled: Filling, client: FlaskClient, told: str, read: Callable[[str], etree._Element]
) -> None:
    document = read(f"/testimony/{told}/pbcore.xml")
    assert document.tag == f"{PB}pbcoreDescriptionDocument"
    names = in_order(document, PB, PBCORE_ORDER)
    assert {"pbcoreIdentifier", "pbcoreTitle", "pbcoreDescription", "pbcoreInstantiation"} <= set(names)
    assert document.find(f"{PB}pbcoreIdentifier").get("source")
    sound = document.find(f"{PB}pbcoreInstantiation")
    assert {"instantiationIdentifier", "instantiationLocation"} <= set(in_order(sound, PB, INSTANTIATION_ORDER))
    assert sound.find(f"{PB}instantiationLanguage").text in {"khm", "eng"}
    page = client.get(f"/testimony/{told}?lang=en").get_data(as_text=True)
    assert f"/testimony/{told}/pbcore.xml" in page
    of_it, forms = Permission.testimony_id == told, ("original_sound", "disguised_sound", "pseudonym", "place")
    with filled.backends.database.write() as session:
        session.execute(delete(Permission).where(of_it, Permission.form.in_(forms)))
    closed = set(in_order(read(f"/testimony/{told}/pbcore.xml"), PB, PBCORE_ORDER))
    assert closed.isdisjoint({"pbcoreInstantiation", "pbcoreCreator", "pbcoreCoverage"})
    with filled.backends.database.write() as session:
        session.get_one(Testimony, told).withdrawn_at = now()
    gone, never = client.get(f"/testimony/{told}/pbcore.xml"), client.get("/testimony/nobody00000000/pbcore.xml")
    assert (gone.status_code, gone.data) == (never.status_code, never.data)


def test_the_finding_aid_lists_what_everybody_may_know_of(
    filled: Filling, read: Callable[[str], etree._Element], band: FlaskClient
) -> None:
    document = read("/explore/finding-aid.xml")
    in_order(document.find(f"{EAD}control"), EAD, CONTROL_ORDER)
    assert [one.tag.removeprefix(EAD) for one in document] == ["control", "archdesc"]
    with filled.backends.database.read() as session:
        known = set(session.scalars(gate.permitted(gate.PUBLIC, "existence")))
    listed = {one.get("id").removeprefix("testimony-") for one in document.iter(f"{EAD}c")}
    assert listed == known
    assert document.find(f".//{EAD}quantity").text == str(len(known))
    for one in document.iter(f"{EAD}c"):
        assert one[0].tag == f"{EAD}did"
        assert one[0].find(f"{EAD}unittitle").text
    told = filled.testimonies[SAID]
    with filled.backends.database.write() as session:
        session.get_one(Testimony, told).withdrawn_at = now()
    assert told not in etree.tostring(read("/explore/finding-aid.xml"), encoding="unicode")
    assert band.get("/explore/finding-aid.xml").data.count(b"<ead:c ") == len(known) - 1


def test_writing_one_kind_of_document_changes_no_other(client: FlaskClient, told: str) -> None:
    before = client.get(f"/testimony/{told}/record.xml").data
    client.get("/?lang=en")
    taken(client, told)
    client.get("/explore/finding-aid.xml")
    client.get(f"/testimony/{told}/pbcore.xml")
    assert client.get(f"/testimony/{told}/record.xml").data == before
    assert b"<OAI-PMH" in ElementTree.tostring(oai_xml.answer("http://localhost/oai"))
