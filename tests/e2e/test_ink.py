"""Sung Khmer has the ink of plain Khmer: pixel for pixel in the page, in three typefaces, whatever part is sung."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.test_karaoke import CATCH, SONG, at_rest, until
from tests.web.filling import Filling
from web.site.files import STATIC

pytestmark = pytest.mark.browser
PACKAGES = Path(__file__).resolve().parents[2] / "node_modules" / "@fontsource"
FACES = {
    "Noto Sans Khmer": STATIC / "vendor" / "fonts" / "noto-sans-khmer.woff2",
    "Moul": PACKAGES / "moul" / "files" / "moul-khmer-400-normal.woff2",
    "Battambang": PACKAGES / "battambang" / "files" / "battambang-khmer-400-normal.woff2",
}
DOTTED_CIRCLE = "\u25cc"
BLACK = "document.querySelectorAll('.line.is-now .sung, .sweep').forEach(e => { e.style.color = 'rgb(0, 0, 0)' })"

# How many pixels of two pictures differ, and how much ink the second has, as the browser that drew them decodes them.
COMPARE = """async ([one, other]) => {
  const read = async data => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(data), c => c.charCodeAt(0))]));
    const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    pen.drawImage(bitmap, 0, 0);
    return pen.getImageData(0, 0, bitmap.width, bitmap.height).data;
  };
  const [a, b] = [await read(one), await read(other)];
  let different = 0, ink = 0;
  for (let i = 0; i < a.length; i += 4) {
    if ([0, 1, 2].some(channel => Math.abs(a[i + channel] - b[i + channel]) > 2)) different += 1;
    if (b[i] < 128) ink += 1;
  }
  return [different, ink];
}"""


def compared(page: Page, one: bytes, other: bytes) -> tuple[int, int]:
    different, ink = page.evaluate(COMPARE, [base64.b64encode(one).decode(), base64.b64encode(other).decode()])
    return int(different), int(ink)


@pytest.mark.parametrize("face", FACES)
def test_swept_words_are_drawn_as_plain_ones(browser: Browser, site: str, archive_filled: Filling, face: str) -> None:
    song = next(song for song in archive_filled.collection.songs if SONG.endswith(song.id))
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.add_init_script(CATCH)
    page.goto(site + SONG)
    data = base64.b64encode(FACES[face].read_bytes()).decode()
    page.add_style_tag(
        content=f"@font-face {{ font-family: 'Under test'; src: url(data:font/woff2;base64,{data}) }}"
        ".sung { font-family: 'Under test', sans-serif !important; font-weight: 400 !important }"
    )
    page.evaluate("document.fonts.load('40px \"Under test\"', 'ក')")
    page.click(".song-act .play")
    until(page, "window.heard && window.heard.readyState > 2")
    page.keyboard.press(" ")
    until(page, "window.heard.paused")
    for line in song.lines[:4]:
        words = [word for word in line.words if word.end_ms > word.start_ms]
        for word, share in ((words[0], 0.4), (words[len(words) // 2], 0.73)):
            moment = word.start_ms + (word.end_ms - word.start_ms) * share
            swept, plain = both(page, moment, line.span.start_ms)
            different, ink = compared(page, swept, plain)
            assert ink > 500
            assert different == 0, (face, line.km, moment)
    assert DOTTED_CIRCLE not in page.content()
    context.close()


def both(page: Page, moment: float, begins_ms: int) -> tuple[bytes, bytes]:
    """The line of that moment half sung, its two colours made one, and the same line as plain text."""
    page.evaluate("at => { window.heard.currentTime = (at - 60) / 1000 }", moment)
    sung = f"document.querySelector(`.line.is-now[data-start='{begins_ms}'] .sweep-sung`)"
    until(page, f"!window.heard.seeking && {sung}?.style.clipPath.startsWith('polygon')")
    page.locator(".line.is-now").evaluate("e => e.scrollIntoView({ block: 'center', behavior: 'instant' })")
    at_rest(page, ".line.is-now .sung")
    page.evaluate(BLACK)
    box = page.locator(".line.is-now .sung").bounding_box()
    assert box is not None
    clip = {"x": box["x"] - 10, "y": box["y"] - 14, "width": box["width"] + 20, "height": box["height"] + 28}
    swept = page.screenshot(clip=clip)  # type: ignore[arg-type]
    page.evaluate("document.querySelector('.is-swept').classList.remove('is-swept')")
    page.evaluate("document.querySelectorAll('.sweep').forEach(e => { e.style.display = 'none' })")
    plain = page.screenshot(clip=clip)  # type: ignore[arg-type]
    page.evaluate("document.querySelectorAll('.sweep').forEach(e => { e.style.display = '' })")
    page.evaluate("document.querySelector('.line.is-now .sung').classList.add('is-swept')")
    page.evaluate("document.querySelectorAll('.line .sung, .sweep').forEach(e => { e.style.color = '' })")
    return swept, plain
