"""An evening: five songs go over the stage by one key; a television and two telephones follow by one code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from archive.accounts import accounts
from archive.models import SetEntry, SetList, Song
from tests.e2e.conftest import sign_in
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"


@pytest.fixture
def evening(archive_filled: Filling) -> tuple[str, list[str]]:
    """The id of a set, and the slugs of its five songs in their order; two are sung twice."""
    with archive_filled.backends.database.write() as session:
        accounts.create(session, "sings-tonight", PASSWORD, "band", ("MB",))
        songs = session.scalars(select(Song).where(Song.state == "published").order_by(Song.slug)).all()
        order = [songs[at % 3] for at in range(5)]
        made = SetList(title="One evening")
        session.add(made)
        session.flush()
        for at, song in enumerate(order):
            session.add(SetEntry(set_id=made.id, song_id=song.id, position=at, singer="Sreymom" if at else ""))
        return made.id, [song.slug for song in order]


@pytest.fixture
def following(browser: Browser) -> Iterator[list[Page]]:
    contexts: list[BrowserContext] = [
        browser.new_context(viewport={"width": wide, "height": 700}) for wide in (1280, 360, 360)
    ]
    yield [one.new_page() for one in contexts]
    for one in contexts:
        one.close()


def test_a_set_goes_over_the_stage_by_one_key(
    page: Page, site: str, evening: tuple[str, list[str]], following: list[Page]
) -> None:
    set_id, slugs = evening
    sign_in(page, site, "sings-tonight", PASSWORD)
    page.goto(f"{site}/sets/{set_id}/stage?lang=en")
    page.click(".set-begin")
    expect(page.locator(".waiting-along")).to_be_visible()
    code = page.inner_text(".waiting-code").replace(" ", "")
    for one in following:
        one.goto(f"{site}/screen/{code}?lang=km")
    for at, slug in enumerate(slugs):
        expect(page.locator(".waiting-place")).to_have_text(f"{at + 1} of 5")
        expect(page.locator(".waiting-singer")).to_have_text("Sreymom sings" if at else "")
        for one in following:
            expect(one.locator("[data-screen]")).to_have_attribute("data-song", slug)
        page.keyboard.press("PageDown")
        expect(page.locator(".player.is-playing")).to_have_count(1)
        expect(page.locator(".stage-waiting")).to_be_hidden()
        page.keyboard.press("PageDown")
    expect(page.locator(".stage-done")).to_be_visible()
    page.click(".stage-done a")
    expect(page.locator("[name=sung]:checked")).to_have_count(5)
    page.click("text=Write it down")
    expect(page.locator(".notices")).to_contain_text("It is written down.")
