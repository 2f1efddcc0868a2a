"""How text is set on a telephone: words and numbers whole, underlines below subscripts, chips apart, in both languages.

Measured on the page, not compared as pictures: where the boxes of words, chips and underlines are.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from archive.accounts import accounts
from archive.language.words import words
from tests.e2e.conftest import sign_in
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
SONG, SAID = "one-length-of-thread", "the-day-the-line-fell"
PUBLIC = ("/nowhere", "/", "/sign-in", "/search", "/search?q=debt", "/screen", "/take-back", f"/song/{SONG}")
ROOMS = (
    "/ingest",
    "/steward",
    "/steward/log",
    "/narrators",
    "/review",
    "/studio",
    f"/studio/{SONG}",
    "/desk",
    "/account",
)
LARGE = "h1, .lead, .trouble .act"
CHIPS = ".chip, .act, .quiet, .moment, .todo, .chip-all, .also-word"

TEXTS = """(wanted) => [...document.querySelectorAll(wanted)].filter((one) => one.checkVisibility())
    .map((one, at) => { one.dataset.measured = at; return one.textContent; })"""
LINES = """([at, spans]) => {
    const element = document.querySelector(`[data-measured="${at}"]`);
    const nodes = [];
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node, from = 0; (node = walker.nextNode()); from += node.length) nodes.push([node, from]);
    const place = (offset, end) => nodes.findLast(([node, from]) => (end ? from < offset : from <= offset));
    return spans.map(([start, end]) => {
        const range = document.createRange();
        const [first, from] = place(start, false);
        const [last, until] = place(end, true);
        range.setStart(first, start - from);
        range.setEnd(last, end - until);
        const tops = [...range.getClientRects()].filter((box) => box.width > 1).map((box) => Math.round(box.top / 8));
        return new Set(tops).size;
    });
}"""
TOUCHING = """(wanted) => {
    const boxes = [...document.querySelectorAll(wanted)].filter((one) => one.checkVisibility())
        .map((one) => ({ one, box: one.getBoundingClientRect() })).filter(({ box }) => box.width > 8 && box.height > 8);
    const near = (a, b) => a.left < b.right + 1 && b.left < a.right + 1 && a.top < b.bottom + 1 && b.top < a.bottom + 1;
    const found = [];
    boxes.forEach((a, at) => boxes.slice(at + 1).forEach((b) => {
        if (!a.one.contains(b.one) && !b.one.contains(a.one) && near(a.box, b.box)) {
            found.push(`${a.one.textContent.trim()} | ${b.one.textContent.trim()}`);
        }
    }));
    return found;
}"""
UNDERLINED = """() => [...document.querySelectorAll('main *')]
    .filter((one) => one.checkVisibility() && getComputedStyle(one).textDecorationLine === 'underline')
    .map((one) => { const style = getComputedStyle(one);
        return [one.closest('[lang]').lang, parseFloat(style.textUnderlineOffset) / parseFloat(style.fontSize),
            style.textDecorationSkipInk]; })"""
BROKEN_NUMBERS = """() => [...document.querySelectorAll('td, th, time')].flatMap((cell) => {
    const found = [];
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
        for (const match of node.data.matchAll(/[\\p{Nd}][\\p{Nd}.,:]*/gu)) {
            const range = document.createRange();
            range.setStart(node, match.index);
            range.setEnd(node, match.index + match[0].length);
            const boxes = [...range.getClientRects()].filter((box) => box.width > 1);
            if (new Set(boxes.map((box) => Math.round(box.top))).size > 1) found.push(match[0]);
        }
    }
    return found;
})"""


@pytest.fixture(params=["km", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def broken_words(page: Page, wanted: str) -> list[str]:
    """Khmer words of the elements that stand on more than one line."""
    found = []
    for at, text in enumerate(page.evaluate(TEXTS, wanted)):
        pieces = [one for one in words(text) if one.is_word and "\u1780" <= one.text[0] <= "\u17b3"]
        lines = page.evaluate(LINES, [at, [[one.start, one.end] for one in pieces]]) if pieces else []
        found += [piece.text for piece, count in zip(pieces, lines, strict=True) if count > 1]
    return found


def measured(page: Page, addresses: tuple[str, ...]) -> dict[str, object]:
    """What is set badly, by address."""
    found: dict[str, object] = {}
    for address in addresses:
        page.goto(address)
        page.evaluate("document.fonts.ready")
        under = [
            one
            for one in page.evaluate(UNDERLINED)
            if one[2] != "auto" or (one[0] == "km" and one[1] < 0.45) or (one[0] != "km" and one[1] < 0.15)
        ]
        wrong = {
            "words": broken_words(page, LARGE),
            "chips": page.evaluate(TOUCHING, CHIPS),
            "underlines": under,
            "numbers": page.evaluate(BROKEN_NUMBERS),
        }
        if any(wrong.values()):
            found[address] = {name: value for name, value in wrong.items() if value}
    return found


def test_what_everybody_reads(phone: Page, site: str, language: str, archive_filled: Filling) -> None:
    phone.goto(f"{site}/?lang={language}")
    pages = (*PUBLIC, f"/testimony/{archive_filled.testimonies[SAID]}")
    assert measured(phone, tuple(site + page for page in pages)) == {}


def test_what_is_worked_with(phone: Page, site: str, language: str, archive_filled: Filling) -> None:
    name = f"reads-{language}"
    with archive_filled.backends.database.write() as session:
        accounts.create(session, name, PASSWORD, "steward", ("MB",))
    sign_in(phone, site, name, PASSWORD, language=language)
    told = archive_filled.testimonies[SAID]
    pages = (*ROOMS, f"/steward/testimony/{told}", f"/review/{told}")
    assert measured(phone, tuple(site + page for page in pages)) == {}


def test_a_word_that_is_broken_would_be_seen(phone: Page, site: str) -> None:
    """The page for what is not there, in a narrow column: with the marks words are whole, without them they are not."""
    phone.goto(f"{site}/nowhere?lang=km")
    phone.evaluate("document.querySelector('.trouble').style.width = '6em'")
    assert broken_words(phone, LARGE) == []
    phone.evaluate("document.querySelectorAll('.word').forEach((word) => { word.style.whiteSpace = 'normal'; })")
    assert broken_words(phone, LARGE) != []
