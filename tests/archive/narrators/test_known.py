"""A viewer knows of a narrator by what they may know of her testimonies, and of her name where it may be told."""

from __future__ import annotations

import pytest

from archive.access.gate import PUBLIC, Unknown, Viewer
from archive.access.rule import Grant
from archive.consent import decisions
from archive.days import Day
from archive.db import Database
from archive.lists import PAGE, ListRequest
from archive.models import Testimony
from archive.narrators import known
from tests import factories
from tests.archive.narrators.test_records import BAND, GIVEN, STEWARD, WORK, more, tell

LISTED = (Grant("existence", "band"),)


def test_the_band_knows_whose_testimony_it_may_know_of(database: Database) -> None:
    with database.write() as session:
        open_, unnamed, closed = tell(session), tell(session, LISTED, pseudonym_en="Mom"), tell(session, ())
        found = {row.id: row for row in known.narrators(session, BAND, ListRequest()).rows}
        assert set(found) == {open_.narrator, unnamed.narrator}
        assert (found[open_.narrator].name_en, found[unnamed.narrator].name_en) == ("Chan", "")
        assert known.narrators(session, BAND, ListRequest("Mom")).rows == []
        assert [row.id for row in known.narrators(session, STEWARD, ListRequest("mom")).rows] == [unnamed.narrator]
        assert known.narrators(session, STEWARD, ListRequest()).everything == 3
        for viewer in (BAND, PUBLIC, Viewer(role="researcher", account_id="x")):
            with pytest.raises(Unknown):
                known.one(session, viewer, closed.narrator)
        assert known.one(session, STEWARD, closed.narrator).told == 1


def test_narrators_come_a_page_at_a_time(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        for _ in range(PAGE + 3):
            factories.narrator(session)
        first, second = (known.narrators(session, STEWARD, ListRequest(page=page)).rows for page in (1, 2))
    assert (len(first), len(second)) == (PAGE, 3)
    assert not {row.id for row in first} & {row.id for row in second}


def test_those_of_a_name_are_offered_with_what_tells_them_apart(database: Database) -> None:
    with database.write() as session:
        placed = (*WORK, Grant("place", "band", level="province"))
        one, other = tell(session, placed, province="02"), tell(session, WORK)
        last = more(session, one.narrator, placed)
        session.get_one(Testimony, last).recorded_on = Day.of("2013-04-21")
        session.flush()
        offered = {each.id: each for each in known.same_name(session, BAND, "", "chan")}
        assert set(offered) == {one.narrator, other.narrator}
        first = offered[one.narrator]
        assert (first.told, first.day, first.place.en if first.place else "") == (2, Day.of("2013-04-21"), "Battambang")
        assert offered[other.narrator].place is None
        assert known.same_name(session, BAND, "", "") == []
        decisions.suspend(session, other.testimony, GIVEN)
        assert [each.id for each in known.same_name(session, BAND, "ចាន់", "")] == [one.narrator]
