"""What a first visit to the listening page costs, headers and all, as the browser counts it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
MOST_BYTES = 100_000


def test_the_listening_page_costs_no_more_than_it_may(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    page.goto(f"{site}/")
    page.wait_for_load_state("networkidle")
    context.close()
    assert len(sizes) > 15
    assert sum(sizes) <= MOST_BYTES
