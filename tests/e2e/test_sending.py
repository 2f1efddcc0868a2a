"""From a telephone over a line that breaks: a long recording goes on by itself, and after the page was closed."""

from __future__ import annotations

import random
import time
import wave
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect
from sqlalchemy import select

from archive.models import Recording
from tests.e2e.test_describing import phone
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PIECES = 5


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """A recording of a little more than four pieces, unlike any other."""
    path = tmp_path / "told.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(random.Random(3).randbytes(2_150_000) * 2)
    return path


def offsets(page: Page) -> list[int]:
    """Where each piece that the archive answered began, as they go."""
    seen: list[int] = []

    def note(asked: Request) -> None:
        if asked.method == "PATCH":
            seen.append(int(asked.headers["upload-offset"]))

    page.on("requestfinished", note)
    return seen


def choose(page: Page, site: str, told: Path) -> None:
    page.goto(f"{site}/ingest", wait_until="networkidle")  # with its script
    page.set_input_files("#files", told)
    page.select_option("#community", "farmer")
    page.get_by_role("button", name="Put into the archive").click()


def test_a_long_recording_survives_a_line_that_breaks_and_a_closed_page(
    browser: Browser, site: str, archive_filled: Filling, told: Path
) -> None:
    page = phone(browser, site, archive_filled, "phone-sending")
    sent = offsets(page)
    cut = {"after": 2}

    def line(route: Route) -> None:
        if route.request.method == "PATCH" and len(sent) >= cut["after"]:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/ingest/uploads/*", line)
    choose(page, site, told)
    expect(page.locator(".chosen-said")).to_contain_text("The line is away")
    cut["after"] = 3  # it comes back for one piece, by itself
    until = time.monotonic() + 60
    while len(sent) < 3 and time.monotonic() < until:
        page.wait_for_timeout(100)
    page.goto(f"{site}/")  # and the page is closed
    cut["after"] = 99
    choose(page, site, told)
    expect(page.locator(".coming").first).to_contain_text("told.wav")
    assert sent == sorted(set(sent)), "no piece came twice"
    assert len(sent) == PIECES
    with archive_filled.backends.database.read() as session:
        assert (
            session.scalars(select(Recording.size).where(Recording.original_name == "told.wav")).one()
            == told.stat().st_size
        )
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('upload:'))"
    assert page.evaluate(kept) == []
    page.context.close()
