"""The desk without a connection: on a member's own device a draft opens again, and on a shared one nothing stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from archive.accounts import accounts
from archive.lyrics import shared_draft
from archive.models import Song
from tests.e2e.conftest import AXE, sign_in
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
LINE = "ដើរតាមផ្លូវ"
TOLD = "one-length-of-thread"
KEPT = """async () => {
  const workers = await navigator.serviceWorker.getRegistrations();
  const own = Object.keys(localStorage).filter((key) => key.startsWith("desk-"));
  return [workers.length, (await caches.keys()).length, own.length];
}"""


@pytest.fixture(scope="module")
def on_the_road(archive_filled: Filling) -> Filling:
    with archive_filled.backends.database.write() as session:
        accounts.create(session, "theary-away", PASSWORD, "band", ("MB",))
        for slug in ("on-foot", "by-boat"):
            song = Song(slug=slug, title_km=slug, title_en=slug, state="draft")
            session.add(song)
            session.flush()
            shared_draft.begin(session, song, [shared_draft.DraftLine("first", "verse 1")], None)
    return archive_filled


@pytest.fixture
def phone(browser: Browser, site: str, on_the_road: Filling) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    yield context
    context.close()


def come(context: BrowserContext, site: str, *, own: bool) -> Page:
    page = context.new_page()
    sign_in(page, site, "theary-away", PASSWORD, own=own)
    return page


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".dline").first).to_be_visible()
    expect(page.locator(".sync")).to_have_attribute("data-state", "kept")


def test_a_draft_opens_again_without_a_connection_and_joins_when_it_is_back(
    phone: BrowserContext, site: str, on_the_road: Filling
) -> None:
    page = come(phone, site, own=True)
    opened(page, f"{site}/desk/song/on-foot")
    expect(page.locator(".desk-away")).to_be_visible()
    phone.set_offline(True)
    page.fill(".dline-km", LINE)
    page.close()
    page = phone.new_page()
    page.goto(f"{site}/desk/song/on-foot?lang=en")
    expect(page.locator(".dline-km").first).to_have_value(LINE)
    expect(page.locator(".sync")).to_have_attribute("data-state", "offline")
    page.locator(".dline-km").first.press("Enter")
    page.locator(".dline-km").nth(1).press_sequentially("ឆ្ងាយ")
    page.wait_for_timeout(500)  # the browser's own database takes a moment; no hand closes a page in that
    page.reload()
    expect(page.locator(".dline-km").nth(1)).to_have_value("ឆ្ងាយ")

    # A draft that was never opened here is not here, and the room says what is.
    page.goto(f"{site}/desk/song/by-boat")
    expect(page.locator(".desk-song a")).to_have_text(["on-foot"])
    page.locator(".desk-song a").click()
    expect(page.locator(".dline")).to_have_count(2)

    phone.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".sync")).to_have_attribute("data-state", "kept")
    with on_the_road.backends.database.read() as session:
        song = session.scalars(select(Song).where(Song.slug == "on-foot")).one()
        assert [line.km for line in shared_draft.draft_lines(session, song.id)] == [LINE, "ឆ្ងាយ"]


def test_what_she_said_is_not_shown_when_the_archive_was_not_asked_for_long(phone: BrowserContext, site: str) -> None:
    page = come(phone, site, own=True)
    opened(page, f"{site}/desk/song/{TOLD}")
    expect(page.locator(".desk-away")).to_be_visible()
    first = page.locator(".dline").first
    assert "verbatim" in page.locator(".dsource-relation").evaluate_all("all => all.map(one => one.value)")
    phone.set_offline(True)
    page.reload()
    expect(first.locator(".dline-km")).to_be_visible()
    said = page.locator(".dline:has(.dline-masked:not([hidden]))")
    expect(said).to_have_count(0)
    page.evaluate("""() => Object.keys(localStorage).filter((key) => key.startsWith("desk-asked:"))
        .forEach((key) => localStorage.setItem(key, String(Date.now() - 13 * 3600 * 1000)))""")
    page.reload()
    expect(said.first).to_contain_text("It is shown again")
    phone.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(said).to_have_count(0)


@pytest.mark.parametrize("own", [False, True])
def test_a_shared_computer_and_signing_out_keep_nothing(phone: BrowserContext, site: str, own: bool) -> None:
    page = come(phone, site, own=own)
    opened(page, f"{site}/desk/song/on-foot")
    if own:
        expect(page.locator(".desk-away")).to_be_visible()
        assert page.evaluate(KEPT)[:2] == [1, 2]
    else:
        assert page.evaluate(KEPT)[:2] == [0, 0]
        expect(page.locator(".desk-away")).to_be_hidden()
    page.click("form.who button")
    expect(page.locator(".sign-in")).to_be_visible()
    assert page.evaluate(KEPT) == [0, 0, 0]
    phone.set_offline(True)
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.goto(f"{site}/desk/song/on-foot")


def test_axe_finds_nothing_in_the_room_without_a_connection(browser: Browser, site: str, on_the_road: Filling) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True, reduced_motion="reduce")
    page = come(context, site, own=True)
    opened(page, f"{site}/desk/song/on-foot")
    page.goto(f"{site}/desk/away")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
