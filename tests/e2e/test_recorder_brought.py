"""Files of other recorders wait in the recorder's list, encrypted; and of two pages of a device one writes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from archive.access import gate
from archive.access.gate import PUBLIC
from archive.accounts import accounts
from archive.consent import decisions
from archive.models import Recording, Testimony
from tests.e2e.conftest import AXE, sign_in
from tests.e2e.recorder import SHOPS, Opened, press
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"


@pytest.fixture(scope="module")
def band(archive_filled: Filling) -> Filling:
    with archive_filled.backends.database.write() as session:
        accounts.create(session, "sokny-records", PASSWORD, "band", ("WNU",))
    return archive_filled


def test_a_file_of_another_recorder_waits_encrypted_and_is_forgotten_when_it_came(
    telephone: Opened, tmp_path: Path, site: str, band: Filling, microphone: Path
) -> None:
    sound = microphone.read_bytes()
    with telephone() as context:
        page = context.new_page()
        page.set_viewport_size({"width": 320, "height": 640})
        sign_in(page, site, "sokny-records", PASSWORD, "km", own=True)
        page.goto(f"{site}/record?lang=km")
        context.set_offline(True)
        page.set_input_files("[data-file]", {"name": "Sokny-home.wav", "mimeType": "audio/wav", "buffer": sound[:-200]})
        expect(page.locator("[data-step=about]")).to_be_visible()
        page.evaluate(AXE.read_text("utf-8"))
        assert page.evaluate("async () => (await axe.run()).violations.map(({ id }) => id)") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.check("[name=community][value=farmer]")
        page.fill("[name=recorded_on]", "2026-05-01")
        press(page, "form .record-big")
        expect(page.locator(".record-one [data-brought]")).to_be_visible()
    profile = tmp_path / "profile"
    lying = [path for path in profile.rglob("*") if path.is_file() and "IndexedDB" in str(path)]
    assert sum(path.stat().st_size for path in lying) > len(sound) // 2  # it does lie there
    assert [path for path in lying if sound[5000:5400] in path.read_bytes() or b"Sokny-home" in path.read_bytes()] == []
    with telephone() as context:
        page = context.new_page()
        page.goto(f"{site}/record?lang=en")
        press(page, "[data-do=send]")
        expect(page.locator(".record-one [data-said] a")).to_be_visible()
        assert page.evaluate(SHOPS) == []
    with band.backends.database.read() as session:
        testimony = session.scalars(select(Testimony).order_by(Testimony.created_at.desc())).first()
        assert testimony is not None
        recording = session.get_one(Recording, testimony.recording_id)
        assert recording.sha256 == hashlib.sha256(sound[:-200]).hexdigest()
        assert (recording.original_name, str(testimony.recorded_on)) == ("", "2026-05-01")
        assert [one.note for one in decisions.events_of(session, testimony.id)] == [decisions.NOT_ASKED]
        assert not gate.may(session, PUBLIC, testimony.id, "original_sound")
        assert not gate.may(session, PUBLIC, testimony.id, "existence")


def test_of_two_pages_the_second_says_so_and_writes_nothing(telephone: Opened, site: str, band: Filling) -> None:
    with telephone() as context:
        first = context.new_page()
        sign_in(first, site, "sokny-records", PASSWORD, own=True)
        first.goto(f"{site}/record")
        press(first, "[data-do=start]")
        press(first, "[data-do=ask]")
        press(first, "[data-answer=band]")
        second = context.new_page()
        second.goto(f"{site}/record")
        expect(second.get_by_text("The recorder is open in another window of this device")).to_be_visible()
        expect(second.locator("[data-do=start]")).to_be_hidden()
        assert second.locator("[data-do=go-on]").count() == 0
        press(first, "[data-answer=none]")
        press(first, "[data-do=finish]")
        first.close()
        expect(second.locator("[data-do=start]")).to_be_visible()
        expect(second.locator("[data-do=go-on]")).to_be_visible()
        expect(second.locator("[data-elsewhere]")).to_be_hidden()
