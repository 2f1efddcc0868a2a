"""Listening: songs one after another, a moment that stops at its end, and a place kept on one's own device."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_karaoke import CATCH
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
TOLD = "before-the-rice-was-ripe"


def until(page: Page, holds: str) -> None:
    """Wait for an expression; the site's policy lets no page evaluate one by itself."""
    for _ in range(150):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"not yet: {holds}")


def name(page: Page) -> str:
    return page.inner_text(".player-name")


def to_the_end(page: Page) -> None:
    until(page, "window.heard.readyState > 0")
    page.evaluate("window.heard.currentTime = window.heard.duration - 0.4")


def test_songs_follow_one_another_as_they_are_told_to(page: Page, site: str) -> None:
    page.add_init_script(CATCH)
    page.goto(f"{site}/?lang=en")
    page.click("[data-queue]:not([data-shuffled])")
    page.click(".player-list")
    names = page.locator(".queue-name").all_inner_texts()
    assert name(page) == names[0]
    assert len(names) == 3
    page.click(f".player-title:has-text('{names[0]}')")
    expect(page.locator("h1")).to_have_text(names[0])
    to_the_end(page)
    expect(page.locator("h1")).to_have_text(names[1])  # the page goes on with its song
    page.click(".queue-again")
    to_the_end(page)
    until(page, "window.heard.currentTime < 5 && !window.heard.paused")
    assert name(page) == names[1]
    page.click(".player-before")
    page.click(".player-before")
    expect(page.locator(".player-name")).to_have_text(names[0])
    page.locator(".queue-remove").last.click()
    assert page.locator(".queue-name").all_inner_texts() == names[:2]
    shown = page.evaluate("navigator.mediaSession.metadata.artwork.map(({ src }) => src)")
    assert page.request.get(shown[0]).headers["content-type"] == "image/png"


def test_a_moment_stops_where_it_ends_and_a_place_is_kept_for_who_asks(
    page: Page, site: str, archive_filled: Filling
) -> None:
    page.add_init_script(CATCH)
    page.route("**/peaks", lambda route: route.fulfill(json={"rate": 20, "peaks": []}))
    address = f"{site}/testimony/{archive_filled.testimonies[TOLD]}"
    page.goto(f"{address}?t=5000-6500&lang=en")
    expect(page.locator(".passage.is-pointed")).to_have_count(1)
    page.click(".sound .play")
    until(page, "window.heard.currentTime > 6.4 && window.heard.paused")
    assert page.evaluate("window.heard.currentTime") < 7
    page.select_option(".sound-speed select", "2")
    page.click(".sound-begin")
    until(page, "window.heard.currentTime > 7.5 && window.heard.playbackRate === 2")
    assert page.evaluate("window.heard.preservesPitch")
    page.evaluate("window.heard.currentTime = 20")
    page.wait_for_timeout(300)
    assert page.evaluate("Object.keys(localStorage)") == []  # nobody has said that this device is theirs
    page.click(".player-list")
    page.check(".queue-remember input")
    page.click(".player-toggle")
    page.goto(f"{address}?lang=en")
    expect(page.locator(".sound-at")).to_contain_text("Goes on at 0:2")
    page.fill(".find-inside input", "ដី")
    expect(page.locator(".find-said")).to_have_text("Found 5 times.")
    page.press(".find-inside input", "Enter")
    expect(page.locator(".find-said")).to_have_text("1 of 5")


def test_silences_are_passed_over_for_who_asks(page: Page, site: str, archive_filled: Filling) -> None:
    page.add_init_script(CATCH)
    peaks = [1 if at in range(20 * 10, 20 * 16) else 60 for at in range(20 * 50)]
    page.route("**/peaks", lambda route: route.fulfill(json={"per_second": 20, "duration_ms": 50_000, "peaks": peaks}))
    page.goto(f"{site}/testimony/{archive_filled.testimonies[TOLD]}?lang=en")
    skip = page.locator(".sound-skip")
    expect(skip).to_have_attribute("aria-pressed", "false")
    page.click(".sound .play")
    page.select_option(".sound-speed select", "2")
    until(page, "window.heard.readyState > 0 && !window.heard.paused")
    page.evaluate("window.heard.currentTime = 9.5")
    until(page, "window.heard.currentTime > 11.5")
    assert page.evaluate("window.heard.currentTime") < 15, "nobody asked for it yet"
    page.keyboard.press("s")
    expect(skip).to_have_attribute("aria-pressed", "true")
    until(page, "window.heard.currentTime > 15.6")
    page.evaluate("window.passed = []; window.heard.ontimeupdate = () => window.passed.push(window.heard.currentTime)")
    page.evaluate("window.heard.currentTime = 9.5")
    until(page, "window.heard.currentTime > 16.2")
    heard = page.evaluate("window.passed")
    assert not [time for time in heard if 10.9 < time < 15.5], heard
    assert page.evaluate("window.heard.preservesPitch && window.heard.playbackRate === 2")
    assert page.evaluate("Object.keys(localStorage)") == []  # nobody has said that this device is theirs
    page.click(".player-list")
    page.check(".queue-remember input")
    skip.click()
    skip.click()
    page.reload()
    expect(skip).to_have_attribute("aria-pressed", "true")
