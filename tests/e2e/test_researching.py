"""A researcher's journey: from the map to five passages in her own software, and to what she cited, a release later."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import docx
import pytest
import rispy
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.accounts import accounts
from archive.catalogue.cards import card
from archive.models import Permission, Testimony, TranscriptVersion
from archive.retrieval import indexing
from archive.settings import read_settings
from ingest.samples.collection import Collection
from tests import factories
from tests.e2e.conftest import AXE, sign_in
from tests.web.filling import Filling
from tests.web.server.serving import serving
from web.app import create_app

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
NEW_WORD = "ពាក្យថ្មី"


@dataclass(frozen=True)
class Journey:
    """A site of its own, since its transcript gets another version; and what is looked for on it."""

    site: str
    filling: Filling
    testimony: str
    version: str
    province: str
    year: str


@pytest.fixture
def journey(filled_once: Path, sample_collection: Collection, tmp_path: Path) -> Iterator[Journey]:
    settings = read_settings({"MESSENGER_DATA": str(tmp_path / "var"), "HOME": str(tmp_path)})
    filling = Filling.copy(filled_once, settings, sample_collection)
    with filling.backends.database.write() as session:
        accounts.create(session, "ana", PASSWORD, "researcher", ())
        told, version = next(_open_to_everybody(session))
        found = told.id, version.id, f"place-{told.narrator.province}", str(told.recorded_on)[:4]
    indexing.reindex(filling.backends.database, filling.backends.index)
    with serving(create_app(filling.backends)) as port:
        yield Journey(f"http://127.0.0.1:{port}", filling, *found)
    filling.backends.database.engine.dispose()


def _open_to_everybody(session: Session) -> Iterator[tuple[Testimony, TranscriptVersion]]:
    """Testimonies whose words and year everybody may have; their narrators let everybody know the province."""
    spoken = select(TranscriptVersion).where(
        TranscriptVersion.translates_id.is_(None), TranscriptVersion.stage == "approved"
    )
    for version in session.scalars(spoken.order_by(TranscriptVersion.id)):
        shown = card(session, gate.PUBLIC, version.testimony_id)
        whole = gate.may(session, gate.PUBLIC, version.testimony_id, "full_transcript")
        told = session.get_one(Testimony, version.testimony_id)
        if shown and whole and shown.recorded_on and len(version.segments) > 2:
            told.narrator.province = told.narrator.province or "03"
            session.add(Permission(testimony_id=told.id, form="place", audience="public", level="province"))
            yield told, version


def accessible(page: Page) -> None:
    page.add_script_tag(path=str(AXE))
    assert page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def taken(page: Page, kind: str) -> bytes:
    page.get_by_label("Take the whole collection along").select_option(kind)
    with page.expect_download() as coming:
        page.get_by_role("button", name="Take it").click()
    assert coming.value.suggested_filename.endswith(f".{kind}")
    return Path(coming.value.path()).read_bytes()


@pytest.mark.parametrize("width", [360, 1280])
def test_from_the_map_to_five_passages_and_the_version_that_was_cited(
    browser: Browser, journey: Journey, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, journey.site, "ana", PASSWORD)
    browse_by_map_and_year(page, journey)
    gather_five(page, journey)
    take_them_along(page)
    cited = cite_a_moment(page, journey)
    another_version_is_approved(journey)
    page.goto(f"{cited}&lang=en")
    expect(page.locator(".other-version")).to_contain_text("as it was cited. Version 2 holds now")
    expect(page.locator("main")).not_to_contain_text(NEW_WORD)
    accessible(page)
    page.get_by_role("link", name="See what changed since").click()
    expect(page.locator("main")).to_contain_text(NEW_WORD)
    context.close()


def browse_by_map_and_year(page: Page, journey: Journey) -> None:
    """By keyboard, as whoever has no mouse."""
    page.goto(f"{journey.site}/explore?lang=en")
    accessible(page)
    for facet, value in (("place", journey.province), ("year", journey.year)):
        choice = page.locator(f".picture svg a[href*='{facet}={value}']").first
        choice.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(f"{facet}={value}"))
        expect(page.locator(".choices")).to_be_visible()
    expect(page.locator(".choice-made")).to_have_count(2)
    page.locator(f".told-one h3 a[href*='{journey.testimony}']").click()
    page.wait_for_url(re.compile(f"/testimony/{journey.testimony}"))


def gather_five(page: Page, journey: Journey) -> None:
    """Two from the testimony's page, three of others out of a concordance."""
    for number in range(2):
        page.locator("form[action='/collections/gather'] button").nth(number).click()
        expect(page.locator(".notice")).to_contain_text("Gathered into “My passages”.")
    page.goto(f"{journey.site}/search?q=the&lang=en")
    page.get_by_role("link", name="In context, line by line").click()
    expect(page.locator(".line-where").first).to_be_visible()
    accessible(page)
    concordance = page.url
    for line in three_apart(page, journey.testimony):
        page.goto(concordance)
        page.locator(".line-where .clip-form button").nth(line).click()
        expect(page.locator(".notice")).to_contain_text("Gathered into “My passages”.")
    page.locator(".notice").get_by_role("link", name="See the collection").click()
    expect(page.locator(".gathered-one")).to_have_count(5)
    accessible(page)


