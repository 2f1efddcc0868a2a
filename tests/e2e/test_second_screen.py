"""A second screen follows the telephone, also when it goes on to another song; in Khmer, at 360 px."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

SONG, OTHER = "one-length-of-thread", "the-land-beneath-our-feet"


@pytest.fixture
def telephone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def television(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    yield context.new_page()
    context.close()


def test_the_screen_shows_the_song_that_is_played_now(telephone: Page, television: Page, site: str) -> None:
    telephone.goto(f"{site}/song/{SONG}?lang=km")
    telephone.locator('[data-tool="second"]').first.tap()
    code = telephone.locator(".second-code")
    expect(code).to_have_text(re.compile(r"\d{3} \d{3}"))
    telephone.locator(".play-large").first.tap()
    television.goto(f"{site}/screen/{''.join((code.text_content() or '').split())}?lang=km")
    expect(television.locator("[data-screen]")).to_have_attribute("data-song", SONG)
    first = television.locator("h1.display").text_content()
    # A link while something plays opens its page above the player, and the song there is played.
    telephone.locator("a.wordmark").tap()
    telephone.locator(f'a[href*="/song/{OTHER}"]').first.tap()
    telephone.wait_for_url(re.compile(OTHER))
    telephone.locator(".play-large").first.tap()
    expect(television.locator("[data-screen]")).to_have_attribute("data-song", OTHER)
    expect(television.locator("h1.display")).not_to_have_text(first or "")
