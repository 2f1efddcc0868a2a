"""Accounts on a telephone: a steward invites, the invited comes in and changes what is theirs; axe finds nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from archive.accounts import accounts
from tests.e2e.conftest import AXE, sign_in
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"


def _sound(page: Page) -> None:
    """axe finds nothing, and nothing runs off the side."""
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
    assert found == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], page.url  # type: ignore[index]


@pytest.mark.parametrize("language", ["km", "en"])
def test_a_steward_invites_on_a_telephone(browser: Browser, site: str, archive_filled: Filling, language: str) -> None:
    steward, member = f"phone-steward-{language}", f"phone-member-{language}"
    with archive_filled.backends.database.write() as session:
        accounts.create(session, steward, PASSWORD, "steward", language=language)
    with browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True, reduced_motion="reduce") as phone:
        page = phone.new_page()
        sign_in(page, site, steward, PASSWORD, language)
        page.goto(f"{site}/steward")
        page.locator('a[href="/steward/accounts"]').click()
        page.wait_for_selector("#invite-name")
        _sound(page)
        page.fill("#invite-shown", "ស្រីមុំ")
        page.fill("#invite-name", member)
        page.select_option("#role-new", "band")
        page.locator("form:has(#invite-name) button").click()
        page.wait_for_selector("#link")
        _sound(page)
        link = page.locator("#link").inner_text().strip()
        assert re.fullmatch(re.escape(site) + r"/welcome\?key=[\w-]{43}", link)
    with browser.new_context(
        viewport={"width": 360, "height": 740}, bypass_csp=True, reduced_motion="reduce"
    ) as theirs:
        page = theirs.new_page()
        page.goto(f"{link}&lang={language}")
        _sound(page)
        page.fill("#new_password", PASSWORD)
        page.fill("#again", PASSWORD)
        page.locator("form.form button[type=submit]").click()
        page.wait_for_url(re.compile("/sign-in"))
        page.fill("#name", member)
        page.fill("#password", PASSWORD)
        page.locator("form.form button[type=submit]").click()
        page.wait_for_url(lambda address: "/sign-in" not in address)
        page.locator("a.who-name").click()
        page.wait_for_url(re.compile("/account$"))
        _sound(page)
        page.fill("#display_name", "Mom")
        page.locator("form:has(#display_name) button").click()
        expect(page.locator("a.who-name")).to_have_text("Mom")
        page.goto(link)
        expect(page.locator("#new_password")).to_have_count(0)
        _sound(page)
