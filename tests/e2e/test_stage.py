"""The stage, the mixing desk and the second screen, in a browser; how heavy the page is, and axe on all of them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from archive.access import gate
from archive.songs import song_export
from ingest.exports.song_files import FORMS, written
from tests.e2e.conftest import AXE
from tests.e2e.test_karaoke import CATCH, SONG, at_rest, play_from, until
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
CATCH_ALL = """
const Real = window.Audio; window.all = [];
window.Audio = function (...given) { const made = new Real(...given); window.all.push(made); return made; };
"""
WEIGHT = 300_000


def violations(page: Page) -> list[list[str]]:
    page.add_script_tag(path=str(AXE))
    found: list[list[str]] = page.evaluate(
        "axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
    )
    return found


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True, reduced_motion="reduce")
    yield context
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_on_song_stage_and_second_screen(browser: Browser, site: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{site}{SONG}?lang=en")
    page.click('[data-tool="settings"]')
    page.click('[data-tool="second"]')
    page.wait_for_selector(".second-open:not([hidden])")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    code = page.locator(".second-code").inner_text().replace(" ", "")
    page.keyboard.press("t")
    page.wait_for_selector(".tapping[open]")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator(".line[data-start] .sung > .word").nth(3).click()
    page.keyboard.press("f")
    page.wait_for_selector(".stage-now .word.is-now")
    assert violations(page) == []
    for address, there in (
        (f"/screen/{code}", ".stage-now"),
        ("/screen", "main form"),
        (f"{SONG}/take/mp3", "main h1"),
    ):
        page.goto(f"{site}{address}")
        page.locator(there).first.wait_for()
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    context.close()


def test_the_page_is_light_before_any_sound(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    weights: dict[str, float] = {}
    names: dict[str, str] = {}
    session.on("Network.responseReceived", lambda e: names.update({e["requestId"]: e["response"]["url"]}))
    session.on("Network.loadingFinished", lambda e: weights.update({e["requestId"]: e["encodedDataLength"]}))
    page.goto(f"{site}{SONG}", wait_until="networkidle")
    assert not [name for name in names.values() if "/media/" in name]
    assert 50_000 < sum(weights.values()) < WEIGHT
    context.close()


def test_every_row_of_the_stage_is_seen_whole(phone: BrowserContext, site: str) -> None:
    page = phone.new_page()
    play_from(page, site, 9000)
    page.keyboard.press("f")
    page.wait_for_selector(".stage-now .word.is-now")
    page.keyboard.press(" ")
    until(page, "window.heard.paused")
    for width, height in ((360, 740), (740, 360), (1280, 720), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        at_rest(page, ".stage-now")
        rows = page.evaluate(
            "[...document.querySelectorAll('.stage-lines > p')].filter(p => p.textContent)"
            ".map(p => { const b = p.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })"
        )
        assert len(rows) == 5
        room = page.evaluate("(b => [b.top, b.bottom])(document.querySelector('.stage-room').getBoundingClientRect())")
        assert min(row[0] for row in rows) >= 0
        assert max(row[2] for row in rows) <= width
        assert min(row[1] for row in rows) >= room[0] - 1
        assert max(row[3] for row in rows) <= room[1] + 1


def test_voice_and_music_are_mixed_in_step(page: Page, site: str) -> None:
    page.add_init_script(CATCH_ALL)
    page.goto(site + SONG)
    page.click(".song-act .play")
    until(page, "window.all[0].currentTime > 0.8")
    page.evaluate(
        "(e => { e.value = '40'; e.dispatchEvent(new Event('input', { bubbles: true })) })"
        "(document.querySelector('[data-mix]'))"
    )
    until(page, "window.all.length === 2 && !window.all[0].paused && !window.all[1].paused && !window.all[1].muted")
    assert page.evaluate("window.all.map(a => Math.round(a.volume * 100))") == [40, 60]
    stays_together(page)
    page.keyboard.press(" ")
    until(page, "window.all.every(a => a.paused)")
    page.keyboard.press(" ")
    until(page, "window.all.every(a => !a.paused)")
    page.keyboard.press("ArrowRight")
    until(page, "window.all.every(a => !a.seeking)")
    stays_together(page)
    page.keyboard.press("v")
    until(page, "window.all[0].paused && !window.all[1].paused && window.all[1].volume === 1")


def stays_together(page: Page) -> None:
    """The two are led together, and are then within 60 ms of each other for a second and a half."""
    near, deadline = 0, time.monotonic() + 60
    while near < 15:
        assert time.monotonic() < deadline
        page.wait_for_timeout(100)
        apart = page.evaluate("(window.all[0].currentTime - window.all[1].currentTime) * 1000")
        near = near + 1 if abs(apart) < 60 else 0


def test_another_key_goes_through_the_worklet_and_back(page: Page, site: str) -> None:
    play_from(page, site, 9000)
    page.keyboard.press("=")
    page.keyboard.press("=")
    until(page, "document.querySelector('[data-key]').textContent.trim() === '+២'")
    assert page.locator(".key-trouble").is_hidden()
    before = page.evaluate("window.heard.currentTime")
    until(page, f"window.heard.currentTime > {before} + 0.5")
    page.wait_for_selector(".words .word.is-now")
    page.keyboard.press("-")
    page.keyboard.press("-")
    until(page, "document.querySelector('[data-key]').textContent.trim() === '០'")


# A tone that begins six times, through the worklet as fast as the machine can: how much later does each begin?
THROUGH_THE_WORKLET = """async ([base, semitones]) => {
  const { SoundTouchNode } = await import(`${base}/vendor/js/soundtouch.js`);
  const { WORKLET_DELAY } = await import(`${base}/js/player/key.js`);
  const context = new OfflineAudioContext(2, 44100 * 6, 44100);
  await SoundTouchNode.register(context, `${base}/vendor/js/soundtouch-processor.js`);
  const buffer = context.createBuffer(2, 44100 * 6, 44100), starts = [1, 1.7, 2.5, 3.1, 3.9, 4.6];
  for (const channel of [0, 1]) for (const start of starts) for (let i = 0; i < 8820; i += 1) {
    buffer.getChannelData(channel)[Math.round(start * 44100) + i] = 0.6 * Math.sin(2 * Math.PI * 440 * i / 44100);
  }
  const node = new SoundTouchNode({ context }), source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(node).connect(context.destination);
  node.pitchSemitones.value = semitones;
  source.start();
  const heard = (await context.startRendering()).getChannelData(0), begins = [];
  for (let i = 0, quiet = 0; i < heard.length; i += 1) {
    if (Math.abs(heard[i]) < 0.15) { quiet += 1; continue; }
    if (quiet > 4410) begins.push(i / 44.1);
    quiet = 0;
  }
  return [WORKLET_DELAY, begins.map((at, number) => at - starts[number] * 1000)];
}"""


@pytest.mark.parametrize("semitones", [-5, 3])
def test_the_words_wait_for_the_worklet_as_long_as_it_takes(page: Page, site: str, semitones: int) -> None:
    page.goto(site + SONG)
    base = page.evaluate("document.querySelector('script[type=module]').src.split('/js/')[0]")
    told, measured = page.evaluate(THROUGH_THE_WORKLET, [base, semitones])
    assert len(measured) == 6
    assert max(abs(delay - told) for delay in measured) <= 25


def test_a_browser_without_worklets_is_told_so_and_sings_on(browser: Browser, site: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("window.AudioContext = class { constructor() { throw new Error('none'); } };")
    play_from(page, site, 9000)
    page.keyboard.press("=")
    page.wait_for_selector(".key-trouble:not([hidden])")
    assert page.evaluate("!window.heard.paused")
    context.close()


# The song's time that a device shows: where its sweep is, told by the page's own clock.
FOLLOWED = (
    """() => { const s = document.querySelector('.stage-now > .sweep-sung'); return s ? s.style.clipPath : ''; }"""
)


def test_a_second_screen_keeps_within_150_milliseconds(page: Page, browser: Browser, site: str) -> None:
    play_from(page, site, 9000)
    page.keyboard.press("d")
    page.wait_for_selector(".second-open:not([hidden])")
    code = page.locator(".second-code").inner_text().replace(" ", "")
    assert re.fullmatch(r"\d{6}", code)
    context = browser.new_context()
    other = context.new_page()
    other.goto(f"{site}/screen/{code}")
    other.wait_for_selector(".stage-now .word")
    assert not other.evaluate("document.querySelectorAll('audio').length")
    for act in ("", "ArrowRight", "["):
        if act:
            page.keyboard.press(act)
        follows(page, other)
    page.keyboard.press(" ")
    until(page, "window.heard.paused")
    stands_still(other)
    page.click(".second-end")
    until(other, "document.querySelector('.screen-said').textContent")
    context.close()


def follows(page: Page, other: Page) -> None:
    """The screen lights the words of a whole stretch within 150 ms of the stage, soon after a jump."""
    deadline = time.monotonic() + 15
    while abs(apart := behind(page, other)) > 150:
        assert time.monotonic() < deadline, apart


def stands_still(other: Page) -> None:
    """Wait until the sweep of the screen has not moved for half a second, as when it knows that the song is halted."""
    still, before, deadline = 0, "", time.monotonic() + 60
    while still < 5:
        assert time.monotonic() < deadline
        other.wait_for_timeout(100)
        now = other.evaluate(FOLLOWED)
        still, before = (still + 1 if now == before else 0), now


# Both pages run on one machine, whose clock is the same for both: when did each light up the same word?
ONSETS = """
selector => {
  window.lit = {};
  const look = () => {
    const word = document.querySelector(selector + ' > .word.is-now');
    if (word) window.lit[word.dataset.s] ??= Date.now();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""


def behind(page: Page, other: Page) -> float:
    """By how many milliseconds the other screen lights the same words later; the middle of several words."""
    page.evaluate(ONSETS, ".words .sung")
    other.evaluate(ONSETS, ".stage-now")
    shared: list[str] = []
    deadline = time.monotonic() + 60
    while len(shared) < 5:
        assert time.monotonic() < deadline
        page.wait_for_timeout(200)
        here, there = page.evaluate("window.lit"), other.evaluate("window.lit")
        shared = sorted(set(here) & set(there), key=int)[1:]  # the first may have been lit before anybody looked
    apart = sorted(there[word] - here[word] for word in shared)
    return float(apart[len(apart) // 2])


def test_tapping_along_finds_how_late_a_device_is(page: Page, site: str) -> None:
    """Taps 140 ms after each click, by the sound's own time, are found to be 140 ms late, and kept."""
    page.add_init_script(CATCH_ALL)
    page.goto(f"{site}{SONG}?lang=en")
    until(page, "document.querySelector('.tools:not([hidden])')")
    page.keyboard.press("t")
    until(page, "window.all.length > 1")
    page.evaluate(
        """() => {
          const sound = window.all[1]; let next = 0; window.late = [];
          const look = () => {
            if (next < 12 && sound.currentTime * 1000 >= 1000 + next * 700 + 140) {
              window.late.push(sound.currentTime * 1000 - 1000 - next * 700);
              next += 1;
              document.querySelector('.tap-here').dispatchEvent(new PointerEvent('pointerdown', { cancelable: true }));
            }
            if (!sound.ended) requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        }"""
    )
    page.wait_for_selector(".tap-keep:not([hidden])", timeout=20_000)
    page.click(".tap-keep")
    until(page, "localStorage.getItem('messenger.offset')")
    kept = int(page.evaluate("localStorage.getItem('messenger.offset')"))
    late = sorted(page.evaluate("window.late"))  # a busy machine has few frames, and taps in the one after the moment
    assert abs(kept - late[len(late) // 2]) <= 40
    assert page.locator("[data-offset]").inner_text() == str(kept)


def test_lyrics_are_read_out_once_and_the_line_is_marked(page: Page, site: str, archive_filled: Filling) -> None:
    line = next(song for song in archive_filled.collection.songs if SONG.endswith(song.id)).lines[1]
    play_from(page, site, line.span.start_ms + 300)
    page.keyboard.press(" ")
    until(page, "window.heard.paused")
    page.evaluate("at => { window.heard.currentTime = at / 1000 }", line.words[0].start_ms + 100)
    page.wait_for_selector(f".line[aria-current][data-start='{line.span.start_ms}'] .sweep-sung", state="attached")
    said = page.locator(".line[aria-current]").aria_snapshot()
    assert said.replace("\u200b", "").count(f"paragraph: {line.km}\n") == 1


def test_a_form_is_made_beside_the_music_and_its_row_says_so(page: Page, site: str) -> None:
    page.add_init_script(CATCH)
    play_from(page, site, 9000)
    page.locator('[data-way="m4a"] button').click()
    page.wait_for_selector('[data-way="m4a"][data-state="waiting"] progress')
    assert page.url.endswith(SONG)
    assert not page.evaluate("window.heard.paused")
    with page.expect_download() as given:
        page.locator('[data-way="lrc"] button').click()
    assert given.value.suggested_filename == "one-length-of-thread.lrc"
    assert not page.evaluate("window.heard.paused")


def test_chromium_reads_our_webvtt_with_the_times_of_its_words(page: Page, site: str, archive_filled: Filling) -> None:
    """A parser that is not ours: the browser's own, given the file as it is taken along."""
    song = next(song for song in archive_filled.collection.songs if SONG.endswith(song.id))
    with archive_filled.backends.database.read() as session:
        sheet = song_export.sheet(session, gate.PUBLIC, song.id)
    assert sheet is not None
    page.route("**/song.vtt", lambda route: route.fulfill(body=written(sheet, FORMS["vtt"]), content_type="text/vtt"))
    page.goto(site + SONG)
    cues = page.evaluate(
        """async () => {
          const video = document.body.appendChild(document.createElement('video'));
          const track = video.appendChild(document.createElement('track'));
          track.src = '/song.vtt';
          track.track.mode = 'hidden';
          await new Promise((resolve, reject) => { track.onload = resolve; track.onerror = reject; });
          return [...track.track.cues].map(cue => {
            const words = [...cue.getCueAsHTML().childNodes];
            const stamps = words.filter(node => node.nodeType === Node.PROCESSING_INSTRUCTION_NODE);
            return [cue.startTime * 1000, cue.endTime * 1000, stamps.length, cue.getCueAsHTML().textContent];
          });
        }"""
    )
    assert len(cues) == len(sheet.lines)
    for (start, end, stamps, text), line in zip(cues, sheet.lines, strict=True):
        assert abs(start - (line.start_ms or 0)) <= 1
        assert abs(end - (line.end_ms or 0)) <= 1
        assert text == line.text
        assert stamps >= len(line.words) - 1
