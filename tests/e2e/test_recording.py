"""A recording made where she speaks: agreed aloud, without a connection, through a killed browser, and sent over a line
that breaks. The ten-minute case with three kills and twenty cuts is `tests/bench/recorder.py`.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect
from sqlalchemy import select

from archive.access.sound import quarantine_key
from archive.accounts import accounts
from archive.consent import decisions, redaction
from archive.models import Recording, TappedMoment, Testimony
from media.decode import probe
from tests.e2e.conftest import AXE, sign_in
from tests.e2e.recorder import SHOPS, Opened, press
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
WORDS = "ឈ្មោះភូមិនៅទីនេះ"
CHOSEN = "ដារ៉ា"
KILLED_MS = 3000


@pytest.fixture(scope="module")
def band(archive_filled: Filling) -> Filling:
    with archive_filled.backends.database.write() as session:
        for name in ("theary-records", "sokha-records"):
            accounts.create(session, name, PASSWORD, "band", ("WNU",))
    return archive_filled


def kill(profile: Path) -> None:
    """As when the battery is empty: every process of the browser that has this profile, at once."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(profile).encode() in entry.read_bytes():
                os.kill(int(entry.parent.name), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue


def lying_open(profile: Path, *words: bytes) -> list[str]:
    """The files of a browser's profile in which one of these can be read."""
    found = []
    for path in profile.rglob("*"):
        if path.is_file() and any(word in path.read_bytes() for word in words):
            found.append(str(path.relative_to(profile)))
    return found


def test_what_is_told_survives_a_killed_browser_and_a_broken_line(
    telephone: Opened, tmp_path: Path, site: str, band: Filling
) -> None:
    with telephone() as context:
        opened_once(context, site)
        spoken_s = told_until_it_dies(context, site)
        kill(tmp_path / "profile")
    with telephone() as context:
        gone_on_with(context, site, spoken_s)
    names = [text.encode(form) for text in (WORDS, CHOSEN) for form in ("utf-8", "utf-16-le")]
    kept = [path.read_bytes() for path in (tmp_path / "profile").rglob("*.log") if "IndexedDB" in str(path)]
    assert sum(map(len, kept)) > 10_000  # it does lie there
    assert lying_open(tmp_path / "profile", b"OpusHead", b"\x1aE\xdf\xa3", *names) == []
    with telephone() as context:
        page = context.new_page()
        sign_in(page, site, "theary-records", PASSWORD, own=True)  # her session is long over
        page.goto(f"{site}/record")
        hashes, cuts = sent_through_cuts(page)
    assert cuts
    came_whole(band, hashes, tmp_path, spoken_s)


def opened_once(context: BrowserContext, site: str) -> None:
    """With a connection, as it has to be, and then there is none."""
    page = context.new_page()
    sign_in(page, site, "theary-records", PASSWORD, own=True)
    page.goto(f"{site}/record")
    expect(page.locator(".recorder[data-kept]")).to_be_attached()
    page.close()
    context.set_offline(True)


def told_until_it_dies(context: BrowserContext, site: str) -> float:
    """Agreed and told for some seconds; how many."""
    page = context.new_page()
    page.goto(f"{site}/record")
    press(page, "[data-do=start]")
    press(page, "[data-do=ask]")
    expect(page.locator("[data-step=hear]")).to_be_visible()
    page.wait_for_timeout(2500)
    assert page.evaluate(SHOPS) == []  # before an answer nothing is kept
    press(page, "[data-answer=songs]")
    press(page, "[data-question=radio][data-answer=no]")
    press(page, "[data-question=name][data-answer=chosen]")
    told = time.monotonic()
    page.fill("[data-tap-words]", WORDS)
    press(page, "[data-tap=matters]")
    page.wait_for_timeout(2000)
    press(page, "[data-tap=out]")
    page.wait_for_timeout(1000)
    press(page, "[data-tap=out]")
    page.wait_for_timeout(2200)
    return 2.5 + time.monotonic() - told


def gone_on_with(context: BrowserContext, site: str, spoken_s: float) -> None:
    """Opened again without a connection: no more than three seconds are missing; it is gone on with and finished."""
    context.set_offline(True)
    page = context.new_page()
    page.goto(f"{site}/record")
    press(page, "[data-do=go-on]")
    expect(page.locator("[data-clock]")).not_to_have_text("0:00")
    minutes, seconds = page.locator("[data-clock]").inner_text().split(":")
    assert spoken_s - int(minutes) * 60 - int(seconds) - 1 <= KILLED_MS / 1000
    page.wait_for_timeout(3000)
    press(page, "[data-do=finish]")
    press(page, "[data-do=about]")
    page.check("[name=community][value=farmer]")
    page.fill("#narrator_km", CHOSEN)
    press(page, "form .record-big")
    expect(page.locator(".record-one")).to_have_count(1)


def came_whole(band: Filling, hashes: list[str], folder: Path, spoken_s: float) -> None:
    with band.backends.database.read() as session:
        testimony = session.scalars(select(Testimony).order_by(Testimony.created_at.desc())).first()
        assert testimony is not None
        recording = session.get_one(Recording, testimony.recording_id)
        events = decisions.events_of(session, testimony.id)
        marks = redaction.marks_of(session, testimony.id)
        tap = session.scalars(select(TappedMoment).where(TappedMoment.testimony_id == testimony.id)).one()
    assert [recording.sha256] == hashes
    assert testimony.narrator.pseudonym_km == CHOSEN
    assert (testimony.collected_by, testimony.narrator.community) == ("WNU", "farmer")
    assert [one.evidence["answer"] for one in events] == ["songs"]
    assert int(str(events[0].evidence["end_ms"])) >= 2400
    assert (tap.kind, tap.words, len(marks)) == ("matters", WORDS, 1)
    path = folder / "came.webm"
    path.write_bytes(b"".join(band.backends.store.read(quarantine_key(recording.id))))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == recording.sha256
    assert probe(path).duration_ms >= (spoken_s + 3) * 1000 - KILLED_MS - 500


def sent_through_cuts(page: Page) -> tuple[list[str], int]:
    """Send what waits while the line is cut again and again; the hashes that the archive answered, and the requests."""
    cuts = 0
    hashes: list[str] = []

    def line(route: Route) -> None:
        nonlocal cuts
        cuts += 1
        if cuts % 2 and cuts < 4:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    def note(asked: Request) -> None:
        if asked.url.endswith("/record/parcel") and (answer := asked.response()):
            hashes.append(answer.json()["sha256"])

    page.route("**/ingest/uploads/*", line)
    page.on("requestfinished", note)
    press(page, "[data-do=send]")
    expect(page.locator(".record-one [data-said] a")).to_be_visible()
    assert page.evaluate(SHOPS) == []
    return hashes, cuts


def test_every_step_can_be_pressed_read_and_heard_at_320_in_khmer(telephone: Opened, site: str, band: Filling) -> None:
    with telephone() as context:
        page = context.new_page()
        page.set_viewport_size({"width": 320, "height": 640})
        sign_in(page, site, "theary-records", PASSWORD, "km", own=True)
        page.goto(f"{site}/record?lang=km")
        page.evaluate(AXE.read_text("utf-8"))
        for what in ("start", "ask", "songs", "yes", "none", "finish", "about"):
            look(page)
            page.locator(f"[data-step]:not([hidden]) :is([data-do={what}], [data-answer={what}])").focus()
            page.keyboard.press("Enter")
            page.wait_for_timeout(900)
        look(page)
        expect(page.locator("[data-step=about]")).to_be_visible()


def look(page: Page) -> None:
    step = page.locator("[data-step]:not([hidden])").get_attribute("data-step")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, step
    found = page.evaluate("async () => (await axe.run()).violations.map(({ id, nodes }) => [id, nodes[0].html])")
    assert found == [], step


def test_on_a_shared_computer_there_is_no_recorder(page: Page, site: str, band: Filling) -> None:
    sign_in(page, site, "sokha-records", PASSWORD)
    page.goto(f"{site}/record")
    expect(page.get_by_text("This is my own device")).to_be_visible()
    assert page.locator("[data-do]").count() == 0
    assert page.evaluate(SHOPS) == []
    page.get_by_role("button", name="This is my own device").click()  # by her own word, and she stays signed in
    expect(page.locator("[data-do=start]")).to_be_visible()
