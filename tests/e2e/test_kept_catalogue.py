"""From an empty archive, on a telephone: a campaign, a mended Khmer name, and a song's credits and cover."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from archive.accounts import accounts
from archive.backends import Backends, open_backends
from archive.catalogue.thesaurus import load_thesaurus
from archive.models import Tagging
from archive.retrieval import indexing
from archive.settings import read_settings
from media.cover import png
from tests.archive.threads import add_told
from tests.e2e.conftest import AXE, sign_in
from tests.web.server.serving import serving
from web.app import create_app

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
MENDED = "បំណុលដែលបានកែ"


@pytest.fixture
def empty(tmp_path: Path) -> Backends:
    """An archive with nobody's words in it: two accounts, and the themes that it is shipped with."""
    settings = read_settings({"MESSENGER_DATA": str(tmp_path / "var"), "HOME": str(tmp_path)})
    opened = open_backends(settings, upgrade=True)
    with opened.database.write() as session:
        load_thesaurus(session)
        accounts.create(session, "keeper", PASSWORD, "steward")
        accounts.create(session, "singer", PASSWORD, "band")
    indexing.reindex(opened.database, opened.index)
    return opened


@pytest.fixture
def empty_site(empty: Backends) -> Iterator[str]:
    with serving(create_app(empty)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A telephone; its page never scrolls sideways, and axe finds nothing on what was looked at."""
    with browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True, reduced_motion="reduce") as held:
        page = held.new_page()
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        yield page
        assert troubles == []


def looked_at(page: Page) -> None:
    """Nothing lies out of sight at the right, and axe finds nothing."""
    page.wait_for_load_state()
    page.wait_for_function("document.documentElement?.scrollWidth <= 360")
    page.add_script_tag(path=str(AXE))
    assert page.evaluate("axe.run('main').then(r => r.violations.map(v => [v.id, v.nodes[0].html]))") == []


def test_a_steward_makes_a_campaign_and_mends_a_name(phone: Page, empty_site: str, empty: Backends) -> None:
    sign_in(phone, empty_site, "keeper", PASSWORD)
    phone.goto(f"{empty_site}/steward")
    phone.get_by_role("link", name="Campaigns").click()
    expect(phone.get_by_text("No campaigns yet")).to_be_visible()
    looked_at(phone)
    phone.fill("#name_km", "ដីជាជីវិត")
    phone.fill("#name_en", "Land is life")
    phone.fill("#ask_en", "Sign the letter.")
    phone.get_by_role("button", name="Make the campaign").click()
    phone.get_by_role("button", name="Show it to everybody").click()
    looked_at(phone)
    phone.get_by_role("link", name="See its page").click()
    expect(phone.get_by_text("Sign the letter.")).to_be_visible()
    looked_at(phone)

    with empty.database.write() as session:
        told, _ = add_told(session)
        session.add(Tagging(testimony_id=told.id, term_id="debt", state="confirmed", origin="human"))
        told_id = told.id
    indexing.index_testimony(empty.database, empty.index, told_id)
    phone.goto(f"{empty_site}/steward")
    phone.get_by_role("link", name="Themes").click()
    looked_at(phone)
    phone.fill("#q", "debt")
    phone.get_by_role("button", name="Look").click()
    phone.locator("section", has=phone.locator("#found-heading")).get_by_role("link").first.click()
    phone.fill("#km", MENDED)
    phone.get_by_role("button", name="Keep the names").click()
    expect(phone.get_by_role("status").get_by_role("button", name="Undo")).to_be_visible()
    looked_at(phone)
    phone.goto(f"{empty_site}/search?lang=km&q={MENDED}")
    expect(phone.locator(".themes").get_by_text(MENDED)).to_be_visible()
    phone.goto(f"{empty_site}/search?q=theme:debt")
    expect(phone.get_by_text(MENDED).first).to_be_attached()


def test_a_member_gives_a_song_credits_and_a_cover(phone: Page, empty_site: str, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(png(np.full((500, 400, 3), (160, 40, 60), np.uint8)))
    sign_in(phone, empty_site, "singer", PASSWORD)
    phone.goto(f"{empty_site}/desk")
    phone.fill("#title_km", "បទថ្មី")
    phone.fill("#title_en", "A new song")
    phone.get_by_role("button", name="Begin writing").click()
    phone.get_by_role("link", name="About the song").click()
    looked_at(phone)
    phone.locator("[name=credit_en]").first.fill("The band")
    phone.fill("#note_en", "How it came to be.")
    phone.fill("#year", "2024")
    phone.get_by_role("button", name="Keep it").click()
    expect(phone.get_by_role("status").get_by_role("button", name="Undo")).to_be_visible()
    phone.set_input_files("#picture", str(picture))
    phone.get_by_role("button", name="Put it in").click()
    expect(phone.get_by_role("img", name="The cover as it is now")).to_be_visible()
    looked_at(phone)
    phone.goto(f"{empty_site}/song/a-new-song?lang=en")
    expect(phone.get_by_text("How it came to be.")).to_be_visible()
    expect(phone.locator("dl.credits").get_by_text("The band")).to_be_visible()
    expect(phone.locator(".song-picture img")).to_have_js_property("naturalWidth", 1200)
