"""Searching, a testimony, handing in and the steward's room, in a browser: axe, keys, and the voice that follows."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from archive.access.sound import whole_keys
from archive.accounts import accounts
from archive.models import Testimony
from archive.retrieval import indexing
from tests.e2e.conftest import AXE, sign_in
from tests.media.outlines import outline_of
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
SAID = "the-day-the-line-fell"


@pytest.fixture(scope="module")
def told(archive_filled: Filling) -> str:
    """Id of a testimony that is open to everyone, findable and with the picture of its sound."""
    opened = archive_filled.backends
    indexing.reindex(opened.database, opened.index)
    testimony_id = archive_filled.testimonies[SAID]
    with opened.database.write() as session:
        accounts.create(session, "a-steward", PASSWORD, "steward", ("MB",))
        keys = whole_keys(session.get_one(Testimony, testimony_id).recording_id)
    with opened.store.local_path(keys.listening) as path:
        opened.store.put_bytes(keys.peaks, outline_of(path))
    return testimony_id


@pytest.fixture
def steward(browser: Browser, site: str, told: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, site, "a-steward", PASSWORD)
    yield page
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_in_any_room(steward: Page, site: str, told: str, width: int) -> None:
    steward.set_viewport_size({"width": width, "height": 800})
    change = f"/steward/testimony/{told}/change?kind=narrow&answer=band-only&method=signed"
    rooms = ("/search", "/search?q=debt", "/search?q=zzzz&community=farmer", f"/testimony/{told}?t=12000", "/ingest")
    for address in (*rooms, "/steward", f"/steward/testimony/{told}", change, "/steward/log?check=1"):
        steward.goto(site + address)
        steward.add_script_tag(path=str(AXE))
        found = steward.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
        assert found == [], address
        assert steward.evaluate("document.documentElement.scrollWidth") <= width, address


def test_a_moment_in_the_address_waits_and_a_word_plays_from_there(page: Page, site: str, told: str) -> None:
    page.goto(f"{site}/testimony/{told}?t=12000&lang=en")
    expect(page.locator(".sound-at")).to_have_text("Starts at 0:12")
    expect(page.locator(".passage.is-pointed")).to_have_count(1)
    expect(page.locator("#player")).to_be_hidden()
    word = page.locator(".passage").nth(5).locator(".word[data-s]").first
    begins = int(word.get_attribute("data-s") or "0")
    word.click()
    expect(page.locator("#player")).to_be_visible()
    expect(page.locator(".passage").nth(5)).to_have_attribute("aria-current", "true")
    expect(page.locator(".wave-slider")).not_to_have_attribute("aria-valuenow", "0")
    assert int(page.locator(".wave-slider").get_attribute("aria-valuenow") or "0") >= begins - 50


def test_the_picture_of_the_sound_is_a_slider(page: Page, site: str, told: str) -> None:
    page.goto(f"{site}/testimony/{told}")
    slider = page.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "10000")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")


def test_a_hit_plays_in_place_and_the_page_stays(page: Page, site: str, told: str) -> None:
    page.goto(f"{site}/search?q=factory&lang=en")
    address = page.url
    hit = page.locator(".hit .moment").first
    hit.click()
    expect(hit).to_have_attribute("aria-pressed", "true")
    assert page.url == address


def test_a_file_goes_in_and_its_row_comes_by_itself(steward: Page, site: str, tmp_path: Path) -> None:
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x00\x10" * 8000)
    steward.goto(f"{site}/ingest?lang=en")
    steward.set_input_files("#files", {"name": "well.wav", "mimeType": "audio/wav", "buffer": held.getvalue()})
    steward.fill("#title_en", "At the well, in a browser")
    steward.select_option("#community", "farmer")
    steward.click(".hand-in-act button")
    expect(steward.locator(".chosen-said")).to_have_text("It has come in.")
    row = steward.locator(".coming", has_text="At the well, in a browser")
    expect(row.locator(".state")).to_have_text("Waiting its turn")
    row.get_by_role("button", name="Stop").click()
    expect(steward.locator(".notice")).to_contain_text("Stopped.")
    expect(row.get_by_role("button", name="Go on with it")).to_be_visible()
