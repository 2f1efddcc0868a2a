"""Gathering in a browser: from a testimony's page and a concordance, noted, heard in a row, shared, taken along."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from archive.accounts import accounts
from archive.retrieval import indexing
from tests.e2e.conftest import AXE, sign_in
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"


@pytest.fixture(scope="module")
def gatherable(archive_filled: Filling) -> Filling:
    """The sample collection, findable, and researchers to gather from it."""
    with archive_filled.backends.database.write() as session:
        for width in (360, 1280):
            accounts.create(session, f"gatherer-{width}", PASSWORD, "researcher", ())
    indexing.reindex(archive_filled.backends.database, archive_filled.backends.index)
    return archive_filled


@pytest.mark.parametrize("width", [360, 1280])
def test_a_researcher_gathers_notes_hears_and_takes_along(
    browser: Browser, site: str, gatherable: Filling, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, site, f"gatherer-{width}", PASSWORD)
    page.goto(f"{site}/testimony/{gatherable.testimonies['the-day-the-line-fell']}?lang=en")
    for number in range(2):
        page.locator("form[action='/collections/gather'] button").nth(number).click()
        expect(page.locator(".notice")).to_contain_text("Gathered into “My passages”.")
    page.goto(f"{site}/search/in-context?q=the&lang=en")
    page.locator(".line-where .clip-form button").nth(4).click()
    page.locator(".notice").get_by_role("link", name="See the collection").click()
    expect(page.locator(".gathered-one")).to_have_count(3)
    first = page.locator(".gathered-one").first
    first.get_by_label("Note").fill("The interest is counted twice.")
    first.get_by_label("Codes").fill("debt, interest")
    first.get_by_role("button", name="Keep it").click()
    expect(page.locator(".list-state", has_text="interest")).to_be_visible()
    page.locator(".hear-row").click()
    expect(page.locator(".play-all [role=status]")).to_have_text("1 of 3")
    expect(page.locator(".play-all [role=status]")).to_have_text("2 of 3")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".is-heard")).to_have_count(0)
    page.get_by_label("Take the whole collection along").select_option("qdpx")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take it").click()
    assert taken.value.suggested_filename.endswith(".qdpx")
    here = re.sub("[?#].*", "", page.url)
    for address in (here, f"{site}/collections", f"{site}/account/access"):
        for language in ("km", "en"):
            page.goto(f"{address}?lang={language}")
            page.add_script_tag(path=str(AXE))
            found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
            assert found == [], address
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    page.goto(f"{here}?lang=en")
    page.locator(".gathered-one").first.get_by_role("button", name="Take out of the collection").click()
    expect(page.locator(".gathered-one")).to_have_count(2)
    page.locator(".notice").get_by_role("button", name="Undo").click()
    expect(page.locator(".gathered-one")).to_have_count(3)
    context.close()
