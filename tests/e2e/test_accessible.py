"""axe finds nothing on the public pages, in either language, on a phone and on a desk; nothing runs off the side."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import AXE

pytestmark = pytest.mark.browser
PAGES = ("/", "/song/one-length-of-thread", "/explore", "/api/v1/", "/sign-in", "/nothing-here")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["km", "en"])
def test_axe_finds_nothing(browser: Browser, site: str, language: str, width: int) -> None:
    assert AXE.exists(), "run `python -m web.assets` first: axe-core comes from npm"
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    for address in PAGES:
        page.goto(f"{site}{address}?lang={language}")
        if "song" in address:
            page.locator(".voices > summary").first.click()
            page.click(".song-act .play")
            page.wait_for_selector("#player:not([hidden])")
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
        assert found == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    context.close()


def test_without_a_script_the_words_can_be_read_and_the_sound_played(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{site}/song/one-length-of-thread")
    assert page.locator("audio[controls]").first.is_visible()
    assert page.locator(".tools").is_hidden()
    page.locator(".voices > summary").first.click()
    assert page.locator(".voices[open] .quote").first.is_visible()
    context.close()
