"""What a first visit costs somebody far away: the bytes, headers and all, and how long a slow line shows nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
LISTENING, SONG = "/", "/song/one-length-of-thread"
MOST_BYTES = {LISTENING: 100_000, SONG: 140_000}
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
FIRST_PAINT_MS = 1500
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def visited(browser: Browser, address: str, network: dict[str, float] | None = None) -> tuple[list[int], float]:
    """The sizes of what came, and the moment of the first paint in milliseconds, on a telephone that was never here."""
    with browser.new_context(viewport={"width": 360, "height": 740}) as context:
        page: Page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        if network:
            session.send("Network.emulateNetworkConditions", network)
        sizes: list[int] = []
        session.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
        page.goto(address)
        page.wait_for_load_state("networkidle")
        return sizes, float(page.evaluate(PAINTED))


@pytest.mark.parametrize("path", [LISTENING, SONG])
def test_a_first_visit_costs_no_more_than_it_may(browser: Browser, site: str, path: str) -> None:
    sizes, _ = visited(browser, site + path)
    assert len(sizes) > 15
    assert sum(sizes) <= MOST_BYTES[path]


def test_a_slow_line_shows_something_soon(browser: Browser, site: str) -> None:
    """The best of three: a busy machine is not the line."""
    assert min(visited(browser, f"{site}{LISTENING}", SLOW_3G)[1] for _ in range(3)) <= FIRST_PAINT_MS
