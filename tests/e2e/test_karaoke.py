"""A real browser sings: the word that is lit is the word the timing says, when it says it."""

from __future__ import annotations

import base64
import time

import pytest
from playwright.sync_api import Page

from tests.web.filling import Filling

pytestmark = pytest.mark.browser
SONG = "/song/one-length-of-thread"

# Once a frame, what the sound says and which word is lit. The sound's own clock is read here, not the player's.
WATCH = """
() => {
  window.seen = [];
  const audio = window.heard;
  const look = () => {
    const lit = document.querySelector('.words .sung > .word.is-now');
    window.seen.push({
      at: audio.currentTime * 1000, running: !audio.paused && audio.readyState > 2 && !audio.seeking,
      start: lit ? Number(lit.dataset.s) : null, end: lit ? Number(lit.dataset.e) : null,
    });
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""
# The player's audio element is not in the page; what a script makes with `new Audio()` is kept here to be looked at.
CATCH = """
const Real = window.Audio;
window.Audio = function (...given) { const made = new Real(...given); window.heard ??= made; return made; };
"""
TOLERANCE_MS = 100


def wrong_words(seen: list[dict[str, float]], words: list[tuple[int, int]]) -> list[dict[str, float]]:
    """The frames in which no word that is due within the tolerance was lit, or one was that is not."""
    wrong = []
    for frame in seen:
        near = [w for w in words if w[0] - TOLERANCE_MS <= frame["at"] <= w[1] + TOLERANCE_MS]
        due = [w for w in words if w[0] + TOLERANCE_MS <= frame["at"] < w[1] - TOLERANCE_MS]
        lit = None if frame["start"] is None else (frame["start"], frame["end"])
        if (due and lit != due[0]) or (lit is not None and lit not in near):
            wrong.append(frame)
    return wrong


@pytest.fixture
def words(archive_filled: Filling) -> list[tuple[int, int]]:
    song = next(s for s in archive_filled.collection.songs if SONG.endswith(s.id))
    return [(word.start_ms, word.end_ms) for line in song.lines for word in line.words]


def until(page: Page, condition: str, seconds: float = 60) -> None:
    """Wait for a condition; Playwright's own waiting evaluates strings in the page, which the site's policy forbids."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(f"Boolean({condition})"):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(30)


def at_rest(page: Page, selector: str, seconds: float = 60) -> None:
    """Wait until what moves of itself, such as a page that scrolls to its line, stands still."""
    deadline, still, before = time.monotonic() + seconds, 0, None
    while still < 4:
        assert time.monotonic() < deadline, selector
        page.wait_for_timeout(80)
        now = page.locator(selector).bounding_box()
        still, before = (still + 1 if now == before and now is not None else 0), now


def play_from(page: Page, site: str, milliseconds: int) -> None:
    page.add_init_script(CATCH)
    page.goto(site + SONG)
    page.click(".song-act .play")
    until(page, "window.heard && window.heard.readyState > 2")
    page.evaluate("at => { window.heard.currentTime = at / 1000 }", milliseconds)
    until(page, "!window.heard.seeking && !window.heard.paused")


def test_the_lit_word_is_the_one_that_is_sung(page: Page, site: str, words: list[tuple[int, int]]) -> None:
    play_from(page, site, words[0][0] - 500)
    page.evaluate(WATCH)
    until(page, "new Set(window.seen.map(frame => frame.start)).size > 9 && window.seen.length > 100", 40)
    seen = [frame for frame in page.evaluate("window.seen") if frame["running"]]
    sung = {frame["start"] for frame in seen if frame["start"] is not None}
    assert len(seen) > 60
    assert len(sung) >= 8
    wrong = wrong_words(seen, words)
    assert len(wrong) <= 0.01 * len(seen), wrong[:5]


def test_it_follows_a_seek_and_a_slower_speed(page: Page, site: str, words: list[tuple[int, int]]) -> None:
    play_from(page, site, words[20][0])
    for _ in range(5):
        page.keyboard.press("[")
    until(page, "window.heard.playbackRate === 0.75 && window.heard.preservesPitch")
    page.keyboard.press("ArrowLeft")
    until(page, "!window.heard.seeking")
    page.evaluate(WATCH)
    until(page, "new Set(window.seen.map(frame => frame.start)).size > 4 && window.seen.length > 60", 40)
    seen = [frame for frame in page.evaluate("window.seen") if frame["running"]]
    assert seen[0]["at"] < words[20][0] + 2000
    wrong = wrong_words(seen, words)
    assert len(wrong) <= 0.01 * len(seen), wrong[:5]


# In the first frame in which the music plays and the voice has stopped: how far one is from the other, in seconds.
CHANGED = """() => {
  const look = () => {
    const [voice, music] = window.all;
    if (!music || music.paused || music.seeking || !voice.paused) requestAnimationFrame(look);
    else window.changed = [music.currentTime - voice.currentTime];
  };
  requestAnimationFrame(look);
}"""


