"""The highlight keeps time in Chromium: with the page's own scripts, over minutes of trouble, and with a real sound.

Three simulated minutes take some seconds; `MESSENGER_TEST_LONG` names how many to simulate instead.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.test_karaoke import CATCH, SONG, until
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
STAND_IN = Path(__file__).with_name("stand_in.js")
MINUTES = float(os.environ.get("MESSENGER_TEST_LONG") or 3)
LEAD_MS = 60
ALLOWED_MS = 50

# Sings for so many minutes and brings trouble on the way. Of every word: how far from its moment, less the lead, it was
# lit. Of every frame: how far the song's time was from the sound's, and whether time or the sweep went back by itself.
RUN = """
async minutes => {
  const { sound } = machine;
  const seen = { words: [], frames: [], back: 0, sweptBack: 0, lit: new Set() };
  Object.assign(seen, { stalls: 0, seeks: 0, jumps: 0, rates: 0 });
  let shown = null, last = -Infinity, edge = -Infinity, swept = null, word = null;
  addEventListener("song:time", event => { shown = event.detail; });
  const press = name => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
  const FRAME = 1000 / 60, chance = (() => { let s = 7; return () => (s = s * 16807 % 2147483647) / 2147483647; })();
  let next = 0, speed = 0;
  for (let spent = 0, n = 0; spent < minutes * 60000; n += 1) {
    const length = chance() < 0.03 ? FRAME * (2 + Math.floor(chance() * 4)) : FRAME;
    spent += length;
    if (spent > next) {
      next = spent + 1700 + chance() * 900;
      const kind = Math.floor(chance() * 6);
      if (kind === 0) { sound.stall(300 + chance() * 900); seen.stalls += 1; }
      if (kind === 1) { sound.frozen = 120; seen.stalls += 1; }
      if (kind === 2) { press(chance() < 0.5 ? "ArrowRight" : "ArrowLeft"); seen.seeks += 1; }
      if (kind === 3) { sound.jump = 300 + chance() * 300; seen.jumps += 1; machine.jumping = 50; }
      if (kind === 4) {
        speed = (speed + 1) % 3;
        const wanted = [1, 0.75, 1.25][speed];
        while (Math.abs(sound.playbackRate - wanted) > 0.01) press(sound.playbackRate > wanted ? "[" : "]");
        seen.rates += 1;
      }
      if (sound.real > 88000) document.querySelector(".line[data-start] .sung > .word").click();
    }
    if (machine.jumping > 0 && (machine.jumping -= length) <= 0) sound.jump = 0;
    machine.sought = false;
    const before = sound.real;
    machine.frame(length);
    if (machine.sought || sound.seeking) { last = -Infinity; swept = null; word = null; continue; }
    if (shown !== null) {
      seen.frames.push(Math.abs(shown - sound.real));
      if (shown < last - 0.001) seen.back += 1;
      last = shown;
    }
    const lit = document.querySelector(".words .sung > .word.is-now");
    if (lit && lit !== word && word !== null) seen.words.push(sound.real - (Number(lit.dataset.s) - 60));
    if (lit) seen.lit.add(lit);
    word = lit ?? word;
    const over = document.querySelector(".words .sweep-sung");
    const at = over ? Number((over.style.clipPath.match(/polygon\\((?:[^,]+,){3}([-\\d.]+)px/) ?? [])[1] ?? NaN) : NaN;
    const row = over?.style.clipPath.split(",")[2];
    if (over && over === swept && row === machine.row && at < edge - 1) seen.sweptBack += 1;
    swept = over; machine.row = row; edge = at;
    if (n % 600 === 0) await new Promise(resolve => setTimeout(resolve));
  }
  return { ...seen, lit: seen.lit.size };
}
"""


def p95(errors: list[float]) -> float:
    ordered = sorted(abs(error) for error in errors)
    return ordered[int(len(ordered) * 0.95)]


def test_minutes_of_stalls_seeks_speeds_and_jumps_stay_within_fifty_milliseconds(page: Page, site: str) -> None:
    page.add_init_script(path=str(STAND_IN))
    page.goto(site + SONG)
    until(page, "document.querySelector('.tools:not([hidden])')")
    page.evaluate("document.querySelector('.line[data-start] .sung > .word').click()")
    seen: dict[str, Any] = page.evaluate(RUN, MINUTES)
    for trouble in ("stalls", "seeks", "jumps", "rates"):
        assert seen[trouble] >= 4 * MINUTES / 3, trouble
    assert len(seen["frames"]) > 2500 * MINUTES
    assert len(seen["words"]) > 60 * MINUTES
    assert seen["lit"] >= 40
    assert p95(seen["frames"]) <= ALLOWED_MS
    assert p95(seen["words"]) <= ALLOWED_MS
    assert seen["back"] == 0
    assert seen["sweptBack"] == 0


# With a real sound: between which two frames each word was lit, in the sound's own time.
WATCH = """
() => {
  window.onsets = [];
  let before = null, word = null;
  const look = () => {
    const at = window.heard.currentTime * 1000;
    const lit = document.querySelector('.words .sung > .word.is-now');
    if (lit && lit !== word && before !== null) window.onsets.push([Number(lit.dataset.s), before, at]);
    word = lit ?? word;
    before = at;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""


def test_words_of_a_real_sound_are_lit_sixty_milliseconds_early(page: Page, site: str, archive_filled: Filling) -> None:
    song = next(song for song in archive_filled.collection.songs if SONG.endswith(song.id))
    page.add_init_script(CATCH)
    page.goto(site + SONG)
    page.click(".song-act .play")
    until(page, "window.heard && window.heard.readyState > 2")
    page.evaluate("at => { window.heard.currentTime = at / 1000 }", song.lines[0].span.start_ms - 700)
    until(page, "!window.heard.seeking && !window.heard.paused")
    page.evaluate(WATCH)
    until(page, "window.onsets.length >= 20", 60)
    onsets: list[tuple[float, float, float]] = page.evaluate("window.onsets")
    # A word is on time when its moment lies between the frame before it was lit and the frame that lit it.
    errors = [max(0.0, before - (start - LEAD_MS), start - LEAD_MS - at) for start, before, at in onsets]
    assert p95(errors) <= ALLOWED_MS
