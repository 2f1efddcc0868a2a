"""A third language is one more file: an invented one, accented and half as long again, has room on a telephone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from archive.accounts import accounts
from archive.language import messages
from archive.language.compiling import compile_stale
from archive.retrieval import indexing
from tests.archive.language.catalogues import PSEUDO, catalogues_in, stretched, write_pseudo
from tests.e2e.conftest import sign_in
from tests.web.filling import Filling
from tests.web.server.serving import serving
from web.app import create_app

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
WIDTH = 360
SONG, SAID = "one-length-of-thread", "the-day-the-line-fell"
SIGNED_OUT = ("/", "/search", "/search?q=debt", "/search?q=zzzz", f"/song/{SONG}", "/sign-in", "/screen", "/nowhere")
SIGNED_IN = (
    *("/", "/search?q=debt", "/search/kept", "/ingest", "/steward", "/steward/log", "/steward/accounts", "/narrators"),
    *("/review", "/studio", f"/studio/{SONG}", f"/studio/{SONG}/words"),
    *("/desk", f"/desk/song/{SONG}", f"/desk/song/{SONG}/versions", f"/desk/song/{SONG}/publish"),
)
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => one.outerHTML.slice(0, 120)).slice(-3)"""


@pytest.fixture(scope="module")
def translated(archive_filled: Filling, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site that speaks the invented language too."""
    folder = tmp_path_factory.mktemp("locales")
    for name in ("km.po", "km.mo"):
        shutil.copy2(messages.FOLDER / name, folder / name)
    write_pseudo(folder)
    list(compile_stale(folder))
    opened = archive_filled.backends
    indexing.reindex(opened.database, opened.index)
    with opened.database.write() as session:
        accounts.create(session, "a-reader", PASSWORD, "steward", ("MB",))
    with catalogues_in(folder), serving(create_app(opened)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": WIDTH, "height": 740}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def too_wide(page: Page, addresses: tuple[str, ...]) -> dict[str, list[str]]:
    """The pages that are wider than a telephone, each with what stands out."""
    found = {}
    for address in addresses:
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == PSEUDO, address
        if page.evaluate("document.documentElement.scrollWidth") > WIDTH:
            found[address] = page.evaluate(TOO_WIDE)
    return found


def test_pages_have_room_for_longer_texts(phone: Page, translated: str, archive_filled: Filling) -> None:
    phone.goto(f"{translated}/?lang={PSEUDO}")
    assert phone.locator("a.sign-in").inner_text() == stretched("Sign in")
    assert {link.get_attribute("hreflang") for link in phone.locator("a.language").all()} == {"km", "en"}
    pages = (*SIGNED_OUT, f"/testimony/{archive_filled.testimonies[SAID]}")
    assert too_wide(phone, tuple(translated + page for page in pages)) == {}


def test_rooms_have_room_for_longer_texts(phone: Page, translated: str, archive_filled: Filling) -> None:
    told = archive_filled.testimonies[SAID]
    sign_in(phone, translated, "a-reader", PASSWORD, language=PSEUDO)
    pages = (*SIGNED_IN, f"/testimony/{told}", f"/steward/testimony/{told}", f"/review/{told}")
    assert too_wide(phone, tuple(translated + page for page in pages)) == {}
