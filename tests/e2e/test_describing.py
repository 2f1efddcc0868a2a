"""On a telephone: a title and a day are corrected, found, put back; two people meet; a mistaken upload is discarded."""

from __future__ import annotations

import io
import time
import wave
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from archive.accounts import accounts
from archive.models import Recording, Testimony
from tests.e2e.conftest import AXE, sign_in
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
SAID = "the-day-the-line-fell"


def phone(browser: Browser, site: str, filled: Filling, name: str) -> Page:
    """A telephone on which this person of the band has signed in; the page fails on anything wider than itself."""
    with filled.backends.database.write() as session:
        accounts.create(session, name, PASSWORD, "band")
    opened = browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True, reduced_motion="reduce")
    page = opened.new_page()
    sign_in(page, site, name, PASSWORD, "en")
    return page


@pytest.fixture(autouse=True)
def _titles_as_before(archive_filled: Filling) -> Iterator[None]:
    """Other browser tests know the sample's testimonies by their titles."""
    with archive_filled.backends.database.read() as session:
        before = {one.id: (one.title_km, one.title_en) for one in session.scalars(select(Testimony))}
    yield
    with archive_filled.backends.database.write() as session:
        for one in session.scalars(select(Testimony).where(Testimony.id.in_(before))):
            one.title_km, one.title_en = before[one.id]


def as_wide_as_the_screen(page: Page) -> None:
    """Of the page that a press leads to, too, which may be on its way."""
    page.wait_for_load_state()
    page.wait_for_function("document.documentElement?.scrollWidth <= 360")


def axe_finds_nothing(page: Page) -> None:
    page.add_script_tag(path=str(AXE))
    assert page.evaluate("axe.run('main').then(r => r.violations.map(v => [v.id, v.nodes[0].html]))") == []


def test_a_title_and_a_day_are_corrected_found_and_put_back(
    browser: Browser, site: str, archive_filled: Filling
) -> None:
    page = phone(browser, site, archive_filled, "phone-correcting")
    told = archive_filled.testimonies[SAID]
    page.goto(f"{site}/testimony/{told}")
    before = page.locator("h1").inner_text()
    page.get_by_role("link", name="Correct the description").click()
    as_wide_as_the_screen(page)
    axe_finds_nothing(page)
    page.get_by_role("textbox", name="Title in English").fill("Quillfeather at noon")
    page.get_by_role("textbox", name="Day of recording").fill("someday")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#recorded_on-wrong")).to_contain_text("“someday” is no date")
    expect(page.get_by_role("textbox", name="Title in English")).to_have_value("Quillfeather at noon")
    page.get_by_role("textbox", name="Day of recording").fill("ប្រហែល ២០១០")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Quillfeather at noon")
    expect(page.locator("main")).to_contain_text("about 2010")
    page.goto(f"{site}/search?q=quillfeather")
    expect(page.locator("main")).to_contain_text("Quillfeather at noon")
    page.goto(f"{site}/testimony/{told}/describe#history")
    as_wide_as_the_screen(page)
    expect(page.locator(".described").first).to_contain_text("about 2010")
    page.locator(".described").first.get_by_role("button", name="Undo").click()
    expect(page.locator("h1")).to_have_text(before)
    page.context.close()


def test_two_people_meet_over_one_title_and_lose_nothing(browser: Browser, site: str, archive_filled: Filling) -> None:
    told = archive_filled.testimonies[SAID]
    srey, dara = (phone(browser, site, archive_filled, f"phone-{name}") for name in ("srey", "dara"))
    for page in (srey, dara):
        page.goto(f"{site}/testimony/{told}/describe")
    srey.get_by_role("textbox", name="Title in English").fill("What Srey wrote")
    srey.get_by_role("button", name="Save").click()
    expect(srey.locator("h1")).to_have_text("What Srey wrote")
    dara.get_by_role("textbox", name="Title in English").fill("What Dara wrote")
    dara.get_by_role("textbox", name="Title in Khmer").fill("ចំណងជើងរបស់តារា")
    dara.get_by_role("button", name="Save").click()
    expect(dara.locator("#title_en-meanwhile")).to_contain_text("What Srey wrote")
    expect(dara.get_by_role("textbox", name="Title in English")).to_have_value("What Dara wrote")
    expect(dara.get_by_role("textbox", name="Title in Khmer")).to_have_value("ចំណងជើងរបស់តារា")
    as_wide_as_the_screen(dara)
    axe_finds_nothing(dara)
    dara.get_by_role("button", name="Save").click()
    expect(dara.locator("h1")).to_have_text("What Dara wrote")
    for page in (srey, dara):
        page.context.close()


def test_a_mistaken_upload_is_discarded(browser: Browser, site: str, archive_filled: Filling) -> None:
    page = phone(browser, site, archive_filled, "phone-mistaken")
    page.goto(f"{site}/ingest")
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\x00\x11" * 8000)
    page.set_input_files("#files", {"name": "hen.wav", "mimeType": "audio/wav", "buffer": held.getvalue()})
    page.select_option("#community", "farmer")
    page.get_by_role("button", name="Put into the archive").click()
    expect(page.locator(".coming").first).to_contain_text("hen.wav")
    page.get_by_role("link", name="Taken in by mistake?").first.click()
    as_wide_as_the_screen(page)
    axe_finds_nothing(page)
    page.get_by_text("It was only a test").click()
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_role("status").first).to_contain_text("It is discarded.")
    expect(page.locator(".coming").filter(has_text="hen.wav")).to_have_count(0)
    page.context.close()
    until = time.monotonic() + 60
    while _is_there(archive_filled) and time.monotonic() < until:  # it goes beside the site
        time.sleep(0.2)
    assert not _is_there(archive_filled)


def _is_there(filled: Filling) -> bool:
    with filled.backends.database.read() as session:
        return session.scalars(select(Recording).where(Recording.original_name == "hen.wav")).first() is not None
