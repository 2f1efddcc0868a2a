"""From an empty archive, on a steward's telephone and without the command line: people, recordings, what is said of
them, and a narrator's card. Each room is reached as somebody new reaches it, by its links.
"""

from __future__ import annotations

import random
import re
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import func, select

from archive.accounts import accounts
from archive.backends import Backends, open_backends
from archive.models import Account, Narrator, Recording
from archive.retrieval.delayed_indexing import DelayedIndexer
from archive.settings import read_settings
from tests.e2e.conftest import AXE, sign_in
from tests.web.server.serving import serving
from web.app import create_app
from web.serving import make_ready

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
TITLE = "Quillfeather at noon"
MENDED = "បំណុលធ្ងន់"
CHOSEN = "Chanthou"
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[tuple[str, Backends]]:
    """A site over an archive in which there is nobody but its first steward, and what a start puts there."""
    backends = open_backends(read_settings({"MESSENGER_DATA": str(tmp_path / "var"), "HOME": str(tmp_path)}))
    make_ready(backends)
    with backends.database.write() as session:
        accounts.create(session, "first", PASSWORD, "steward", language="en")
    app = create_app(backends)
    app.extensions["indexed-soon"] = DelayedIndexer(backends.database, backends.index, within_s=0.0)
    with serving(app) as port:
        yield f"http://127.0.0.1:{port}", backends
    backends.database.engine.dispose()


@pytest.fixture
def steward(browser: Browser, empty: tuple[str, Backends]) -> Iterator[Page]:
    with browser.new_context(viewport=PHONE, bypass_csp=True, reduced_motion="reduce") as phone:
        page = phone.new_page()
        sign_in(page, empty[0], "first", PASSWORD)
        yield page


def goes_to(page: Page, site: str, *links: str) -> None:
    """From the front page by the names of links."""
    page.goto(site)
    for name in links:
        page.get_by_role("link", name=name, exact=True).first.click()
        page.wait_for_load_state()
    page.wait_for_function("document.documentElement?.scrollWidth <= 360")
    page.add_script_tag(path=str(AXE))
    assert page.evaluate("axe.run('main').then(r => r.violations.map(v => [v.id, v.nodes[0].html]))") == []


def test_the_archive_is_run_from_inside(
    browser: Browser, steward: Page, empty: tuple[str, Backends], tmp_path: Path
) -> None:
    site, backends = empty
    invites(browser, steward, site, "srey-mom", "band")
    invites(browser, steward, site, "researcher-one", "researcher")
    assert _count(backends, Account) == 3

    takes_in(steward, site, told_in(tmp_path, "one.wav"), "First telling")
    takes_in(steward, site, told_in(tmp_path, "two.wav"), "Second telling", somebody_new=True)
    assert _count(backends, Narrator) == 2
    takes_in(steward, site, told_in(tmp_path, "hen.wav"), "A hen", narrator="")
    discards(steward, "A hen")

    corrects(steward, site, "First telling", TITLE)
    mends_a_label(steward, site)
    says_the_theme(steward, site, TITLE)
    expect(found(steward, site, MENDED)).to_contain_text(f"{MENDED} was also looked for as Debt")
    found(steward, site, "quillfeather")
    steward.goto(f"{steward.url}&lang=km")
    for _ in range(60):  # what is said of several at once is found soon
        if MENDED in (steward.locator(".facets").text_content() or ""):
            break
        steward.wait_for_timeout(500)
        steward.reload()
    expect(steward.locator(".facets")).to_contain_text(MENDED)
    steward.goto(f"{site}/?lang=en")
    makes_a_campaign(steward, site, "Rain and wages")
    prints_a_card(steward, site)

    steward.goto(f"{site}/steward/log")
    expect(steward.locator("main")).to_contain_text("Gave a narrator a code")
    with backends.database.read() as session:
        kept = {one.original_name for one in session.scalars(select(Recording))}
    assert kept == {"one.wav", "two.wav"}


def _count(backends: Backends, kind: type) -> int:
    with backends.database.read() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def invites(browser: Browser, page: Page, site: str, name: str, role: str) -> None:
    """By a link, which the invited opens on a telephone of their own."""
    goes_to(page, site, "Consent", "Accounts")
    page.fill("#invite-shown", name)
    page.fill("#invite-name", name)
    page.select_option("#role-new", role)
    page.locator("form:has(#invite-name) button").click()
    link = page.locator("#link").inner_text().strip()
    with browser.new_context(viewport=PHONE) as theirs:
        own = theirs.new_page()
        own.goto(f"{link}&lang=en")
        own.fill("#new_password", PASSWORD)
        own.fill("#again", PASSWORD)
        own.locator("form.form button[type=submit]").click()
        own.wait_for_url(re.compile("/sign-in"))
        sign_in(own, site, name, PASSWORD)
        expect(own.locator("a.who-name")).to_have_text(name)


