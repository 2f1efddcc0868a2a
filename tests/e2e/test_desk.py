"""The lyric desk in real browsers: a newcomer's first verse on a phone, and two who write one draft on bad lines."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import select

from archive.accounts import accounts
from archive.lyrics import shared_draft
from archive.models import Clipping, Draft, Song
from archive.retrieval import indexing
from tests.e2e.conftest import AXE, sign_in
from tests.e2e.test_karaoke import until
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
SECONDS = int(os.environ.get("MESSENGER_TEST_DESK_SECONDS", "40"))  # 300 are five minutes
FOUR_LINES = ("ម្ចាស់បំណុល", "យើងធ្វើការពីព្រលឹម", "ប្រាក់ខែមិនគ្រាន់", "យើងច្រៀងជាមួយគ្នា")


@pytest.fixture(scope="module")
def members(archive_filled: Filling) -> tuple[str, str]:
    """The names of two band members; what was told can be found."""
    opened = archive_filled.backends
    indexing.reindex(opened.database, opened.index)
    with opened.database.write() as session:
        for name in ("desk-chenda", "desk-sokha"):
            accounts.create(session, name, PASSWORD, "band", ("MB",))
    return "desk-chenda", "desk-sokha"


@pytest.fixture
def enter(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """A browser of its own with somebody signed in."""
    contexts: list[BrowserContext] = []

    def come(name: str, width: int = 1280, language: str = "en", **given: object) -> Page:
        size = {"width": width, "height": 740}
        context = browser.new_context(viewport=size, reduced_motion="reduce", **given)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        sign_in(page, site, name, PASSWORD, language)
        return page

    yield come
    for context in contexts:
        context.close()


def a_song(filled: Filling, title: str) -> str:
    with filled.backends.database.write() as session:
        song = Song(slug=title, title_km=title, title_en=title, state="draft")
        session.add(song)
        session.flush()
        shared_draft.begin(session, song, [shared_draft.DraftLine("first", "verse 1")], None)
    return title


def lines(page: Page) -> list[str]:
    return [field.input_value() for field in page.locator(".dline-km").all()]


def saved(page: Page) -> None:
    """Everything that was written here is in the archive."""
    until(page, "!Object.keys(localStorage).some(key => key.startsWith('desk-unsent:'))")
    expect(page.locator(".sync")).to_have_attribute("data-state", "kept")


def read(page: Page, wanted: list[str]) -> None:
    """The page comes to show these lines."""
    fields = page.locator(".dline-km")
    expect(fields).to_have_count(len(wanted))
    for number, words in enumerate(wanted):
        expect(fields.nth(number)).to_have_value(words)


def agreed(pages: list[Page]) -> list[str]:
    """What two pages come to show alike: the archive has all of it, and each hears of the other when it next asks."""
    for page in pages:
        saved(page)
    deadline = time.monotonic() + 90
    while lines(pages[0]) != lines(pages[1]) and time.monotonic() < deadline:
        pages[0].wait_for_timeout(250)
    first, second = lines(pages[0]), lines(pages[1])
    assert first == second
    return first


def write_four_lines(page: Page, site: str) -> str:
    """Begin a song with four lines; its address."""
    page.goto(f"{site}/desk?lang=en")
    page.fill("#title_km", "បទដំបូង")
    page.click(".desk-new button[type=submit]")
    fields = page.locator(".dline-km")
    expect(fields).to_have_count(1)
    fields.nth(0).fill(FOUR_LINES[0])
    for number, words in enumerate(FOUR_LINES[1:], 1):
        fields.nth(number - 1).press("Enter")
        expect(fields.nth(number)).to_be_focused()
        page.keyboard.type(words)
    saved(page)
    page.reload()
    read(page, list(FOUR_LINES))
    return page.url


def say_where_lines_are_from(page: Page) -> None:
    """Three lines take what lies on the desk as their source, and the fourth is the band's own."""
    for number in range(3):
        line = page.locator(".dline").nth(number)
        line.locator("[data-more]").click()
        line.locator("[data-choose]").click()
        page.locator(".clip [data-use]").first.click()
        expect(line.locator(".dline-from")).to_have_text("1 source")
        line.locator(".dsource-relation").select_option("inspired")
    last = page.locator(".dline").nth(3)
    last.locator("[data-more]").click()
    last.locator("[data-own]").check()
    expect(last.locator(".dline-from")).to_have_text("The band’s own")


