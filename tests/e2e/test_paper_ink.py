"""The Khmer of a song book's PDF is the Khmer of the page: its rows, drawn, have the same ink."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from media.lyric_paper import PaperLine, PaperSong, song_book
from media.typeface import Typeface
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
SLUG = "one-length-of-thread"
DOTS = 400  # an inch
ALLOWED = 0.02
"""How much the share of ink in a row's box may differ: two programs draw soft edges of the same outlines."""


PAGE = (
    "<style>@font-face{font-family:f;src:url(/face.ttf)}"
    "p{font:77.78px/2 f;color:#271b16;margin:40px}</style><p lang=km>"
)
SHOWN = "async (text) => { document.querySelector('p').textContent = text; await document.fonts.load('20px f'); }"


def rows_of_ink(picture: Image.Image) -> list[np.ndarray]:
    """The rows of text in a picture, each cut to its ink; 1.0 is black."""
    ink = 1 - np.asarray(picture.convert("L"), dtype=float) / 255
    filled = np.flatnonzero(ink.max(axis=1) > 0.3)
    parts = np.split(filled, np.flatnonzero(np.diff(filled) > 12) + 1)
    rows = [ink[part[0] : part[-1] + 1] for part in parts if len(part) > 20]
    return [
        row[:, np.flatnonzero(row.max(axis=0) > 0.3)[0] : np.flatnonzero(row.max(axis=0) > 0.3)[-1] + 1] for row in rows
    ]


@pytest.mark.poppler
def test_a_book_s_khmer_has_the_page_s_ink(browser: Browser, archive_filled: Filling, tmp_path: Path) -> None:
    song = next(one for one in archive_filled.collection.songs if one.id == SLUG)
    lines = [line.km for line in song.lines[:6]]
    paper = PaperSong("a", "", tuple(PaperLine(one) for one in lines), (), "a")
    made = tmp_path / "book.pdf"
    made.write_bytes(song_book("a", (), [paper], "a"))
    subprocess.run(
        ["pdftoppm", "-r", str(DOTS), "-f", "2", "-l", "2", "-png", str(made), str(tmp_path / "p")], check=True
    )
    [drawn] = tmp_path.glob("p*.png")
    page = Image.open(drawn)
    code = round(40 / 25.4 * DOTS)  # below the head with its code, above the foot
    printed = rows_of_ink(page.crop((0, code, page.width, round(270 / 25.4 * DOTS))))
    assert len(printed) == len(lines)
    context = browser.new_context(viewport={"width": 2400, "height": 400}, device_scale_factor=1)
    tab = context.new_page()
    tab.route(
        "**/*",
        lambda asked: (
            asked.fulfill(path=str(Typeface().file))
            if "face" in asked.request.url
            else asked.fulfill(
                content_type="text/html",
                body=PAGE,
            )
        ),
    )
    tab.goto("http://page.test/")
    for line, row in zip(lines, printed, strict=True):
        tab.evaluate(SHOWN, line)
        tab.wait_for_timeout(100)
        [seen] = rows_of_ink(Image.open(io.BytesIO(tab.screenshot())))
        assert abs(seen.shape[1] / seen.shape[0] - row.shape[1] / row.shape[0]) < 0.05 * seen.shape[1] / seen.shape[0]
        assert abs(seen.mean() - row.mean()) <= ALLOWED
    context.close()
