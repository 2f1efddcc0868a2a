"""Voices that a machine told apart, in the review editor: shown as a guess, and named by people."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from archive.models import Segment
from tests.e2e import test_review
from tests.e2e.test_review import Enter, opened_by, quiet, rows
from tests.web.filling import Filling

pytestmark = pytest.mark.browser
people, enter, draft = test_review.people, test_review.enter, test_review.draft


def test_voices_a_machine_told_apart_are_swapped_and_named_in_one_act(
    enter: Enter, site: str, people: Filling, draft: str
) -> None:
    with people.backends.database.write() as session:
        said = session.query(Segment).filter_by(version_id=draft).order_by(Segment.position).all()
        for number, segment in enumerate(said):
            segment.speaker = "S2" if number % 4 == 0 else "S1"
    guessed = [one["who"] for one in rows(people, draft)]
    page = opened_by(enter("mali"), site, draft)
    second = page.locator(".seg-who").nth(1)
    expect(second).to_have_text("Speaker 1?")
    second.click()
    expect(page.locator(".speaker-guess")).to_contain_text("It does not know who it is. This voice speaks most")
    page.get_by_role("button", name="Swap the two everywhere").click()
    expect(second).to_have_text("Speaker 2?")
    quiet(page)
    assert [one["who"] for one in rows(people, draft)] == [{"S1": "S2", "S2": "S1"}[who] for who in guessed]
    page.keyboard.press("Control+z")
    expect(second).to_have_text("Speaker 1?")
    second.click()
    page.fill("#speaker-name", "Narrator")
    page.get_by_role("button", name="Name them").click()
    expect(second).to_have_text("Narrator")
    quiet(page)
    assert [one["who"] for one in rows(people, draft)] == [{"S1": "narrator"}.get(who, who) for who in guessed]
