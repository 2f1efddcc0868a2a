"""What a browser keeps goes with the session: on a shared computer nobody who comes next finds a word of hers.

The browser is closed without signing out and opened again with the same profile, as on a computer of a drop-in centre
where somebody shut the lid; meanwhile the session has ended.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select, update

from archive.accounts import accounts
from archive.lyrics import shared_draft
from archive.models import AccountSession, Song, now
from tests.conftest import CHROMIUM_ARGUMENTS, chromium
from tests.e2e.conftest import sign_in
from tests.web.filling import Filling
from web.site.files import STATIC

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
KEPT = """async () => ({
  local: Object.keys(localStorage).filter((key) => key !== "messenger.offset"),
  session: Object.keys(sessionStorage),
  databases: (await indexedDB.databases()).map(({ name }) => name),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
NOTHING: dict[str, object] = {"local": [], "session": [], "databases": [], "caches": [], "workers": 0}
TIGHT: dict[str, Any] = {"separators": (",", ":")}
A_LIST = """async () => {
  const asked = indexedDB.open("keyval-store");
  asked.onupgradeneeded = () => asked.result.createObjectStore("keyval");
  const shop = await new Promise((resolve) => (asked.onsuccess = () => resolve(asked.result)));
  const put = shop.transaction("keyval", "readwrite").objectStore("keyval").put([{ id: "a" }], "words:me:song:one");
  await new Promise((resolve) => (put.onsuccess = resolve));
  shop.close();
}"""
Opened = Callable[[], AbstractContextManager[BrowserContext]]


@pytest.fixture(scope="module")
def people(archive_filled: Filling) -> Filling:
    with archive_filled.backends.database.write() as session:
        for name in ("theary-kept", "sokha-kept"):
            accounts.create(session, name, PASSWORD, "band", ("MB",))
        song = Song(slug="kept-here", title_km="kept-here", title_en="kept-here", state="draft")
        session.add(song)
        session.flush()
        shared_draft.begin(session, song, [shared_draft.DraftLine("first", "verse 1")], None)
    return archive_filled


@pytest.fixture
def profile(tmp_path: Path, browser: Browser, people: Filling) -> Opened:
    """The same browser, opened and closed as often as one likes."""

    @contextmanager
    def opened() -> Iterator[BrowserContext]:
        context = browser.browser_type.launch_persistent_context(
            tmp_path / "profile", executable_path=chromium(), args=CHROMIUM_ARGUMENTS
        )
        try:
            yield context
        finally:
            context.close()

    return opened


def end_every_session(people: Filling) -> None:
    with people.backends.database.write() as session:
        session.execute(update(AccountSession).values(expires_at=now() - timedelta(minutes=1)))


def write(page: Page, site: str, words: str, *, back_online: bool = True) -> None:
    page.goto(f"{site}/desk/song/kept-here")
    expect(page.locator(".dline").first).to_be_visible()
    expect(page.locator(".sync")).to_have_attribute("data-state", "kept", timeout=20_000)
    page.context.set_offline(True)
    page.locator(".dline-km").first.fill(words)
    page.wait_for_timeout(400)  # the browser's own database takes a moment
    page.evaluate("localStorage.setItem('review:me:version:1', JSON.stringify({ id: 'a', text: 'her words' }))")
    page.evaluate("localStorage.setItem('messenger.offset', '40')")
    page.evaluate(A_LIST)
    page.context.set_offline(not back_online)


def test_a_closed_browser_leaves_nothing_for_who_comes_next(profile: Opened, site: str, people: Filling) -> None:
    with profile() as context:
        page = context.new_page()
        sign_in(page, site, "theary-kept", PASSWORD)
        write(page, site, "ដើរតាមផ្លូវ")
        there = page.evaluate(KEPT)
        assert "keyval-store" in there["databases"]
        assert any(name.startswith("desk-") for name in there["databases"])
    end_every_session(people)
    with profile() as context:
        page = context.new_page()
        page.goto(f"{site}/sign-in?lang=en")
        page.wait_for_function(f"async () => JSON.stringify(await ({KEPT})()) === '{json.dumps(NOTHING, **TIGHT)}'")
        assert page.evaluate("localStorage.getItem('messenger.offset')") == "40"


def test_somebody_else_who_signs_in_finds_nothing_even_on_an_own_device(
    profile: Opened, site: str, people: Filling
) -> None:
    with profile() as context:
        page = context.new_page()
        sign_in(page, site, "theary-kept", PASSWORD, own=True)
        write(page, site, "ឆ្ងាយណាស់", back_online=False)  # before they are sent the browser is closed
    end_every_session(people)
    with profile() as context:
        page = context.new_page()
        page.goto(f"{site}/")
        page.wait_for_function(
            f"async () => {{ const kept = await ({KEPT})(); return kept.caches.length + kept.workers === 0; }}"
        )
        there = page.evaluate(KEPT)
        assert any(name.startswith("desk-") for name in there["databases"])  # unsent, and hers: it waits for her
        sign_in(page, site, "sokha-kept", PASSWORD)
        page.wait_for_function(f"async () => (await ({KEPT})()).databases.length === 0")
        assert page.evaluate(KEPT)["local"] == ["messenger.whose"]


def test_signing_out_leaves_nothing_of_any_room(profile: Opened, site: str, people: Filling) -> None:
    with profile() as context:
        page = context.new_page()
        sign_in(page, site, "theary-kept", PASSWORD)
        write(page, site, "យប់ជ្រៅ")
        asked: list[str] = []
        page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
        page.click("form.who button")
        expect(page.locator(".sign-in")).to_be_visible()
        assert len(asked) == 1
        assert "not reached the archive" in asked[0]
        assert page.evaluate(KEPT) == NOTHING


def test_who_was_signed_out_while_writing_signs_in_again_and_loses_nothing(
    profile: Opened, site: str, people: Filling
) -> None:
    with profile() as context:
        page = context.new_page()
        sign_in(page, site, "theary-kept", PASSWORD)
        write(page, site, "ភ្លៀងធ្លាក់")
        page.evaluate("sessionStorage.setItem('messenger.written', String(Date.now()))")
        end_every_session(people)
        sign_in(page, site, "theary-kept", PASSWORD)
        page.goto(f"{site}/desk/song/kept-here")
        expect(page.locator(".dline-km").first).to_have_value("ភ្លៀងធ្លាក់")
        expect(page.locator(".sync")).to_have_attribute("data-state", "kept", timeout=20_000)
    with people.backends.database.read() as session:
        song = session.scalars(select(Song).where(Song.slug == "kept-here")).one()
        assert shared_draft.draft_lines(session, song.id)[0].km == "ភ្លៀងធ្លាក់"


def test_one_script_alone_touches_what_the_browser_keeps() -> None:
    """And the workers of the desk and the recorder, which have caches in their hands; all are swept by the first."""
    own = {"site/store.js", "desk/worker.js", "record/worker.js", "app/worker.js"}
    store = re.compile(r"\b(localStorage|sessionStorage|indexedDB|document\.cookie)\b")
    shelves = re.compile(r"\bcaches\.(open|delete)\b")
    found = {
        str(path.relative_to(STATIC / "js"))
        for path in (STATIC / "js").rglob("*.js")
        if store.search(path.read_text("utf-8")) or shelves.search(path.read_text("utf-8"))
    }
    assert found - own <= {"desk/away.js"}
    away = (STATIC / "js" / "desk" / "away.js").read_text("utf-8")
    assert not store.search(away)
    assert "caches.delete" not in away