def test_a_newcomer_makes_a_sourced_verse_on_a_phone(
    enter: Callable[..., Page], site: str, archive_filled: Filling, members: tuple[str, str]
) -> None:
    page = enter(members[0], 360)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    address = write_four_lines(page, site)

    # What was said is put on the desk from the search, with one press, and lies with this song.
    page.goto(f"{site}/search?q=factory&lang=en")
    page.locator(".clip-form button").first.click()
    expect(page.locator(".notice")).to_contain_text("Put on the desk")
    page.locator(".notice a").click()
    expect(page.locator(".dline")).to_have_count(4)

    say_where_lines_are_from(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    saved(page)
    page.reload()
    expect(page.locator(".dline-from")).to_have_text(["1 source", "1 source", "1 source", "The band’s own"])
    read(page, list(FOUR_LINES))

    page.click('.desk-rooms a[href$="/versions"]')
    page.click(".desk-keep button[type=submit]")
    expect(page.locator(".kept-versions > li")).to_have_count(1)
    page.goto(address + "/provenance")
    expect(page.locator(".origin")).to_have_count(4)
    expect(page.locator(".origin-told")).to_have_count(3)
    assert troubles == []
    slug = address.split("?")[0].rsplit("/", 1)[1]
    with archive_filled.backends.database.read() as session:
        song = session.scalars(select(Song).where(Song.slug == slug)).one()
        assert [line.km for line in shared_draft.draft_lines(session, song.id)] == list(FOUR_LINES)
        assert session.scalars(select(Clipping).where(Clipping.song_id == song.id)).one().quote


def test_two_browsers_write_one_draft_through_bad_lines_and_lose_nothing(
    enter: Callable[..., Page], site: str, archive_filled: Filling, members: tuple[str, str]
) -> None:
    slug = a_song(archive_filled, "two-at-once")
    chance = random.Random(20)
    pages = [enter(name) for name in members]
    for page in pages:
        page.goto(f"{site}/desk/song/{slug}")
        expect(page.locator(".dline")).to_have_count(1)
    expect(pages[0].locator(".people")).to_contain_text(members[1])
    written: list[str] = []
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        number = chance.randrange(2)
        page = pages[number]
        if chance.random() < 0.25:
            page.context.set_offline(chance.random() < 0.6)
        word = f"«{number}{len(written)}»"
        fields = page.locator(".dline-km")
        place = chance.randrange(fields.count())
        if chance.random() < 0.2:
            fields.nth(place).press("Enter")
            page.wait_for_timeout(60)
            page.keyboard.type(word)
        elif chance.random() < 0.15:
            fields.nth(place).press(chance.choice(("Alt+ArrowUp", "Alt+ArrowDown")))
            continue
        else:
            fields.nth(place).press(chance.choice(("Control+Home", "Control+End")))
            page.keyboard.type(word)
        written.append(word)
        page.wait_for_timeout(chance.randrange(40, 400))
        if fields.count() > 12:
            for _ in range(3):
                fields.nth(chance.randrange(fields.count())).press("Control+End")
    for page in pages:
        page.context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
    first = agreed(pages)
    for word in written:
        assert sum(line.count(word) for line in first) == 1, (word, first)
    with archive_filled.backends.database.read() as session:
        song = session.scalars(select(Song).where(Song.slug == slug)).one()
        assert [line.km for line in shared_draft.draft_lines(session, song.id)] == first
        assert session.get_one(Draft, song.id).revision > 3
    assert len(written) >= SECONDS / 2


def test_a_phone_writes_without_a_line_and_joins_when_it_is_back(
    enter: Callable[..., Page], site: str, archive_filled: Filling, members: tuple[str, str]
) -> None:
    slug = a_song(archive_filled, "on-the-road")
    phone, laptop = enter(members[0], 360), enter(members[1])
    for page in (phone, laptop):
        page.goto(f"{site}/desk/song/{slug}")
        expect(page.locator(".dline")).to_have_count(1)
        saved(page)
    phone.context.set_offline(True)
    phone.fill(".dline-km", "សរសេរក្នុងឡាន")
    expect(phone.locator(".sync")).to_have_attribute("data-state", "offline")
    expect(phone.locator(".sync")).to_contain_text("kept on this device")
    laptop.locator(".dline-km").press("Enter")
    expect(laptop.locator(".dline-km").nth(1)).to_be_focused()
    laptop.keyboard.type("សរសេរលើតុ")
    saved(laptop)
    phone.context.set_offline(False)
    phone.evaluate("dispatchEvent(new Event('online'))")
    saved(phone)
    for page in (phone, laptop):
        read(page, ["សរសេរក្នុងឡាន", "សរសេរលើតុ"])


def test_the_desk_by_keyboard_with_undo(
    enter: Callable[..., Page], site: str, archive_filled: Filling, members: tuple[str, str]
) -> None:
    slug = a_song(archive_filled, "by-keys")
    page = enter(members[0])
    page.goto(f"{site}/desk/song/{slug}")
    page.locator(".dline-km").press_sequentially("មួយ")
    page.keyboard.press("Enter")
    expect(page.locator(".dline-km").nth(1)).to_be_focused()
    page.keyboard.type("ពីរ")
    page.keyboard.press("Alt+ArrowUp")
    until(page, "document.querySelector('.dline-km').value === 'ពីរ'")
    expect(page.locator(".dline-km").nth(0)).to_be_focused()
    page.keyboard.press("Control+.")
    expect(page.locator(".dline").nth(0).locator(".dline-more")).to_be_visible()
    page.keyboard.press("Control+z")
    until(page, "document.querySelector('.dline-km').value === 'មួយ'")
    page.locator(".dline").nth(0).locator("[data-more]").click()
    page.locator(".dline").nth(0).locator("[data-take-out]").click()
    expect(page.locator(".dline")).to_have_count(1)
    expect(page.locator(".taken-lines")).to_contain_text("1")
    page.click("[data-undo]")
    expect(page.locator(".dline")).to_have_count(2)
    expect(page.locator(".dline").nth(1).locator(".dline-more")).to_be_visible()
    page.locator(".dline").nth(1).locator(".dcomment-form textarea").fill("ល្អណាស់")
    page.locator(".dline").nth(1).get_by_role("button", name="Comment").click()
    expect(page.locator(".dline").nth(1).locator(".dcomment")).to_contain_text("ល្អណាស់")
    expect(page.locator(".dline").nth(1).locator("[data-more]")).to_contain_text("1 comments")


def test_a_clipping_is_dropped_on_a_line_and_helps_are_at_hand(
    enter: Callable[..., Page], site: str, archive_filled: Filling, members: tuple[str, str]
) -> None:
    page = enter(members[0])
    page.goto(f"{site}/desk/song/one-length-of-thread")
    expect(page.locator(".clip").first).to_be_visible()
    page.locator('[data-add="line"]').click()
    line = page.locator(".dline").last
    page.locator(".clip").first.drag_to(line)
    expect(line.locator(".dline-from")).to_have_text("1 source")
    line.locator("[data-more]").click()
    expect(line.locator(".dsource")).to_have_count(1)
    first = page.locator(".dline").first
    first.locator("[data-more]").click()
    for kind in ("likely", "rhymes", "usage"):
        first.locator(f"[data-{kind}]").click()
        expect(first.locator(".dhelp h4")).to_be_visible()
    expect(first.locator(".dline-count")).to_contain_text(re.compile(r"\d"))


def test_signing_out_leaves_nothing_of_the_desk_in_the_browser(
    enter: Callable[..., Page], site: str, archive_filled: Filling, members: tuple[str, str]
) -> None:
    slug = a_song(archive_filled, "left-behind")
    page = enter(members[0])
    page.goto(f"{site}/desk/song/{slug}")
    page.locator(".dline-km").press_sequentially("ពាក្យសម្ងាត់")
    saved(page)
    assert any(name.startswith("desk-") for name in kept_in(page))
    page.click("form.who button")
    page.wait_for_selector(".sign-in")
    assert kept_in(page) == []


def kept_in(page: Page) -> list[str]:
    found = page.evaluate("indexedDB.databases().then(all => all.map(one => one.name))")
    return [name for name in found if name.startswith("desk-")]


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_at_the_desk(
    enter: Callable[..., Page], site: str, archive_filled: Filling, members: tuple[str, str], width: int
) -> None:
    page = enter(members[0], width, bypass_csp=True)
    song = "/desk/song/one-length-of-thread"
    told = archive_filled.testimonies["the-day-the-line-fell"]
    rooms = (
        "/desk",
        song,
        *(f"{song}/{name}" for name in ("versions", "publish", "provenance")),
        f"/desk/testimony/{told}",
    )
    for address in rooms:
        page.goto(site + address)
        if address == song:
            page.wait_for_selector(".dline")
            page.locator(".dline [data-more]").first.click()
            expect(page.locator(".dline .dline-more").first).to_be_visible()
            expect(page.locator(".dline .dline-count").first).to_contain_text(re.compile(r"\d"))
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
        assert found == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


# Every sound that the page makes writes down where it was when it began to be heard.
CATCH_ALL = """
const Real = window.Audio;
window.began = [];
window.made = [];
window.Audio = function (...given) {
  const one = new Real(...given);
  one.addEventListener("playing", () => window.began.push(one.currentTime * 1000));
  window.made.push(one);
  return one;
};
"""


def test_one_tap_on_a_sung_line_plays_what_she_said_from_its_start(page: Page, site: str) -> None:
    page.add_init_script(CATCH_ALL)
    page.goto(f"{site}/song/one-length-of-thread")
    told = [one for one in page.locator(".line .voices").all() if one.locator(".moment").count()]
    assert len(told) > 4
    for voices in told[:4]:
        voices.locator("summary").first.click()
        moment = voices.locator(".moment").first
        start = float(moment.get_attribute("data-start") or "-1")
        began = [tapped(page, moment)]
        while abs(min(began, key=lambda at: abs(at - start)) - start) > 300 and len(began) < 3:
            page.click(".player-close")  # a busy machine looks late; what counts is where the sound was sent to
            began.append(tapped(page, moment))
        assert abs(min(began, key=lambda at: abs(at - start)) - start) <= 300, (start, began)


def tapped(page: Page, moment: Locator) -> float:
    """Tap, and say from where it was heard."""
    page.evaluate("window.began.length = 0")
    moment.click()
    until(page, "window.began.length > 0")
    began = float(page.evaluate("window.began[0]"))
    page.evaluate("window.made.forEach(one => one.pause())")
    return began
