"""Citing from the site: text, address and files say one second, and the address opens the version that was cited."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
import rispy
from flask.testing import FlaskClient
from sqlalchemy import select

from archive.access import gate
from archive.models import Testimony, TranscriptVersion, now
from tests import factories
from tests.web.filling import Filling


@pytest.fixture
def told(filled: Filling) -> str:
    """A testimony that everybody may read whole, with a second approved version after its first."""
    with filled.backends.database.write() as session:
        spoken = TranscriptVersion.language == "km", TranscriptVersion.translates_id.is_(None)
        for version in session.scalars(select(TranscriptVersion).where(*spoken)):
            found = version.testimony_id
            if not gate.may(session, gate.PUBLIC, found, "full_transcript"):
                continue
            texts = [(one.text, one.start_ms, one.end_ms) for one in version.segments]
            texts[0] = ("ពាក្យថ្មី", *texts[0][1:])
            factories.transcript_version(session, found, [factories.segment(*one) for one in texts], number=2)
            return found
    raise AssertionError("no testimony is open to everybody")


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def words(shown: str) -> str:
    """What is read on a page, in one piece."""
    return re.sub(r"<[^>]*>|\s", "", shown)


def test_text_and_address_agree_to_the_second(client: FlaskClient, told: str) -> None:
    shown = page(client, f"/testimony/{told}?lang=en&v=2&t=4900-7100")
    text = re.search(r'<p class="citation">(.*?)</p>', shown, re.S)
    assert text is not None
    assert ", 0:04–0:08" in text[1]
    assert f"/testimony/{told}?v=2&t=4000-8000" in text[1]
    assert f'name="citation_public_url" content="http://localhost/testimony/{told}?v=2&t=4000-8000"' in shown
    assert re.search('name="citation_title" content="[^"]+"', shown)
    typed = page(client, f"/testimony/{told}/cite?lang=en&from=0:04&until=០:០៨")
    assert typed.count("t=4000-8000") >= 6


def test_the_cited_version_opens_and_says_what_changed_since(client: FlaskClient, told: str) -> None:
    now_holds = page(client, f"/testimony/{told}?lang=en")
    assert "ពាក្យថ្មី" in words(now_holds)
    assert "as it was cited" not in now_holds
    cited = page(client, f"/testimony/{told}?lang=en&v=1")
    assert "Version 2 holds now" in cited
    assert "ពាក្យថ្មី" not in words(cited)
    assert "ពាក្យថ្មី" in words(page(client, f"/testimony/{told}/changes?lang=en&v=1"))
    assert "is not to be had here" in page(client, f"/testimony/{told}?lang=en&v=77")
    assert client.get(f"/testimony/{told}/changes?v=77").status_code == 404


def test_files_are_read_by_reference_managers(client: FlaskClient, told: str) -> None:
    (entry,) = rispy.loads(page(client, f"/testimony/{told}/cite.ris?lang=en&v=1&t=4900"))
    assert entry["urls"] == [f"http://localhost/testimony/{told}?v=1&t=4000"]
    (item,) = json.loads(page(client, f"/testimony/{told}/cite.json?lang=km&t=4900"))
    assert item["URL"] == f"http://localhost/testimony/{told}?v=2&t=4000"
    assert client.get(f"/testimony/{told}/cite.exe").status_code == 404


def test_a_draft_is_no_version_for_others_and_what_is_taken_back_is_not_cited(
    client: FlaskClient, told: str, filled: Filling
) -> None:
    with filled.backends.database.write() as session:
        draft = {"language": "km", "number": 3, "stage": "corrected"}
        factories.transcript_version(session, told, [factories.segment("សម្ងាត់", 0, 900)], **draft)
    assert "សម្ងាត់" not in words(page(client, f"/testimony/{told}?v=3"))
    assert client.get(f"/testimony/{told}/changes?v=3").status_code == 404
    with filled.backends.database.write() as session:
        session.get_one(Testimony, told).withdrawn_at = now()
    for address in ("/cite", "/cite.ris", "/changes?v=1", "?v=1"):
        assert client.get(f"/testimony/{told}{address}").status_code == 404