def test_the_voice_goes_and_comes_without_losing_the_place(page: Page, site: str) -> None:
    page.add_init_script(
        "const Real = window.Audio; window.all = [];"
        "window.Audio = function () { const made = new Real(); window.all.push(made); return made; };"
    )
    page.goto(site + SONG)
    page.click(".song-act .play")
    until(page, "window.all[0].currentTime > 1")
    page.evaluate(CHANGED)
    page.keyboard.press("v")
    page.wait_for_selector('[data-tool="voice"][aria-pressed="false"]')
    until(page, "window.changed")
    assert abs(page.evaluate("window.changed[0]")) < 0.4
    assert page.evaluate("window.all.map(a => [a.paused, a.muted])[1]") == [False, False]
    page.keyboard.press("v")
    page.wait_for_selector('[data-tool="voice"][aria-pressed="true"]')
    until(page, "!window.all[0].paused && window.all[1].paused")


def test_playing_goes_on_while_other_pages_open(page: Page, site: str) -> None:
    play_from(page, site, 9000)
    page.evaluate("window.sameWindow = true")
    page.click(".wordmark")
    page.wait_for_selector(".song-list")
    page.wait_for_url(f"{site}/")
    assert page.evaluate("[window.sameWindow, window.heard.paused]") == [True, False]
    assert page.locator(".player-name").inner_text() == "អំបោះមួយខ្សែ"
    page.click('.song-row a[href="/song/one-length-of-thread"] >> nth=1')
    page.wait_for_selector(".words .word.is-now")
    page.go_back()
    page.wait_for_selector(".song-list")
    assert not page.evaluate("window.heard.paused")


def test_a_thread_is_followed_with_one_press_and_the_song_waits(page: Page, site: str) -> None:
    play_from(page, site, 9000)
    page.keyboard.press(" ")
    summary = page.locator(".voices > summary").first
    until(page, "window.heard.paused")
    if not page.locator(".voices[open]").count():
        summary.click()
    page.locator(".voices[open] .quote").first.wait_for()
    page.locator(".voices[open] .moment").first.click()
    until(page, "!window.heard.paused && window.heard.currentTime > 0")
    assert page.locator(".player-name").inner_text() == "ថ្ងៃដែលជួរដេរដួល"
    page.click(".player-toggle")
    until(page, "window.heard.paused")
    page.click(".player-back")
    until(page, "!window.heard.paused && window.heard.currentTime >= 8.5")
    assert page.locator(".player-name").inner_text() == "អំបោះមួយខ្សែ"


def test_the_stage_shows_the_line_and_the_next_one(page: Page, site: str, archive_filled: Filling) -> None:
    lines = next(s for s in archive_filled.collection.songs if SONG.endswith(s.id)).lines
    play_from(page, site, lines[1].span.start_ms + 200)
    page.keyboard.press("f")
    page.wait_for_selector(".stage-now .word.is-now")
    page.keyboard.press(" ")
    until(page, "window.heard.paused")
    page.evaluate("at => { window.heard.currentTime = at / 1000 }", lines[1].words[0].start_ms + 100)
    page.locator(".stage-now > .word.is-now", has_text=lines[1].words[0].text).first.wait_for()
    sung = page.locator(".stage-now > .word").all_inner_texts()
    assert sung == [word.text for word in lines[1].words]
    assert page.locator(".stage-after").inner_text() == lines[2].km
    assert page.locator(".stage-next").inner_text() == lines[3].km
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.stage-now')).fontSize)")
    assert size >= 0.08 * 1280
    page.keyboard.press("Escape")
    page.locator(".stage").wait_for(state="hidden")


def test_sung_khmer_has_the_ink_of_plain_khmer(page: Page, site: str, words: list[tuple[int, int]]) -> None:
    """The swept line, its two colours made one, is pixel for pixel the line without a sweep."""
    play_from(page, site, words[2][0] + 150)
    page.keyboard.press(" ")
    until(page, "window.heard.paused")
    at_rest(page, ".line.is-now .sung")
    black = "document.querySelectorAll('.line.is-now .sung, .sweep').forEach(e => { e.style.color = 'rgb(0, 0, 0)' })"
    page.evaluate(black)
    assert page.evaluate("document.querySelector('.sweep-sung').style.clipPath").startswith("polygon")
    box = page.locator(".line.is-now .sung").bounding_box()
    assert box is not None
    clip = {"x": box["x"] - 10, "y": box["y"] - 10, "width": box["width"] + 20, "height": box["height"] + 20}
    swept = page.screenshot(clip=clip)  # type: ignore[arg-type]
    page.evaluate("document.querySelector('.is-swept').classList.remove('is-swept')")
    page.evaluate("document.querySelectorAll('.sweep').forEach(e => e.remove())")
    plain = page.screenshot(clip=clip)  # type: ignore[arg-type]
    assert ink(swept, page) == pytest.approx(ink(plain, page), rel=0.002)


def ink(image: bytes, page: Page) -> float:
    """How much of a picture is dark, as the browser that drew it decodes it."""
    return float(
        page.evaluate(
            """async data => {
              const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(data), c => c.charCodeAt(0))]));
              const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
              const pen = canvas.getContext('2d');
              pen.drawImage(bitmap, 0, 0);
              const pixels = pen.getImageData(0, 0, bitmap.width, bitmap.height).data;
              let dark = 0;
              for (let i = 0; i < pixels.length; i += 4) dark += 255 - pixels[i];
              return dark;
            }""",
            base64.b64encode(image).decode(),
        )
    )
