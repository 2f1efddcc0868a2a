"""A session ends while somebody writes, on a telephone, in Khmer: she signs in where she is, and her work goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from archive.accounts import accounts
from archive.consent import decisions
from archive.consent.decisions import PRESETS, ConsentGiven
from archive.models import AccountSession, now
from tests.e2e.conftest import sign_in
from tests.web.filling import Filling

NAME, PASSWORD = "late-steward", "a long enough one"
SAID = "the-day-the-line-fell"
NOTE = "នៅមជ្ឈមណ្ឌល"


@pytest.fixture(scope="module")
def told(archive_filled: Filling) -> str:
    testimony_id = archive_filled.testimonies[SAID]
    with archive_filled.backends.database.write() as session:
        accounts.create(session, NAME, PASSWORD, "steward", ())
        decisions.grant(session, testimony_id, PRESETS["public"], ConsentGiven("recorded-verbal", None))
    return testimony_id


@pytest.fixture
def telephone(browser: Browser) -> Iterator[Page]:
    """A page that may say 403: that is how a form is answered that came too late."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    yield context.new_page()
    context.close()


def end_sessions(filled: Filling) -> None:
    ended = now() - timedelta(minutes=1)
    with filled.backends.database.write() as session:
        session.execute(update(AccountSession).values(expires_at=ended, seen_at=ended))


def sign_in_again(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("lang", "km")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.fill("#name", NAME)
    page.fill("#password", PASSWORD)
    page.locator("form.form button[type=submit]").tap()


def begin_a_decision(page: Page, site: str, told: str) -> None:
    sign_in(page, site, NAME, PASSWORD, "km")
    page.goto(f"{site}/steward/testimony/{told}")
    page.locator('input[name="kind"][value="narrow"]').check()
    page.locator('input[name="answer"][value="heard-not-quoted"]').check()
    page.select_option("#method", "signed")
    page.fill("#note", NOTE)
    page.locator("form.wish button[type=submit]").tap()
    page.locator('input[name="read_out"]').check()


def test_a_decision_sent_too_late_is_written_down_after_signing_in(
    telephone: Page, site: str, told: str, archive_filled: Filling
) -> None:
    begin_a_decision(telephone, site, told)
    end_sessions(archive_filled)
    telephone.locator("form.confirm button[type=submit]").tap()
    expect(telephone.locator("#password")).to_be_visible()
    assert NOTE not in telephone.content()
    sign_in_again(telephone)
    telephone.wait_for_url(re.compile(r"/steward/testimony/[a-z0-9]+$"))
    expect(telephone.locator(".ledger")).to_contain_text(NOTE)
    with archive_filled.backends.database.read() as session:
        assert decisions.events_of(session, told)[-1].note == NOTE


def test_a_paper_is_chosen_again_and_the_rest_is_there(
    telephone: Page, site: str, told: str, archive_filled: Filling
) -> None:
    paper = {"name": "paper.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n" + b"0" * 100_000}
    begin_a_decision(telephone, site, told)
    telephone.set_input_files("#paper", files=[paper])  # type: ignore[list-item]
    end_sessions(archive_filled)
    telephone.locator("form.confirm button[type=submit]").tap()
    sign_in_again(telephone)
    expect(telephone.locator(".written-file")).to_have_text("paper.png")
    expect(telephone.locator('input[name="paper"]')).to_be_visible()
    assert telephone.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_deep_page_leads_to_sign_in_and_back(telephone: Page, site: str, told: str) -> None:
    telephone.goto(f"{site}/steward/testimony/{told}?lang=km")
    expect(telephone.locator("#password")).to_be_visible()
    sign_in_again(telephone)
    telephone.wait_for_url(re.compile(rf"/steward/testimony/{told}"))
    expect(telephone.locator("#now-heading")).to_be_visible()