def three_apart(page: Page, other_than: str) -> list[int]:
    """Three lines of a concordance that are no neighbours, and not of this testimony."""
    forms = page.locator(".line-where .clip-form")
    chosen: dict[int, tuple[str, int]] = {}
    for line, form in enumerate(forms.all()):
        told = form.locator("input[name=testimony]").input_value()
        at = int(form.locator("input[name=at]").input_value())
        apart = all(told != one or abs(at - moment) > 15_000 for one, moment in chosen.values())
        if told != other_than and apart and len(chosen) < 3:
            chosen[line] = told, at
    assert len(chosen) == 3
    return list(chosen)


def take_them_along(page: Page) -> None:
    references = rispy.loads(taken(page, "ris").decode())
    assert len(references) == 5
    addresses = {one["urls"][0] for one in references}
    assert len(addresses) == 5
    rows = list(csv.DictReader(io.StringIO(taken(page, "csv").decode("utf-8-sig"))))
    assert {row["address"] for row in rows} == addresses
    assert all(row["words"] and row["citation"] for row in rows)
    written = "\n".join(one.text for one in docx.Document(io.BytesIO(taken(page, "docx"))).paragraphs)
    for row in rows:
        assert row["words"] in written
    with zipfile.ZipFile(io.BytesIO(taken(page, "qdpx"))) as project:
        told = project.read("project.qde").decode()
    assert len(re.findall("<PlainTextSelection ", told)) == 5


def cite_a_moment(page: Page, journey: Journey) -> str:
    """The address of a moment of the version that holds, as its citation has it."""
    page.goto(f"{journey.site}/testimony/{journey.testimony}?lang=en")
    page.locator("a.cite-more").click()
    page.get_by_label("From").fill("0:01")
    page.get_by_label("Until").fill("0:03")
    page.get_by_role("button", name="Cite this moment").click()
    page.wait_for_url(re.compile("from="))
    accessible(page)
    address = page.locator(".cite-address").first.get_attribute("href") or ""
    assert parse_qs(urlsplit(address).query) == {"v": ["1"], "t": ["1000-3000"]}
    assert "0:01–0:03" in page.locator(".citation").first.inner_text()
    return address


def another_version_is_approved(journey: Journey) -> None:
    with journey.filling.backends.database.write() as session:
        version = session.get_one(TranscriptVersion, journey.version)
        texts = [(one.text, one.start_ms, one.end_ms) for one in version.segments]
        texts[0] = (NEW_WORD, *texts[0][1:])
        said = [factories.segment(*one) for one in texts]
        factories.transcript_version(session, journey.testimony, said, number=2, language=version.language)
