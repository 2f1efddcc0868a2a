"""Listening lists in a browser: one made on one's own device, one that is shown, and a training's run sheet."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from archive.accounts import accounts
from archive.models import SetEntry, SetList, Song, now
from tests.e2e.conftest import no_violations, sign_in
from tests.e2e.test_karaoke import CATCH
from tests.e2e.test_listening import until
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
TOLD = "before-the-rice-was-ripe"
SONG = "one-length-of-thread"
PASSWORD = "a long enough one"


@pytest.fixture
def shown(archive_filled: Filling) -> str:
    """The id of a list with two moments of one testimony and a song between them."""
    with archive_filled.backends.database.write() as session:
        made = SetList(title="វគ្គបណ្ដុះបណ្ដាល", title_en="A training", shown_at=now())
        session.add(made)
        session.flush()
        told = {"set_id": made.id, "testimony_id": archive_filled.testimonies[TOLD]}
        song = session.get_one(Song, archive_filled.songs[SONG]).id
        session.add(SetEntry(position=1, start_ms=4000, end_ms=5000, questions="What was taken?", **told))
        session.add(SetEntry(position=2, set_id=made.id, song_id=song, start_ms=1000, end_ms=2000))
        session.add(SetEntry(position=3, start_ms=6000, end_ms=7500, questions="Who came?", **told))
        session.add(SetEntry(position=4, set_id=made.id, heading="A game", text="Stand in a row.", minutes=15))
        return made.id


def test_a_list_plays_its_moments_in_a_row(page: Page, site: str, shown: str) -> None:
    page.add_init_script(CATCH)
    page.goto(f"{site}/lists/{shown}?lang=en")
    no_violations(page)
    page.click("[data-queue]")
    tracks = page.request.get(f"{site}/lists/{shown}/tracks.json?lang=en").json()["tracks"]
    names = [one["name"] for one in tracks]
    expect(page.locator(".player-name")).to_have_text(names[0])
    for each in names[1:]:
        expect(page.locator(".player-name")).to_have_text(each)
    until(page, "window.heard.currentTime > 5.9 && window.heard.currentTime < 7.6")
    until(page, "window.heard.paused && window.heard.currentTime > 7.4")
    assert page.evaluate("window.heard.currentTime") < 8


def test_a_list_of_one_s_own_stays_on_a_device_of_one_s_own(page: Page, site: str, archive_filled: Filling) -> None:
    told = archive_filled.testimonies[TOLD]
    page.route("**/peaks", lambda route: route.fulfill(json={"rate": 20, "peaks": []}))
    page.goto(f"{site}/song/{SONG}?lang=en")
    page.get_by_role("button", name="Into my list").click()
    tick = page.locator(".share-said input")
    expect(tick).to_be_focused()
    assert page.evaluate("Object.keys(localStorage)") == []  # nobody has said that this device is theirs
    tick.click()
    expect(page.get_by_text("It is in your list.")).to_be_visible()
    page.click(".colophon a[href='/lists']")
    page.click("text=My list on this device")
    expect(page.locator(".list-item")).to_have_count(1)
    page.goto(f"{site}/testimony/{told}?lang=en")
    page.locator(".passage [data-list-add]").nth(1).click()
    expect(page.get_by_text("It is in your list.")).to_be_visible()
    page.goto(f"{site}/lists/mine?lang=en")
    expect(page.locator(".list-item")).to_have_count(2)
    page.locator("textarea").nth(1).fill("What was taken?")
    page.locator(".my-up").nth(1).press("Enter")
    expect(page.locator("textarea").first).to_have_value("What was taken?")
    no_violations(page)
    kept = page.evaluate("localStorage['messenger.list']")
    assert told in kept
    assert "What was taken?" in kept
    page.uncheck("[data-my-own] input")
    page.goto(f"{site}/lists/mine?lang=en")
    expect(page.locator("[data-my-none]")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage)") == []


def test_a_member_makes_a_training_of_her_own_list(page: Page, site: str, archive_filled: Filling) -> None:
    with archive_filled.backends.database.write() as session:
        accounts.create(session, "leads-trainings", PASSWORD, "band", ("MB",))
    page.route("**/peaks", lambda route: route.fulfill(json={"rate": 20, "peaks": []}))
    sign_in(page, site, "leads-trainings", PASSWORD, own=True)
    page.goto(f"{site}/testimony/{archive_filled.testimonies[TOLD]}?lang=en")
    page.locator(".passage [data-list-add]").first.click()
    expect(page.get_by_text("It is in your list.")).to_be_visible()
    page.goto(f"{site}/song/{SONG}?lang=en")
    page.get_by_role("button", name="Into my list").click()
    expect(page.get_by_text("It is in your list.")).to_be_visible()
    page.click(".colophon a[href='/lists']")
    page.click("text=My list on this device")
    page.locator("textarea").first.fill("What was taken?")
    page.fill("#title", "A training")
    page.click("text=Make a set of it")
    expect(page.locator(".set-entry")).to_have_count(2)
    page.fill("#heading", "A game")
    page.locator("form:has(#heading) button").click()
    expect(page.locator(".set-entry")).to_have_count(3)
    page.get_by_label("Minutes: A game").fill("15")
    page.get_by_label("What is done or told: A game").fill("Stand in a row.")
    page.locator(".set-keep button").click()
    no_violations(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.click("text=Show it to everybody")
    page.click("text=See the list")
    expect(page.locator(".list-questions li")).to_have_text(["What was taken?"])
    expect(page.get_by_text("15 minutes")).to_be_visible()
