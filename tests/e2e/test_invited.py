"""Somebody with a link and no account records on her own telephone, without a line, and sends when there is one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from archive.accounts import accounts, invitations
from archive.models import Testimony
from tests.e2e.recorder import SHOPS, Opened, press
from tests.web.filling import Filling

pytestmark = pytest.mark.browser


def test_a_link_records_without_a_line_and_sends(telephone: Opened, site: str, archive_filled: Filling) -> None:
    with archive_filled.backends.database.write() as session:
        steward = accounts.create(session, "sophal-invites", "a long enough one", "steward")
        session.flush()
        token = invitations.invite(session, "a village", 7, "SAC", steward.id)
    address = f"{site}/record/with#{token}"
    with telephone() as context:
        page = context.new_page()
        page.goto(address)
        expect(page.locator(".recorder[data-kept]")).to_be_attached()
        page.close()
        context.set_offline(True)
        page = context.new_page()
        page.goto(address)
        press(page, "[data-do=start]")
        press(page, "[data-do=ask]")
        for answer in ("band", "none"):
            press(page, f"[data-answer={answer}]")
        page.wait_for_timeout(2500)
        press(page, "[data-do=finish]")
        press(page, "[data-minute]")
        press(page, "[data-do=about]")
        page.check("[name=community][value=landless]")
        press(page, "form .record-big")
        context.set_offline(False)
        page.goto(f"{site}/record/with?lang=en")
        expect(page.get_by_text("This link holds no longer")).to_be_visible()
        page.goto(address)
        press(page, "[data-do=send]")
        expect(page.locator(".record-one [data-said]")).to_contain_text("The archive has it, whole")
        assert page.evaluate(SHOPS) == []
    with archive_filled.backends.database.read() as session:
        last = session.scalars(select(Testimony).order_by(Testimony.created_at.desc()).limit(1)).one()
        assert (last.collected_by, last.narrator.community) == ("SAC", "landless")