def told_in(folder: Path, name: str) -> Path:
    """A second of noise; each name is another recording."""
    path = folder / name
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(random.Random(name).randbytes(16_000))
    return path


def takes_in(
    page: Page, site: str, file: Path, title: str, *, narrator: str = CHOSEN, somebody_new: bool = False
) -> None:
    goes_to(page, site, "Add recordings")
    page.set_input_files("#files", file)
    page.fill("#title_en", title)
    page.select_option("#community", "farmer")
    if narrator:
        page.locator("#narrator_en").press_sequentially(narrator)
        page.locator("#narrator_km").focus()
    if somebody_new:
        expect(page.locator('input[name="narrator"][value=""]')).to_be_checked()
        assert page.locator('input[name="narrator"]').count() == 2  # who bears the name already is offered
    page.get_by_role("button", name="Put into the archive").click()
    expect(page.locator(".coming").filter(has_text=title)).to_be_visible()


def discards(page: Page, title: str) -> None:
    row = page.locator(".coming").filter(has_text=title)
    row.get_by_role("link", name="Taken in by mistake?").click()
    page.get_by_text("It was only a test").click()
    page.get_by_role("button", name="Discard it").click()
    expect(page.get_by_role("status").first).to_contain_text("It is discarded.")
    expect(page.locator("main")).not_to_contain_text(title)


def corrects(page: Page, site: str, before: str, title: str) -> None:
    goes_to(page, site, "Explore", before)
    page.get_by_role("link", name="Correct the description").click()
    page.get_by_role("textbox", name="Title in English").fill(title)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text(title)
    expect(found(page, site, "quillfeather")).to_contain_text(title)


def found(page: Page, site: str, words: str) -> Locator:
    goes_to(page, site, "Search")
    page.get_by_role("searchbox").first.fill(words)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"q="))
    return page.locator("main")


def mends_a_label(page: Page, site: str) -> None:
    goes_to(page, site, "Consent", "Themes")
    page.locator('a[href="/steward/thesaurus/term/debt"]').click()
    page.fill("#km", MENDED)
    page.get_by_role("button", name="Keep the names").click()
    expect(page.locator(".term-changes")).to_contain_text(MENDED)


def says_the_theme(page: Page, site: str, title: str) -> None:
    """By hand, of one of several."""
    goes_to(page, site, "Transcripts", "Correct several descriptions at once")
    page.get_by_text(title).click()
    page.get_by_role("button", name="Change what is ticked").click()
    page.get_by_role("button", name="A theme more").click()
    page.select_option("#value", "debt")
    page.get_by_role("button", name="See what would change").click()
    page.get_by_role("button", name="Change it so").click()
    expect(page.get_by_role("status").first).to_contain_text("Testimonies corrected: 1.")


def makes_a_campaign(page: Page, site: str, name: str) -> None:
    goes_to(page, site, "Consent", "Campaigns")
    page.fill("#name_km", "ភ្លៀង និងប្រាក់ឈ្នួល")
    page.fill("#name_en", name)
    page.get_by_role("button", name="Make the campaign").click()
    expect(page.locator("h1")).to_contain_text(name)
    page.get_by_role("button", name="Show it to everybody").click()
    page.goto(f"{site}/campaigns")
    expect(page.locator("main")).to_contain_text(name)


def prints_a_card(page: Page, site: str) -> None:
    """For one of the two who share a name: the code is there once, large, with a picture of it."""
    goes_to(page, site, "Narrators")
    assert page.get_by_role("link", name=CHOSEN).count() == 2
    page.get_by_role("link", name=CHOSEN).first.click()
    page.get_by_role("button", name="Give her a code").click()
    card = page.locator(".code-card")
    expect(card.locator("svg")).to_be_visible()
    code = card.locator(".code").inner_text().strip()
    assert re.fullmatch(r"[\w-]{8,40}", code.replace(" ", "-")), code
    assert site.removeprefix("http://") in card.inner_text()
    page.emulate_media(media="print")
    expect(card).to_be_visible()
    expect(page.locator("header.masthead")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Done").click()
    expect(page.locator("main")).not_to_contain_text(code)
