"""A song kept on somebody's own telephone: sung without a line, gone before anything plays where it was taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.models import LyricLine, LyricVersion, SetEntry, SetList, Song, Source, now
from archive.settings import read_settings
from archive.withdrawal import withdraw
from ingest.samples.collection import Collection
from tests.archive.testimonies import GIVEN
from tests.e2e.conftest import late_by, no_violations
from tests.web.filling import Filling
from tests.web.server.serving import serving
from web.app import create_app

pytestmark = pytest.mark.browser
SLUG, OTHER = "one-length-of-thread", "the-land-beneath-our-feet"
ALLOWED_MS, LEAD_MS = 50, 60
HELD = """async () => {
  const found = [];
  for (const name of await caches.keys())
    for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
  return found;
}"""
# Of every word that lights up while it plays: how far from its moment in the sound, less the lead.
WATCH = """
() => {
  window.seen = [];
  let before = null, time = null;
  addEventListener("song:time", (event) => {
    const word = document.querySelector(".words .word.is-now");
    if (word !== before && word && time !== null && event.detail - time < 100)
      window.seen.push(event.detail + LEAD - Number(word.dataset.s));
    before = word;
    time = event.detail;
  });
}
""".replace("LEAD", str(LEAD_MS))


@pytest.fixture
def telephone(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 360, "height": 740})
    yield opened
    opened.close()


def kept(telephone: BrowserContext, site: str, *slugs: str) -> Page:
    page = telephone.new_page()
    for number, slug in enumerate(slugs):
        page.goto(f"{site}/song/{slug}?lang=en")
        page.get_by_role("button", name="Keep it on this device").click()
        if not number:
            page.locator(".keep-mine input").check()
        expect(page.locator(".keep-said")).to_have_text("It is kept, and is sung without a connection.")
    return page


def test_a_kept_song_is_sung_without_a_line(telephone: BrowserContext, site: str) -> None:
    page = kept(telephone, site, SLUG)
    telephone.set_offline(True)
    page.goto(f"{site}/song/{SLUG}")
    assert page.locator(".voices").count() == 0
    page.evaluate(WATCH)
    assert late_by(page, ".line[data-start] .sung", ALLOWED_MS) <= ALLOWED_MS
    page.goto(f"{site}/search")
    expect(page.locator("[data-kept-songs] li")).to_have_count(1)
    expect(page.locator("[data-kept-room]")).to_contain_text("MB")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("[data-kept-none]")).to_be_visible()
    assert page.evaluate(HELD) == []


def test_what_was_taken_back_leaves_before_anything_plays(
    telephone: BrowserContext, site: str, archive_filled: Filling
) -> None:
    page = kept(telephone, site, SLUG, OTHER)
    before = page.evaluate(HELD)
    assert f"/song/{SLUG}" in before
    telephone.set_offline(True)
    with archive_filled.backends.database.write() as session:
        session.get_one(Song, archive_filled.songs[SLUG]).state = "retired"
    try:
        page.wait_for_timeout(16_000)  # until the worker asks again
        telephone.set_offline(False)
        page.goto(f"{site}/song/{OTHER}")
        held = page.evaluate(HELD)
        assert f"/song/{SLUG}" not in held
        assert f"/song/{OTHER}" in held
        assert len([one for one in before if one.startswith("/media/")]) > len(
            [one for one in held if one.startswith("/media/")]
        )
        telephone.set_offline(True)
        page.goto(f"{site}/song/{SLUG}")
        expect(page.locator("[data-kept-songs]")).to_be_attached()
    finally:
        with archive_filled.backends.database.write() as session:
            session.get_one(Song, archive_filled.songs[SLUG]).state = "published"


@pytest.fixture
def place_of_hers(
    filled_once: Path, sample_collection: Collection, tmp_path: Path
) -> Iterator[tuple[str, Filling, str, str]]:
    """A site of its own, in which somebody may take back for good; its list, and whose words one song is made of."""
    settings = read_settings({"MESSENGER_DATA": str(tmp_path / "var"), "HOME": str(tmp_path)})
    filling = Filling.copy(filled_once, settings, sample_collection)
    with filling.backends.database.write() as session:
        made = SetList(title="One evening", shown_at=now())
        session.add(made)
        session.flush()
        for at, slug in enumerate((SLUG, OTHER, SLUG)):
            session.add(SetEntry(set_id=made.id, song_id=filling.songs[slug], position=at))
        hers = sources_of(session, filling.songs[SLUG]) - sources_of(session, filling.songs[OTHER])
        list_id, testimony_id = made.id, min(hers)
    with serving(create_app(filling.backends)) as port:
        yield f"http://127.0.0.1:{port}", filling, list_id, testimony_id


def sources_of(session: Session, song_id: str) -> set[str]:
    """The testimonies that a song's words came from."""
    lines = select(LyricLine.id).join(LyricVersion).where(LyricVersion.song_id == song_id)
    return set(session.scalars(select(Source.testimony_id).where(Source.line_id.in_(lines))))


