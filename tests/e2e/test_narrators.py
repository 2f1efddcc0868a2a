"""Adding a recording: whoever bears the name already is offered, and who it is stays a person's choice."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from archive.accounts import accounts
from tests.e2e.conftest import AXE, sign_in
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
PASSWORD = "a long enough one"


def test_a_known_narrator_is_offered_beside_her_name(browser: Browser, site: str, archive_filled: Filling) -> None:
    with archive_filled.backends.database.write() as session:
        accounts.create(session, "phone-choosing", PASSWORD, "band")
    chan = archive_filled.collection.narrators[0]
    name, key = chan.pseudonym["en"], chan.id
    with browser.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True, reduced_motion="reduce") as phone:
        page = phone.new_page()
        sign_in(page, site, "phone-choosing", PASSWORD, "km")
        page.goto(f"{site}/ingest")
        page.locator("#narrator_en").press_sequentially(name)
        page.locator("#narrator_km").focus()
        somebody_new = page.locator('input[name="narrator"][value=""]')
        expect(somebody_new).to_be_checked()
        page.locator(f'input[name="narrator"][value="{key}"]').check()
        assert page.evaluate("document.querySelector('#community').required") is False
        somebody_new.check()
        assert page.evaluate("document.querySelector('#community').required") is True
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("axe.run('.known-choice').then(r => r.violations.map(v => [v.id]))")
        assert found == []
