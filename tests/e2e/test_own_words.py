"""The narrator, alone on a telephone, in Khmer: from her card's address to taking back, by touch and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from archive.accounts import accounts
from archive.models import Narrator, Testimony
from tests import factories
from tests.e2e.conftest import AXE, sign_in
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"
TELEPHONE = {"width": 360, "height": 740}


def _sound(page: Page) -> None:
    """axe finds nothing, nothing runs off the side, and what is pressed is large enough for a thumb."""
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
    assert found == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"], page.url
    heights = page.evaluate(
        "[...document.querySelectorAll('.own-words :is(.act, .quiet, label:has(input[type=radio]), .own-one)')]"
        ".map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights, default=48) >= 44, page.url


@pytest.fixture
def hers(archive_filled: Filling) -> tuple[str, list[str]]:
    """A narrator of this test alone, and two testimonies of hers."""
    with archive_filled.backends.database.write() as session:
        narrator = factories.narrator(session).id
        told = [factories.testimony(session, narrator_id=narrator, title_km=f"រឿង {n}").id for n in (1, 2)]
    return narrator, told


def _destroy_by_keyboard(page: Page, site: str, testimony_id: str) -> None:
    """From the list of what is hers to the last word, without a finger."""
    page.locator(".own-one").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/take-back/mine/{testimony_id}")
    page.locator('input[value="destroy"]').focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sure?deed=destroy")
    page.locator('button[name="sure"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator(".own-words a.act")).to_be_visible()
    _sound(page)


def test_from_the_card_to_taking_back(
    browser: Browser, site: str, archive_filled: Filling, hers: tuple[str, list[str]]
) -> None:
    narrator, told = hers
    with archive_filled.backends.database.write() as session:
        accounts.create(session, "card-steward", PASSWORD, "steward")
    with browser.new_context(viewport=TELEPHONE, bypass_csp=True, reduced_motion="reduce") as phone:  # type: ignore[arg-type]
        page = phone.new_page()
        sign_in(page, site, "card-steward", PASSWORD, "km")
        page.goto(f"{site}/narrators/{narrator}")
        _sound(page)
        page.locator(f'form[action="/narrators/{narrator}/code"] button').click()
        code = page.locator(".code-card .code").inner_text().strip()
        _sound(page)
    with browser.new_context(
        viewport=TELEPHONE,  # type: ignore[arg-type]
        bypass_csp=True,
        reduced_motion="reduce",
        has_touch=True,
    ) as phone:
        page = phone.new_page()
        page.goto(f"{site}/take-back#{code}")
        expect(page.locator("#code")).to_have_value(code)
        assert code not in page.url
        _sound(page)
        page.locator(".own-words .act").tap()
        page.wait_for_url(f"{site}/take-back/mine")
        _sound(page)
        page.locator(f'a[href="/take-back/mine/{told[0]}"]').tap()
        page.wait_for_url(f"{site}/take-back/mine/{told[0]}")
        _sound(page)
        page.locator('label:has(input[value="restrict"])').tap()
        page.locator('form[action$="/sure"] .act').tap()
        page.wait_for_url("**/sure?deed=restrict")
        _sound(page)
        page.locator('button[name="sure"]').tap()
        page.locator('.own-words a.act[href="/take-back/mine"]').tap()
        page.wait_for_url(f"{site}/take-back/mine")
        expect(page.locator(".own-one")).to_have_count(1)
        _destroy_by_keyboard(page, site, told[1])
        page.goto(f"{site}/about")
        _sound(page)
    with archive_filled.backends.database.read() as session:
        left = session.scalars(select(Testimony).where(Testimony.narrator_id == narrator)).all()
        assert all(one.withdrawn_at is not None for one in left)
        assert session.get(Narrator, narrator) is not None
