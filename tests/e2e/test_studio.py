"""A real browser in the studio: forty lines tapped in one pass, nothing lost on the way, two people at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, Route

from archive.access.sound import whole_keys
from archive.accounts import accounts
from archive.models import Arrangement, LyricLine, LyricVersion, Recording, Song, new_id
from archive.timing import TimedLine
from media.timed import lrc, srt
from tests.e2e.conftest import AXE, sign_in
from tests.e2e.studio import TAP, Studio, saved, timing_page, until, western
from tests.e2e.test_stage import CATCH_ALL, stays_together
from tests.media.outlines import outline_of
from tests.web.filling import Filling, tune

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
LINES = 40
FIRST_MS, STEP_MS = 1000, 600
KM = "ខ្ញុំដេរអាវរាល់ថ្ងៃ"


@pytest.fixture(scope="module")
def draft(archive_filled: Filling) -> Callable[..., Studio]:
    """Makes a draft song of so many lines with a recording that beeps at each."""
    with archive_filled.backends.database.write() as session:
        for name in ("sokha", "dara"):
            accounts.create(session, name, PASSWORD, "band", ("MB",), display_name=name.title())

    def make(slug: str, lines: int, sections: int = 4) -> Studio:
        store = archive_filled.backends.store
        recording = Recording(id=new_id(), sha256=(slug * 64)[:64], size=1, kind="song", state="ready")
        path = archive_filled.folder / f"{slug}.m4a"
        moments = [FIRST_MS + STEP_MS * n for n in range(lines)]
        seconds = moments[-1] / 1000 + 3
        tune(path, seconds, [(at, at + 120) for at in moments])
        keys = whole_keys(recording.id)
        recording.duration_ms, recording.listening_key, recording.peaks_key = int(seconds * 1000), *_pair(keys)
        store.put_file(keys.listening, path)
        store.put_bytes(keys.peaks, outline_of(path))
        with archive_filled.backends.database.write() as session:
            song = Song(slug=slug, title_km="បទសាក", title_en="Trial song", sample=True)
            session.add_all([song, recording])
            session.flush()
            arrangement = Arrangement(song_id=song.id, recording_id=recording.id, kind="studio")
            version = LyricVersion(song_id=song.id, number=1)
            session.add_all([arrangement, version])
            session.flush()
            rows = [
                LyricLine(version_id=version.id, position=n, km=KM, section=f"verse {n // sections + 1}", own=True)
                for n in range(lines)
            ]
            session.add_all(rows)
            session.flush()
            return Studio(archive_filled, slug, arrangement.id, tuple(row.id for row in rows))

    return make


def _pair(keys: Any) -> tuple[str, str]:
    return keys.listening, keys.peaks


@pytest.fixture
def enter(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Pages of people who have signed in; a script that throws or complains fails the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def come(name: str, address: str, width: int = 1280, language: str = "en", **more: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, reduced_motion="reduce", **more)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        sign_in(page, site, name, PASSWORD, language)
        page.goto(site + address)
        if "/time/" in address:
            page.wait_for_selector(".timing[data-ready]", state="attached")
        return page

    yield come
    for context in contexts:
        context.close()
    assert troubles == []


def test_forty_lines_are_timed_in_one_pass_of_the_song(
    draft: Callable[..., Studio], enter: Callable[..., Page]
) -> None:
    studio = draft("forty-lines", LINES)
    page = enter("sokha", timing_page(studio))
    moments = [FIRST_MS + STEP_MS * n for n in range(LINES)]
    page.keyboard.press("Space")  # the first one starts the song
    pressed = page.evaluate(TAP, moments)
    saved(page)
    starts = studio.starts()
    assert None not in starts
    away = [abs(start - at) for start, at in zip(starts, pressed, strict=True) if start is not None]
    assert max(away) <= 80, away
    assert len(page.locator(".row .mark-none").all()) == 0
    page.reload()
    page.wait_for_selector(".timing[data-ready]", state="attached")
    until(lambda: "40 of 40" in page.locator("[data-done]").inner_text(), page)


def test_every_change_by_keyboard_is_undone_and_made_again(
    draft: Callable[..., Studio], enter: Callable[..., Page]
) -> None:
    studio = draft("by-keyboard", 8)
    page = enter("sokha", timing_page(studio))
    page.keyboard.press("Space")
    page.evaluate(TAP, [FIRST_MS + STEP_MS * n for n in range(4)])
    page.keyboard.press("Enter")
    saved(page)
    first = studio.starts()
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    page.keyboard.press(".")
    page.keyboard.press("Shift+>")
    saved(page)
    moved = studio.starts()
    assert (moved[0] or 0) - (first[0] or 0) == 60
    page.keyboard.press("4")
    page.keyboard.press("Shift+>")
    saved(page)
    assert [b - a for a, b in zip(moved, studio.starts(), strict=True) if a and b] == [50] * 4
    for _ in range(3):
        page.keyboard.press("z")
    saved(page)
    assert studio.starts() == first
    for _ in range(3):
        page.keyboard.press("y")
    saved(page)
    assert (studio.starts()[0] or 0) == (moved[0] or 0) + 50
    page.reload()
    page.wait_for_selector(".timing[data-ready]", state="attached")
    page.keyboard.press("z")
    saved(page)
    until(lambda: studio.starts() == moved, page)
    page.keyboard.press("?")
    page.locator("dialog.help").wait_for()


def test_a_chorus_offers_its_pattern_and_stays_linked_until_it_is_unlinked(
    draft: Callable[..., Studio], enter: Callable[..., Page]
) -> None:
    studio = draft("choruses", 8)
    page = enter("sokha", timing_page(studio))
    page.keyboard.press("Space")
    page.evaluate(TAP, [FIRST_MS + STEP_MS * n for n in range(5)])
    page.locator(".offer").wait_for()
    page.keyboard.press("p")
    page.keyboard.press("Enter")
    saved(page)
    starts = studio.starts()
    assert None not in starts
    assert [b - a for a, b in zip(starts[:4], starts[4:], strict=True)] == [starts[4] - starts[0]] * 4  # type: ignore[operator]
    page.locator(".row-line").nth(1).click()
    page.keyboard.press(".")
    saved(page)
    both = studio.starts()
    assert [b - a for a, b in zip(starts, both, strict=True)] == [0, 10, 0, 0, 0, 10, 0, 0]  # type: ignore[operator]
    page.keyboard.press("u")
    page.keyboard.press(".")
    saved(page)
    assert [b - a for a, b in zip(both, studio.starts(), strict=True)] == [0, 10, 0, 0, 0, 0, 0, 0]  # type: ignore[operator]


def test_a_lost_connection_and_a_closed_page_lose_nothing(
    draft: Callable[..., Studio], enter: Callable[..., Page]
) -> None:
    studio = draft("offline", 4)
    page = enter("sokha", timing_page(studio))

    def lost(route: Route) -> None:
        route.abort("internetdisconnected")

    page.context.route("**/edits", lost)
    page.keyboard.press("Space")
    page.evaluate(TAP, [FIRST_MS, FIRST_MS + STEP_MS])
    page.keyboard.press("Enter")
    until(lambda: page.locator(".saved").get_attribute("data-state") == "offline", page)
    assert studio.starts() == [None] * 4
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.wait_for_selector(".timing[data-ready]", state="attached")
    until(lambda: "2 of 4" in page.locator("[data-done]").inner_text(), page)
    page.context.unroute("**/edits", lost)
    until(lambda: None not in studio.starts()[:2], page, 25)
    assert len(studio.edits()) == 2


def test_two_people_at_once_are_both_told(draft: Callable[..., Studio], enter: Callable[..., Page]) -> None:
    studio = draft("together", 4)
    hers, his = enter("sokha", timing_page(studio)), enter("dara", timing_page(studio))
    hers.keyboard.press("Space")
    hers.evaluate(TAP, [FIRST_MS])
    hers.keyboard.press("Enter")
    saved(hers)
    first = studio.starts()[0]
    until(lambda: "1 of 4" in his.locator("[data-done]").inner_text(), his)
    his.locator(".row-line").first.click()
    his.keyboard.press("Shift+>")
    saved(his)
    until(lambda: hers.locator(".studio-notices .notice").count() == 1, hers)
    assert "Dara" in hers.locator(".studio-notices").inner_text()
    hers.locator(".studio-notices button", has_text="Take mine back").click()
    saved(hers)
    assert studio.starts()[0] == first
    until(lambda: "Sokha" in his.locator(".studio-notices").inner_text(), his)


def test_words_are_cut_and_joined_by_keyboard_and_give_the_line_back(
    draft: Callable[..., Studio], enter: Callable[..., Page]
) -> None:
    studio = draft("words", 2)
    page = enter("sokha", f"/studio/{studio.slug}/words")
    page.locator(".chip").first.wait_for()
    before = page.locator("[data-line]").first.locator(".chip").count()
    page.locator("[data-line]").first.locator(".chip").first.focus()
    page.keyboard.press("Delete")
    saved(page)

    def stored() -> list[str]:
        with studio.filling.backends.database.read() as session:
            return session.get_one(LyricLine, studio.lines[0]).words

    assert len(stored()) == before - 1
    assert "".join(stored()) == KM
    page.keyboard.press("Control+z")
    saved(page)
    assert (len(stored()), "".join(stored())) == (before, KM)
    page.locator("[data-line]").first.locator(".chip").first.click()
    page.locator(".cutting [data-join]").press("Enter")
    saved(page)
    assert len(stored()) == before - 1
    page.locator("[data-act=romanise]").click()
    saved(page)
    until(lambda: page.locator("[data-line] input").first.input_value() != "", page)


def test_a_thumb_taps_and_holds_at_360_pixels(draft: Callable[..., Studio], enter: Callable[..., Page]) -> None:
    studio = draft("thumb", 4)
    page = enter("sokha", timing_page(studio), width=360, language="km", has_touch=True, is_mobile=True)
    pad = page.locator(".tap")
    pad.tap()
    for moment in (0.5, 1.1):
        until(lambda at=moment: page.evaluate(f"document.querySelector('.timing audio').currentTime > {at}"), page)
        pad.tap()
    page.locator("[data-act=play]").tap()
    saved(page)
    starts = studio.starts()
    assert [start is not None for start in starts] == [True, True, False, False]
    page.locator("[data-nudge='50']").tap()
    saved(page)
    assert (studio.starts()[1] or 0) - (starts[1] or 0) == 50
    page.locator("[data-act=undo]").tap()
    saved(page)
    assert studio.starts() == starts


def _focused(page: Page, selector: str) -> bool:
    return bool(page.evaluate("which => document.activeElement?.matches(which) ?? false", selector))


def _which_way_an_offset_goes(page: Page, bring: Callable[[str], None], written: str) -> None:
    """It is asked, with what most players do chosen before, and the times shown are those of the answer."""
    first = page.locator(".import-list.is-matched .row-time").first

    def told(clock: str, way: str) -> None:
        until(lambda: page.locator(".import-offset input:checked").get_attribute("value") == way, page)
        until(lambda: western(first.inner_text()).endswith(clock), page)

    assert page.locator(".import-offset").is_hidden()
    bring(written.replace("[offset:0]", "[offset:-500]"))
    told("1.50", "later")
    bring(written.replace("[offset:0]", "[offset:+500]"))
    told("0.50", "sooner")
    page.locator(".import-offset input:checked").focus()
    page.keyboard.press("ArrowDown")
    told("1.50", "later")
    bring(written)
    until(lambda: page.locator(".import-offset").is_hidden(), page)
    until(lambda: page.locator(".import-list.is-matched li").count() == 3, page)


@pytest.mark.parametrize(("width", "language", "form"), [(1280, "en", "srt"), (360, "km", "lrc")])
def test_times_come_out_of_a_file_by_keyboard_and_go_again(
    draft: Callable[..., Studio], enter: Callable[..., Page], width: int, language: str, form: str
) -> None:
    studio = draft(f"from-{form}", 4)
    page = enter("sokha", timing_page(studio), width, language)
    found = [TimedLine(KM, 1000 * n, 1000 * n + 800) for n in range(1, 4)]
    found.insert(1, TimedLine("Nobody sings this here", 1850, 1950))
    written = {"srt": srt.write, "lrc": lrc.write}[form](found)

    def bring(text: str) -> None:
        file: FilePayload = {"name": f"song.{form}", "mimeType": "text/plain", "buffer": text.encode()}
        page.locator("#import-file").set_input_files(file)

    page.keyboard.press("i")
    page.locator("dialog.import").wait_for()
    assert _focused(page, "#import-file")
    bring("no times at all")
    until(lambda: page.locator("dialog.import .wrong").inner_text() != "", page)
    assert page.locator("[data-import=apply]").is_disabled()
    bring(written)
    page.locator(".import-list.is-matched").wait_for()
    if form == "lrc":
        _which_way_an_offset_goes(page, bring, written)
    lists = {look: page.locator(f".import-list.is-{look} li").count() for look in ("matched", "missing", "left")}
    assert lists == {"matched": 3, "missing": 1, "left": 1}
    assert page.locator("dialog.import .wrong").inner_text() == ""
    box = page.locator("dialog.import").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert studio.starts() == [None] * 4, "nothing is changed by looking"
    for _ in range(4):
        if not _focused(page, "[data-import=apply]"):
            page.keyboard.press("Tab")
    assert _focused(page, "[data-import=apply]")
    page.keyboard.press("Enter")
    page.locator("dialog.import").wait_for(state="hidden")
    saved(page)
    assert [start for start in studio.starts() if start is not None] == [1000, 2000, 3000]
    page.keyboard.press("z")
    saved(page)
    until(lambda: studio.starts() == [None] * 4, page)
    page.keyboard.press("i")
    page.locator("dialog.import").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog.import").wait_for(state="hidden")


@pytest.mark.parametrize(("width", "language"), [(1280, "en"), (360, "km")])
def test_voice_and_music_are_listened_to_in_step_by_keyboard(
    draft: Callable[..., Studio], enter: Callable[..., Page], width: int, language: str
) -> None:
    page = enter("sokha", "/studio", width, language)
    page.add_init_script(CATCH_ALL)
    page.goto(page.url.removesuffix("/studio") + "/studio/one-length-of-thread")
    box = page.locator("[data-beside]").first
    box.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("window.all = window.all.filter(each => each.src)")  # not the player's own, which has nothing to play

    def press(selector: str) -> None:
        box.locator(selector).focus()
        page.keyboard.press("Enter")

    def now(condition: str) -> None:
        until(lambda: page.evaluate(f"(([voice, music]) => {condition})(window.all)"), page)

    press('[data-from="0.5"]')
    now("!voice.paused && !music.paused && !voice.muted && !music.muted")
    half = page.evaluate("Number(document.querySelector('[data-beside]').dataset.length) / 2000")
    assert page.evaluate("window.all[0].currentTime") >= half - 0.1
    stays_together(page)
    press('[data-hear="second"]')
    now("voice.muted && !music.muted && !voice.paused")
    assert box.locator('[data-hear="second"]').get_attribute("aria-pressed") == "true"
    assert box.locator('[data-hear="both"]').get_attribute("aria-pressed") == "false"
    press('[data-hear="both"]')
    now("!voice.muted && !music.muted")
    press("[data-hush]")
    now("voice.paused && music.paused")


@pytest.mark.parametrize(("width", "language"), [(360, "km"), (1280, "en")])
def test_axe_finds_nothing_in_the_studio(
    draft: Callable[..., Studio], enter: Callable[..., Page], width: int, language: str
) -> None:
    studio = draft(f"axe-{width}", 6)
    page = enter("sokha", "/studio", width, language, bypass_csp=True)
    site = page.url.removesuffix("/studio")
    for address in ("/studio", f"/studio/{studio.slug}", f"/studio/{studio.slug}/words", timing_page(studio)):
        page.goto(site + address)
        if "/time/" in address:
            page.wait_for_selector(".timing[data-ready]", state="attached")
            page.keyboard.press("Space")
            page.evaluate(TAP, [FIRST_MS])
            page.keyboard.press("Enter")
            saved(page)
        if address.endswith("/words"):
            page.locator(".chip").first.click()
            page.locator(".cutting").first.wait_for()
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
        assert found == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
