"""Campaigns: written by the band, shown when it says so, and told with nothing that a reader may not know of."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from archive.access.gate import PUBLIC, Unknown, Viewer
from archive.access.rule import Grant
from archive.catalogue import campaigns, details
from archive.catalogue.campaigns import NotACampaign
from archive.catalogue.details import DetailsOvertaken
from archive.db import Database
from archive.models import Campaign
from archive.pages.campaign_page import campaign_page, offered
from tests import factories
from tests.archive.threads import EVERYTHING, add_song, add_told

BAND = Viewer("", "band")
WRITTEN = {"name_km": "បំណុល", "name_en": "Health  debt", "ask_en": "Sign.", "starts_on": "2024-03-01"}


def begun(session: Session) -> tuple[Campaign, str]:
    by_id = factories.account(session).id
    return campaigns.begin_campaign(session, WRITTEN, by_id), by_id


def test_a_campaign_is_the_bands_until_it_is_shown(database: Database) -> None:
    with database.write() as session:
        made, by_id = begun(session)
        assert (made.slug, made.name_en, str(made.starts_on)) == ("health-debt", "Health debt", "2024-03-01")
        assert campaigns.campaigns(session, BAND) == [made]
        assert campaigns.campaigns(session, PUBLIC) == []
        with pytest.raises(Unknown):
            campaigns.campaign_at(session, PUBLIC, "health-debt")
        shown = campaigns.show_campaign(session, made, by_id, show=True)
        assert campaigns.campaign_at(session, PUBLIC, "health-debt") is made
        assert shown is not None
        details.undo(session, made, shown.id, by_id)
        assert campaigns.campaigns(session, PUBLIC) == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name_km": "", "name_en": " "}, "name"),
        ({"name_en": "A", "starts_on": "yesterday"}, "day"),
        ({"name_en": "A", "starts_on": "2024-03-02", "ends_on": "2024-03-01"}, "days"),
    ],
)
def test_what_is_no_campaign_is_refused(sqlite_database: Database, wrong: dict[str, str], why: str) -> None:
    with sqlite_database.write() as session:
        made, by_id = begun(session)
        for write in (
            lambda: campaigns.begin_campaign(session, wrong, by_id),
            lambda: campaigns.write_campaign(session, made, wrong, by_id, None),
        ):
            with pytest.raises(NotACampaign) as refused:
                write()
            assert refused.value.why == why


def test_two_people_are_safe_from_each_other(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        made, by_id = begun(session)
        seen = made.revision
        campaigns.write_campaign(session, made, {**WRITTEN, "ask_en": "Come."}, by_id, seen)
        with pytest.raises(DetailsOvertaken):
            campaigns.write_campaign(session, made, {**WRITTEN, "ask_en": "Stay."}, by_id, seen)
        assert made.ask_en == "Come."


def test_the_page_asks_the_gate_for_every_member(database: Database) -> None:
    with database.write() as session:
        made, by_id = begun(session)
        campaigns.show_campaign(session, made, by_id, show=True)
        open_one, _ = add_told(session, EVERYTHING)
        closed, _ = add_told(session, tuple(Grant(one.form, "band") for one in EVERYTHING))
        song, _ = add_song(session)
        draft, _ = add_song(session, state="draft")
        open_one.campaign_id = closed.campaign_id = made.id
        assert [campaigns.put_song(session, one, made, by_id) for one in (song, draft)] == [None, None]
        public, band = (campaign_page(session, one, "health-debt") for one in (PUBLIC, BAND))
        assert ([one.id for one in public.told], [one.id for one in public.songs]) == ([open_one.id], [song.id])
        assert {one.id for one in band.told} == {open_one.id, closed.id}
        assert {one.id for one in band.songs} == {song.id, draft.id}
        assert campaigns.put_song(session, draft, None, by_id) == made.id
        open_one.campaign_id = None
        session.flush()
        songs, told = offered(session, BAND, made, "INVENT")
        assert ([one.id for one in told], list(songs)) == ([open_one.id], [])


def test_a_campaign_that_only_a_sheet_named_is_known_with_what_belongs_to_it(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        named = factories.campaign(session)
        told, _ = add_told(session, tuple(Grant(one.form, "band") for one in EVERYTHING))
        told.campaign_id = named.id
        session.flush()
        assert campaigns.campaign_at(session, BAND, named.id) is named
        with pytest.raises(Unknown):
            campaigns.campaign_at(session, PUBLIC, named.id)


def test_two_campaigns_of_one_name_have_two_addresses(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        first, by_id = begun(session)
        assert (first.address, campaigns.begin_campaign(session, WRITTEN, by_id).address) == (
            "health-debt",
            "health-debt-2",
        )
