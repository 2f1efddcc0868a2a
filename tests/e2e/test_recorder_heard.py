"""Whoever does not read can hear every question and button of the recorder, without a line; nothing is done by it."""

from __future__ import annotations

import io
import wave

import pytest
from playwright.sync_api import Page, expect

from archive.accounts import accounts
from archive.catalogue import about
from tests.e2e.conftest import sign_in
from tests.e2e.recorder import SHOPS, Opened, press
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
SPEAKS = """
window.said = [];
window.speechSynthesis.getVoices = () => [
  { lang: "km-KH", localService: false, name: "asks a server" }, { lang: "km_KH", localService: true, name: "here" }];
window.SpeechSynthesisUtterance = class extends EventTarget { constructor(words) { super(); this.words = words; } };
window.speechSynthesis.speak = (one) => window.said.push([one.words, one.voice.name]);
"""
PLAYING = "() => [...document.querySelectorAll('.recorder audio')].filter((one) => !one.paused).map((one) => one.src)"
WITHOUT_EAR = """() => [...document.querySelectorAll('[data-step]:not([hidden]) button')]
  .filter((one) => !one.matches('.record-ear, .record-said, [data-minute]'))
  .filter((one) => one.checkVisibility() && !one.parentElement.querySelector('.record-ear:not([hidden])'))
  .map((one) => one.outerHTML)"""


def silence(seconds: int) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(16_000 * seconds))
    return written.getvalue()


@pytest.fixture(scope="module")
def band(archive_filled: Filling) -> Filling:
    with archive_filled.backends.database.write() as session:
        by_id = accounts.create(session, "sreymom-records", PASSWORD, "band", ("WNU",)).id
        session.flush()
        for name in ("button-start", "answer-hear-band", "record-hear"):
            about.keep_instruction(session, name, silence(30), "audio/wav", by_id)
    return archive_filled


def opened_without_a_line(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    sign_in(page, site, "sreymom-records", PASSWORD, "km", own=True)
    page.goto(f"{site}/record?lang=km")
    expect(page.locator(".recorder[data-kept]")).to_be_attached()
    page.context.set_offline(True)
    page.goto(f"{site}/record?lang=km")


def test_an_ear_plays_what_was_recorded_for_its_button_and_presses_nothing(
    telephone: Opened, site: str, band: Filling
) -> None:
    with telephone() as context:
        page = context.new_page()
        opened_without_a_line(page, site)
        ears = page.locator("[data-step]:not([hidden]) .record-ear:not([hidden])")
        expect(ears).to_have_count(1)  # no other button of this step has a sound, and this browser has no voice
        ears.focus()
        page.keyboard.press("Enter")
        expect(ears).to_have_attribute("aria-pressed", "true")
        page.wait_for_function("() => [...document.querySelectorAll('audio')].some((one) => one.currentTime > 0.2)")
        assert page.evaluate(PLAYING)[0].endswith("/take-back/aloud/button-start")
        ears.press("Space")
        expect(ears).to_have_attribute("aria-pressed", "false")
        assert page.evaluate(PLAYING) == []
        press(page, "[data-do=start]")
        press(page, "[data-do=ask]")
        press(page, ".record-pair:has([data-answer=band]) .record-ear")
        page.wait_for_function("() => [...document.querySelectorAll('audio')].some((one) => one.currentTime > 0.2)")
        expect(page.locator("[data-step=hear]")).to_be_visible()
        assert page.evaluate(SHOPS) == []  # to hear an answer is not to give it
        press(page, "[data-answer=band]")
        expect(page.locator("[data-step=name]")).to_be_visible()
        assert page.evaluate(PLAYING) == []


def test_where_nothing_was_recorded_the_telephones_own_voice_speaks(
    telephone: Opened, site: str, band: Filling
) -> None:
    with telephone() as context:
        context.add_init_script(SPEAKS)
        page = context.new_page()
        opened_without_a_line(page, site)
        for what in ("start", "ask", "songs", "yes", "none", "finish", "about"):
            assert page.evaluate(WITHOUT_EAR) == []
            step = page.locator("[data-step]:not([hidden])")
            if step.locator(".record-said:visible").count():
                step.locator(".record-said").click()
            step.locator(f":is([data-do={what}], [data-answer={what}])").click()
            page.wait_for_timeout(900)
        press(page, ".record-pair:has([value=landless]) .record-ear")
        said = page.evaluate("window.said")
        assert page.evaluate(WITHOUT_EAR) == []
        words = page.locator("[data-step=about] .record-pair:has([value=landless]) label").inner_text().strip()
        assert said[-1] == [words, "here"]
        assert len(said) >= 6
        page.check("[name=community][value=landless]")
        press(page, "form .record-big")
        expect(page.locator(".record-one")).to_have_count(1)
        assert page.evaluate(WITHOUT_EAR) == []
