"""Searching in a browser: what is marked of a Khmer text, and that marking it does not break a letter of it."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, expect

from archive.accounts import accounts
from archive.language.clusters import clusters
from archive.retrieval import indexing
from media.ffmpeg import binary
from tests.archive.search.world import Told, add
from tests.e2e.conftest import AXE, sign_in
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
SAID = "កាលនោះកម្មករនិងមនុស្សចាស់ក្នុងភូមិទិញថ្នាំមិនបានទេព្រោះជាប់បំណុលគេច្រើនណាស់"
DARK = 110  # of 255; ink, and not the edge of it
PARTS = "p => [...p.childNodes].map(node => [node.textContent, node.nodeName === 'MARK'])"
PLAIN = "p => { p.textContent = p.textContent; }"
UNCOLOURED = "p => p.querySelectorAll('mark').forEach(one => { one.style.background = 'none'; })"


@pytest.fixture(scope="module")
def findable(archive_filled: Filling) -> Filling:
    """The sample collection, and a researcher who looks for something in it."""
    opened = archive_filled.backends
    indexing.reindex(opened.database, opened.index)
    with opened.database.write() as session:
        accounts.create(session, "a-seeker", PASSWORD, "researcher")
        add(session, Told("running", [(SAID, "")]))
    indexing.index_testimony(opened.database, opened.index, "running")
    return archive_filled


def ink(snippet: Locator) -> NDArray[np.bool_]:
    """Where a paragraph is dark, as it is drawn."""
    size = snippet.evaluate("p => [p.getBoundingClientRect().width, p.getBoundingClientRect().height]")
    assert min(size) > 0
    command = [binary(), "-v", "error", "-i", "pipe:", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:"]
    picture = snippet.screenshot(animations="disabled")
    width = int.from_bytes(picture[16:20], "big")  # of the PNG's first chunk
    drawn = subprocess.run(command, input=picture, capture_output=True, check=True).stdout
    return np.frombuffer(drawn, np.uint8).reshape(-1, width) < DARK


def apart(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """The share of ink that lies further than a point from any of the other's."""
    return float(((one & ~_widened(other)).sum() + (other & ~_widened(one)).sum()) / other.sum())


def _widened(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """With a point around whatever is dark."""
    height, width = ink.shape
    framed = np.pad(ink, 1)
    around = [framed[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    found: NDArray[np.bool_] = np.logical_or.reduce(around)
    return found


@pytest.mark.parametrize("word", ["ថ្នាំ", "មនុស្ស", "កម្មករ", "បំណុល"])
def test_a_word_is_marked_in_whole_clusters_and_drawn_as_if_it_were_not(
    page: Page, site: str, findable: Filling, word: str
) -> None:
    page.goto(f"{site}/search?q={word}&exact=1")
    page.evaluate("document.fonts.ready")
    snippet = page.locator(".group:has([href$='/testimony/running']) .snippet[lang=km]").first
    parts = snippet.evaluate(PARTS)
    assert word in [text for text, marked in parts if marked]
    whole = "".join(text for text, _ in parts)
    edges = {0, *(cluster.end for cluster in clusters(whole))}
    at = 0
    for text, marked in parts:
        if marked:
            assert {at, at + len(text)} <= edges, f"{text} is cut out of a cluster"
        at += len(text)
    assert len(whole) > len(word), "inside running text"
    assert "\u25cc" not in whole
    snippet.evaluate(UNCOLOURED)
    marked = ink(snippet)
    snippet.evaluate(PLAIN)
    plain = ink(snippet)
    # Beginning a run anew moves the edge of a letter by less than a point, and nothing further. A broken cluster moves
    # what follows it, or draws a dotted circle, as the next test shows.
    assert marked.shape == plain.shape
    assert plain.sum() > 200
    assert apart(marked, plain) == 0
    assert np.count_nonzero(marked != plain) <= 0.09 * plain.sum()


def test_the_ink_would_tell(page: Page, site: str, findable: Filling) -> None:
    """The comparison itself: a mark that cuts a cluster does show."""
    page.goto(f"{site}/search?q=ថ្នាំ&exact=1")
    page.evaluate("document.fonts.ready")
    snippet = page.locator(".group:has([href$='/testimony/running']) .snippet[lang=km]").first
    snippet.evaluate(PLAIN)
    plain = ink(snippet)
    snippet.evaluate("p => { p.textContent = p.textContent.replace('ថ្នាំ', 'ថ្\u200cនា\u25ccំ'); }")
    broken = ink(snippet)
    assert broken.shape != plain.shape or apart(broken, plain) > 0.1


@pytest.mark.parametrize("width", [360, 1280])
def test_a_search_is_kept_followed_removed_and_put_back(
    browser: Browser, site: str, findable: Filling, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page = context.new_page()
    sign_in(page, site, "a-seeker", PASSWORD)
    page.goto(f"{site}/search?q=debt&lang=en")
    page.fill("#keep-name", f"Debts, {width} wide")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".notice")).to_contain_text("Kept as")
    one = page.locator(".kept-one", has_text=f"Debts, {width} wide")
    one.locator("summary").click()
    one.get_by_role("button", name="Follow it in a feed reader").click()
    one.locator("summary").click()
    address = one.locator("input[readonly]").input_value()
    assert page.request.get(address).status == 200
    page.goto(f"{site}/search/kept")
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    one.locator("summary").click()
    one.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("button", name="Put it back")).to_be_visible()
    assert page.request.get(address).status == 404
    page.get_by_role("button", name="Put it back").click()
    expect(page.locator(".kept-name", has_text=f"Debts, {width} wide")).to_be_visible()
    context.close()
