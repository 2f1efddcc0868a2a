"""A pack on a stick, opened from `file://` without a network: it sings, lights words up, is searched, has a stage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from archive.access import gate
from archive.accounts import accounts
from archive.songs import packing
from ingest.exports.packs import pack_jobs
from ingest.exports.packs.packing import make_pack
from tests.e2e.conftest import late_by, no_violations, sign_in
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
SONGS = ("do-not-condemn-me", "one-length-of-thread", "the-land-beneath-our-feet")
PASSWORD = "a long enough one"
ALLOWED_MS = 50
LEAD_MS = 60
OPENS_MS = 1000
# Of every word that lights up while the sound runs: how far from its moment, less the lead.
WATCH = """
() => {
  window.seen = [];
  const audio = document.querySelector("audio");
  let before = null;
  const look = () => {
    requestAnimationFrame(look);
    const word = document.querySelector(".words .word.is-now");
    if (word !== before && word && !audio.paused) {
      const now = song.clock.time();
      seen.push(now + LEAD - Number(word.dataset.s));
    }
    before = word;
  };
  look();
}
""".replace("LEAD", str(LEAD_MS))


@pytest.fixture(scope="module")
def stick(archive_filled: Filling, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stick") / "songs"
    with archive_filled.backends.database.read() as session:
        plan = packing.plan(session, gate.Viewer(role="band"), "all", pack_jobs.local_day())
    make_pack(archive_filled.backends, plan, "folder", folder, lambda _share: None)
    return folder


@pytest.fixture
def carried(browser: Browser) -> Iterator[Page]:
    """A page without a network, that fails its test when a script throws or anything but the stick is asked for."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, offline=True)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("request", lambda asked: None if asked.url.startswith(("file:", "data:")) else troubles.append(asked.url))
    yield page
    context.close()
    assert troubles == []


def test_three_songs_play_and_light_up(carried: Page, stick: Path) -> None:
    for slug in SONGS:
        carried.goto((stick / "songs" / f"{slug}.html").as_uri())
        assert carried.evaluate("document.documentElement.scrollWidth") <= 360
        carried.evaluate(WATCH)
        assert late_by(carried, ".line[data-start] .sung", ALLOWED_MS) <= ALLOWED_MS
        carried.evaluate("document.querySelector('audio').pause()")


def test_the_music_alone_goes_on_where_the_voice_was(carried: Page, stick: Path) -> None:
    carried.goto((stick / "songs" / f"{SONGS[1]}.html").as_uri())
    carried.locator(".line[data-start] .sung").nth(3).click()
    carried.wait_for_timeout(500)
    before = carried.evaluate("document.querySelector('audio').currentTime")
    carried.locator(".voice-off").click()
    carried.wait_for_timeout(800)
    assert carried.evaluate("document.querySelector('audio').src").endswith("-instrumental.mp3")
    assert before <= carried.evaluate("document.querySelector('audio').currentTime") <= before + 3
    assert carried.evaluate("!document.querySelector('audio').paused")


def test_the_stage_is_put_up_and_left_by_keys(carried: Page, stick: Path) -> None:
    carried.goto((stick / "songs" / f"{SONGS[1]}.html").as_uri())
    carried.locator(".line[data-start] .sung").nth(2).click()
    carried.locator(".to-stage").click()
    expect(carried.locator(".stage")).to_be_visible()
    expect(carried.locator(".stage-now .word.is-now")).to_be_visible()
    room, huge = carried.evaluate(
        "[document.querySelector('.stage').scrollWidth - innerWidth,"
        " parseFloat(getComputedStyle(document.querySelector('.stage-now')).fontSize)]"
    )
    assert room <= 0
    assert huge >= 24
    carried.keyboard.press("Escape")
    carried.locator("h1").click()
    if carried.locator(".stage").is_visible():
        carried.keyboard.press("f")
    expect(carried.locator(".stage")).to_be_hidden()


def test_songs_are_found_by_their_words(carried: Page, stick: Path, archive_filled: Filling) -> None:
    carried.goto((stick / "index.html").as_uri())
    song = next(one for one in archive_filled.collection.songs if one.id == SONGS[1])
    line = song.lines[4]
    carried.fill("#find", line.km[:12])
    shown = carried.locator(f"#song-{SONGS[1]} .found a").first
    expect(shown).to_have_text(line.km)
    expect(carried.locator(".songs > li:visible")).to_have_count(1)
    shown.click()
    expect(carried.locator("#line-5")).to_be_in_viewport()
    carried.go_back()
    carried.fill("#find", "no such words at all")
    expect(carried.locator(".nothing")).to_be_visible()


def test_after_its_last_day_every_page_says_so(carried: Page, stick: Path) -> None:
    carried.goto((stick / "index.html").as_uri())
    expect(carried.locator(".past")).to_be_hidden()
    carried.clock.install()
    carried.clock.set_system_time("2040-01-01")
    for page in ("index.html", f"songs/{SONGS[0]}.html"):
        carried.goto((stick / page).as_uri())
        expect(carried.locator(".past")).to_be_visible()


def test_a_song_s_page_opens_on_a_slow_processor(carried: Page, stick: Path) -> None:
    """The best of some tries, since other tests are at work beside it."""
    session = carried.context.new_cdp_session(carried)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    took = []
    for _attempt in range(6):
        carried.goto((stick / "songs" / f"{SONGS[1]}.html").as_uri())
        carried.wait_for_timeout(500)
        took.append(carried.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        if took[-1] < OPENS_MS:
            return
    pytest.fail(f"no try was under {OPENS_MS} ms: {took}")


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_on_a_stick(carried: Page, stick: Path, width: int) -> None:
    carried.set_viewport_size({"width": width, "height": 800})
    carried.goto((stick / "index.html").as_uri())
    no_violations(carried, preload=False)
    carried.locator("a[href*='one-length-of-thread']").first.click()
    expect(carried.locator("h1")).to_be_visible()
    no_violations(carried, preload=False)


@pytest.mark.parametrize("language", ["km", "en"])
def test_axe_finds_nothing_where_packs_are_made_and_songs_are_kept(
    page: Page, site: str, archive_filled: Filling, language: str
) -> None:
    name = f"carries-songs-{language}"
    with archive_filled.backends.database.write() as session:
        accounts.create(session, name, PASSWORD, "band", ("MB",))
    sign_in(page, site, name, PASSWORD)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for address in ("/packs", "/kept"):
            page.goto(f"{site}{address}?lang={language}")
            no_violations(page)
