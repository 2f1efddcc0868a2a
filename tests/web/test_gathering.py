"""Gathering: passages with notes and codes, heard and taken along, and gone when somebody takes them back."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
import rispy
from docx import Document
from flask.testing import FlaskClient
from lxml import etree  # type: ignore[import-untyped]
from sqlalchemy import select
from werkzeug.test import TestResponse

from archive.access import gate
from archive.consent.decisions import ConsentGiven
from archive.models import GatheredPassage, PassageCode, PassageCollection, Release, Testimony, now
from archive.transcripts import transcript_versions
from archive.withdrawal import near_copies, purge, withdraw
from tests import factories
from tests.web.filling import Filling

NOTE = "She counts it twice; see chapter 3."
QDA = "{urn:QDA-XML:project:1.0}"


@pytest.fixture
def researcher(signed_in: Callable[..., FlaskClient]) -> FlaskClient:
    client = signed_in("researcher")
    client.application.config["WTF_CSRF_ENABLED"] = False
    client.get("/?lang=en")
    return client


@pytest.fixture
def told(filled: Filling) -> list[str]:
    """Testimonies whose words everybody may read, and that have three segments at least."""
    with filled.backends.database.read() as session:
        ids = sorted(session.scalars(gate.permitted(gate.PUBLIC, "redacted_transcript")))
        found = []
        for one in ids:
            version = transcript_versions.holding(session, False, one)
            if version is not None and len(version.segments) > 2:
                found.append(one)
    assert len(found) > 1
    return found


def gather(client: FlaskClient, testimony_id: str, at: int = 0, until: str = "") -> TestResponse:
    data = {"testimony": testimony_id, "at": str(at), "until": until}
    return client.post("/collections/gather", data=data)


def collection(filled: Filling) -> str:
    with filled.backends.database.read() as session:
        return session.scalars(select(PassageCollection.id).order_by(PassageCollection.used_at.desc())).first() or ""


def held(filled: Filling) -> list[GatheredPassage]:
    with filled.backends.database.read() as session:
        found = list(session.scalars(select(GatheredPassage).order_by(GatheredPassage.gathered_at)))
        session.expunge_all()
        return found


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address, follow_redirects=True)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def test_a_passage_is_gathered_from_a_page_and_the_first_collection_begins_by_itself(
    filled: Filling, researcher: FlaskClient, told: list[str]
) -> None:
    assert "No collections yet" in page(researcher, "/collections")
    assert 'action="/collections/gather"' in page(researcher, f"/testimony/{told[0]}")
    assert gather(researcher, told[0]).status_code == 303
    assert gather(researcher, told[0]).status_code == 303, "what lies there lies there once"
    one = held(filled)
    assert [each.testimony_id for each in one] == [told[0]]
    with filled.backends.database.read() as session:
        version = transcript_versions.holding(session, False, told[0])
        assert version is not None
        first = version.segments[0]
        assert (one[0].start_ms, one[0].end_ms, one[0].version) == (first.start_ms, first.end_ms, version.number)
        words = first.text
    shown = page(researcher, f"/collections/{collection(filled)}")
    assert words in shown
    assert "My passages" in shown
    # None of the words lies in the collection itself.
    assert words not in " ".join(str(value) for value in vars(one[0]).values())


def test_a_stretch_takes_every_segment_it_touches_and_nonsense_is_refused(
    filled: Filling, researcher: FlaskClient, told: list[str]
) -> None:
    with filled.backends.database.read() as session:
        version = transcript_versions.holding(session, False, told[0])
        assert version is not None
        spans = [one.span for one in version.segments]
    gather(researcher, told[0], spans[0].end_ms - 1, str(spans[1].start_ms + 1))
    assert (held(filled)[0].start_ms, held(filled)[0].end_ms) == (spans[0].start_ms, spans[1].end_ms)
    for at in ("", "-1", "x", "99999999999"):
        assert researcher.post("/collections/gather", data={"testimony": told[0], "at": at}).status_code == 404
    assert gather(researcher, "nobody00000000").status_code == 404


def test_notes_and_codes_are_kept_found_and_narrowed_by(
    filled: Filling, researcher: FlaskClient, told: list[str]
) -> None:
    for one in told[:2]:
        gather(researcher, one)
    where, (first, second) = collection(filled), held(filled)
    kept = {"note": NOTE, "codes": "interest, បំណុល; Interest,  "}
    assert researcher.post(f"/collections/{where}/passages/{first.id}", data=kept).status_code == 303
    with filled.backends.database.read() as session:
        assert sorted(session.scalars(select(PassageCode.name))) == ["interest", "បំណុល"]
        code = session.scalars(select(PassageCode.id).where(PassageCode.name == "interest")).one()
    for narrowed in ("q=chapter", "q=interest", f"code={code}"):
        shown = page(researcher, f"/collections/{where}?{narrowed}")
        assert f"passage-{first.id}" in shown
        assert f'id="passage-{second.id}"' not in shown
    assert "Nothing here is like that" in page(researcher, f"/collections/{where}?q=nothingofthekind")
    researcher.post(f"/collections/{where}/passages/{first.id}", data={"note": "", "codes": ""})
    with filled.backends.database.read() as session:
        assert session.scalars(select(PassageCode)).all() == [], "a code on nothing is no code"


def test_what_is_taken_out_can_be_put_back_and_laid_into_another(
    filled: Filling, researcher: FlaskClient, told: list[str]
) -> None:
    gather(researcher, told[0])
    where, one = collection(filled), held(filled)[0]
    researcher.post(f"/collections/{where}/passages/{one.id}", data={"note": NOTE, "codes": "interest"})
    answer = researcher.post(f"/collections/{where}/passages/{one.id}/remove", follow_redirects=True)
    assert "Undo" in answer.get_data(as_text=True)
    assert "Nothing gathered here yet" in page(researcher, f"/collections/{where}")
    researcher.post(f"/collections/{where}/passages/{one.id}/remove", data={"deed": "put-back"})
    assert NOTE in page(researcher, f"/collections/{where}")
    researcher.post("/collections", data={"name": "Chapter 3"})
    other = collection(filled)
    into = {"note": NOTE, "codes": "interest", "into": other}
    researcher.post(f"/collections/{where}/passages/{one.id}", data=into)
    assert NOTE in page(researcher, f"/collections/{other}")
    assert "interest" in page(researcher, f"/collections/{other}")
    researcher.post(f"/collections/{other}/remove")
    assert researcher.get(f"/collections/{other}").status_code == 404
    assert "Put it back" in page(researcher, "/collections")
    researcher.post(f"/collections/{other}/remove", data={"deed": "put-back"})
    assert NOTE in page(researcher, f"/collections/{other}")


def test_others_read_it_by_name_with_their_own_rights_and_change_nothing(
    filled: Filling, researcher: FlaskClient, signed_in: Callable[..., FlaskClient], told: list[str]
) -> None:
    for one in told[:2]:
        gather(researcher, one)
    where, (first, _) = collection(filled), held(filled)
    member = signed_in("band", ("MB",))
    member.application.config["WTF_CSRF_ENABLED"] = False
    member.get("/?lang=en")
    assert member.get(f"/collections/{where}").status_code == 404
    said = [
        researcher.post(f"/collections/{where}/readers", data={"name": name}, follow_redirects=True).get_data(
            as_text=True
        )
        for name in ("some-band", "nobody-at-all")
    ]
    assert all("can read it now" in each for each in said), "whether there is such an account is not told"
    assert f"passage-{first.id}" in page(member, f"/collections/{where}")
    assert "kept by" in page(member, "/collections")
    for address in (f"passages/{first.id}", f"passages/{first.id}/remove", "remove", "readers", "read", "use", ""):
        assert member.post(f"/collections/{where}/{address}".rstrip("/"), data={"name": "x"}).status_code == 404
    with filled.backends.database.write() as session:
        session.get_one(Testimony, first.testimony_id).withdrawn_at = now()
    shown = page(member, f"/collections/{where}")
    assert first.testimony_id not in shown
    assert "was taken back" not in shown, "who shares it may never have been able to know of it"
    assert "was taken back" in page(researcher, f"/collections/{where}")
    researcher.post(f"/collections/{where}/readers", data={"name": "some-band", "deed": "end"})
    assert member.get(f"/collections/{where}").status_code == 404


def test_what_is_taken_back_is_gone_at_once_and_only_that_is_said(
    filled: Filling, researcher: FlaskClient, told: list[str]
) -> None:
    for one in told[:2]:
        gather(researcher, one)
    where, (first, second) = collection(filled), held(filled)
    researcher.post(f"/collections/{where}/passages/{first.id}", data={"note": NOTE, "codes": "interest"})
    with filled.backends.database.read() as session:
        titles = session.get_one(Testimony, first.testimony_id)
        session.expunge(titles)
        hidden = [titles.title_en, titles.title_km, NOTE, "interest", first.testimony_id, first.id]
    assert titles.title_en in page(researcher, f"/collections/{where}")
    withdraw.withdraw(filled.backends, first.testimony_id, "restrict", ConsentGiven("signed", None))
    shown = page(researcher, f"/collections/{where}")
    assert "was taken back" in shown
    assert [word for word in hidden if word in shown] == []
    assert f"passage-{second.id}" in shown
    taken = researcher.post(f"/collections/{where}/take", data={"kind": "csv"}).get_data(as_text=True)
    assert first.testimony_id not in taken
    researcher.post(f"/collections/{where}/read")
    assert "was taken back" not in page(researcher, f"/collections/{where}")
    assert [one.id for one in held(filled)] == [second.id]


def test_destroying_takes_the_note_and_what_repeats_her_words_waits_for_a_steward(
    filled: Filling, researcher: FlaskClient, told: list[str]
) -> None:
    for one in told[:2]:
        gather(researcher, one)
    where, (first, second) = collection(filled), held(filled)
    with filled.backends.database.read() as session:
        version = transcript_versions.holding(session, False, first.testimony_id)
        assert version is not None
        hers = max((one.text for one in version.segments), key=len)
    researcher.post(f"/collections/{where}/passages/{first.id}", data={"note": hers, "codes": ""})
    researcher.post(f"/collections/{where}/passages/{second.id}", data={"note": f"Compare {hers}", "codes": ""})
    withdraw.withdraw(filled.backends, first.testimony_id, "destroy", ConsentGiven("signed", None))
    purge.purge_waiting(filled.backends)
    assert [one.id for one in held(filled)] == [second.id]
    assert "was taken back" in page(researcher, f"/collections/{where}")
    with filled.backends.database.read() as session:
        left = [one.place for one in near_copies.left_of(session, first.testimony_id)]
    assert f"gathered:{second.id}" in left
    near_copies.decide(filled.backends, first.testimony_id, f"gathered:{second.id}", remove=True, by_id="s")
    assert held(filled)[0].note == ""


def test_files_hold_each_passage_with_its_citation_and_are_noted(
    filled: Filling, researcher: FlaskClient, told: list[str], shared_data: Path
) -> None:
    for one in told[:2]:
        gather(researcher, one)
    where, (first, _) = collection(filled), held(filled)
    kept = {"note": NOTE, "codes": "interest, បំណុល"}
    researcher.post(f"/collections/{where}/passages/{first.id}", data=kept)
    files = {
        kind: researcher.post(f"/collections/{where}/take", data={"kind": kind})
        for kind in ("csv", "docx", "qdpx", "ris")
    }
    assert {answer.status_code for answer in files.values()} == {200}
    rows = list(csv.DictReader(io.StringIO(files["csv"].get_data(as_text=True).lstrip("\ufeff"))))
    mine = next(row for row in rows if row["note"])
    assert (mine["note"], mine["codes"]) == (NOTE, "interest; បំណុល")
    assert all(row["words"] and re.search(r"\?v=\d+&t=\d+-\d+", row["address"]) for row in rows)
    words = "\n".join(one.text for one in Document(io.BytesIO(files["docx"].data)).paragraphs)
    assert all(row["words"] in words and row["citation"] in words for row in rows)
    assert NOTE in words
    assert len(rispy.loads(files["ris"].get_data(as_text=True))) == 2
    _is_a_project(files["qdpx"].data, shared_data, rows)
    with filled.backends.database.read() as session:
        noted = [(one.subject, one.note) for one in session.scalars(select(Release))]
    for row in rows:
        told_id = re.search("/testimony/([^?]+)", row["address"])[1]  # type: ignore[index]
        assert {(f"testimony:{told_id}", f"collection, {kind}") for kind in ("csv", "docx", "qdpx")} <= set(noted)
    assert researcher.post(f"/collections/{where}/take", data={"kind": "exe"}).status_code == 404


def _is_a_project(data: bytes, shared_data: Path, rows: list[dict[str, str]]) -> None:
    """A REFI-QDA project by its published schema, whose selections are the passages."""
    schema = etree.XMLSchema(etree.parse(str(shared_data / "schemas" / "refi-qda-project.xsd")))
    packed = zipfile.ZipFile(io.BytesIO(data))
    project = etree.fromstring(packed.read("project.qde"))
    schema.assertValid(project)
    assert {one.get("name") for one in project.iter(f"{QDA}Code")} == {"interest", "បំណុល"}
    selected = []
    for source in project.iter(f"{QDA}TextSource"):
        text = packed.read(source.get("plainTextPath").replace("internal://", "Sources/")).decode()
        for one in source.iter(f"{QDA}PlainTextSelection"):
            selected.append(text[int(one.get("startPosition")) : int(one.get("endPosition"))])
    assert sorted(selected) == sorted("\n".join(filter(None, (row["words"], row["translation"]))) for row in rows)
    noted = {one.get("guid") for one in project.iter(f"{QDA}Note")}
    assert {one.get("targetGUID") for one in project.iter(f"{QDA}NoteRef")} == noted
    assert len(noted) == 1


def test_nobody_comes_in_without_an_account(client: FlaskClient) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    assert client.get("/collections").status_code == 303
    assert client.get("/collections/nobody00000000").status_code == 404
    assert client.post("/collections/gather", data={"testimony": "a", "at": "0"}).status_code == 404


def test_a_page_is_cut_in_the_database(filled: Filling, researcher: FlaskClient, told: list[str]) -> None:
    gather(researcher, told[0])
    where = collection(filled)
    with filled.backends.database.write() as session:
        for number in range(30):
            session.add(
                GatheredPassage(
                    collection_id=where, testimony_id=told[0], version=1, start_ms=number, end_ms=number + 1
                )
            )
    assert page(researcher, f"/collections/{where}").count('<li class="gathered-one"') == 25
    assert page(researcher, f"/collections/{where}?page=2").count('<li class="gathered-one"') == 6


def test_a_mark_that_is_set_later_takes_the_words_out_of_what_was_gathered(
    filled: Filling, researcher: FlaskClient, told: list[str]
) -> None:
    gather(researcher, told[0])
    where, one = collection(filled), held(filled)[0]
    with filled.backends.database.write() as session:
        version = transcript_versions.holding(session, False, told[0])
        assert version is not None
        words = version.segments[0].text
        marked = {"start_ms": one.start_ms, "end_ms": one.end_ms, "heard_at": now()}
        factories.redaction(session, told[0], **marked)
    assert words not in page(researcher, f"/collections/{where}")