def test_a_whole_list_is_kept_with_one_tap_and_a_withdrawal_empties_it_first(
    telephone: BrowserContext, place_of_hers: tuple[str, Filling, str, str]
) -> None:
    here, filling, list_id, testimony_id = place_of_hers
    page = telephone.new_page()
    page.goto(f"{here}/lists/{list_id}?lang=en")
    page.get_by_role("button", name="Keep all songs on this device").click()
    page.locator(".keep-mine input").click()
    expect(page.locator(".keep-said")).to_have_text("2 of 2 songs are kept, and are sung without a connection.")
    page.goto(f"{here}/kept?lang=en")
    expect(page.locator("[data-kept-songs] li")).to_have_count(2)
    no_violations(page)
    telephone.set_offline(True)
    page.goto(f"{here}/song/{SLUG}")
    expect(page.locator("[data-song]")).to_be_attached()
    voice = page.locator(".song[data-play], [data-play]").first.get_attribute("data-play")
    assert voice in page.evaluate(HELD)
    withdraw.withdraw(filling.backends, testimony_id, "destroy", GIVEN)
    page.wait_for_timeout(16_000)  # until the worker asks again
    telephone.set_offline(False)
    page.goto(f"{here}/song/{OTHER}")
    held = page.evaluate(HELD)
    assert voice not in held, "it sings what was taken back"
    assert f"/song/{OTHER}" in held
    page.goto(f"{here}/lists/{list_id}?lang=en")
    page.get_by_role("button", name="Remove them from this device").click()
    expect(page.locator(".keep-said")).to_have_text("They were removed from this device.")
    assert f"/song/{OTHER}" not in page.evaluate(HELD)
    page.goto(f"{here}/kept?lang=en")  # what is left of hers, without the voice, is not in the list any more
    page.locator("[data-kept-songs] li").get_by_role("button", name="Remove").click()
    expect(page.locator("[data-kept-none]")).to_be_visible()
    assert page.evaluate(HELD) == []


def test_a_computer_that_is_nobody_s_own_keeps_nothing(telephone: BrowserContext, site: str) -> None:
    page = telephone.new_page()
    page.goto(f"{site}/song/{SLUG}?lang=en")
    page.get_by_role("button", name="Keep it on this device").click()
    expect(page.locator(".keep-mine")).to_be_visible()
    assert page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0
    assert page.evaluate(HELD) == []


def test_taking_back_that_the_device_is_hers_removes_its_songs(telephone: BrowserContext, site: str) -> None:
    page = kept(telephone, site, SLUG)
    page.evaluate("localStorage.removeItem('messenger.places')")
    page.goto(f"{site}/?lang=en")
    page.wait_for_function("async () => (await caches.keys()).length === 0")
    assert page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0


def test_it_installs_as_an_app(telephone: BrowserContext, site: str) -> None:
    page = telephone.new_page()
    page.goto(f"{site}/")
    session = telephone.new_cdp_session(page)
    found = session.send("Page.getAppManifest")
    assert found["errors"] == []
    errors = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in errors if one["errorId"] not in {"in-incognito"}] == []
