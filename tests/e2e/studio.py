"""What a browser test of the studio needs: a draft song's rows as they were kept, and waiting until they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page
from sqlalchemy import select

from archive.models import LineTiming, Song, StudioEdit
from tests.web.filling import Filling

# Presses Space whenever the song comes to one of the moments, and keeps what the sound itself said just then.
TAP = """
async (moments) => {
  const audio = document.querySelector('.timing audio');
  const pressed = [];
  for (const moment of moments) {
    while (audio.currentTime * 1000 < moment) await new Promise((done) => setTimeout(done, 4));
    pressed.push(audio.currentTime * 1000);
    const key = { key: ' ', bubbles: true, cancelable: true };
    document.body.dispatchEvent(new KeyboardEvent('keydown', key));
    document.body.dispatchEvent(new KeyboardEvent('keyup', key));
  }
  return pressed;
}
"""


@dataclass(frozen=True)
class Studio:
    """A draft song in the archive behind the site."""

    filling: Filling
    slug: str
    arrangement: str
    lines: tuple[str, ...]

    def starts(self) -> list[int | None]:
        with self.filling.backends.database.read() as session:
            query = select(LineTiming).where(LineTiming.arrangement_id == self.arrangement)
            rows = {row.line_id: row.start_ms for row in session.scalars(query)}
        return [rows.get(line) for line in self.lines]

    def edits(self) -> list[StudioEdit]:
        with self.filling.backends.database.read() as session:
            song = session.scalars(select(Song).where(Song.slug == self.slug)).one()
            return list(
                session.scalars(select(StudioEdit).where(StudioEdit.song_id == song.id).order_by(StudioEdit.number))
            )


def timing_page(studio: Studio) -> str:
    return f"/studio/{studio.slug}/time/{studio.arrangement}"


def until(condition: Callable[[], object], page: Page, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        page.wait_for_timeout(60)


def saved(page: Page) -> None:
    until(lambda: page.locator(".saved").get_attribute("data-state") == "saved", page)


def western(text: str) -> str:
    """A text with its Khmer digits as Latin ones."""
    return "".join(str(int(one)) if one.isdecimal() else one for one in text)
