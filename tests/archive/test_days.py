"""Days that may be unsure are kept as EDTF, and sorted by when they begin."""

from __future__ import annotations

from datetime import date

import pytest

from archive.days import Day, NotADay


@pytest.mark.parametrize(
    ("edtf", "first", "last", "precision"),
    [
        ("2013", date(2013, 1, 1), date(2013, 12, 31), "year"),
        ("2012-02", date(2012, 2, 1), date(2012, 2, 29), "month"),
        ("2013-04-21", date(2013, 4, 21), date(2013, 4, 21), "day"),
        ("2010~", date(2010, 1, 1), date(2010, 12, 31), "year"),
        ("2013-04?", date(2013, 4, 1), date(2013, 4, 30), "month"),
        ("201X", date(2010, 1, 1), date(2019, 12, 31), "decade"),
        ("2011/2013-04", date(2011, 1, 1), date(2013, 4, 30), "stretch"),
    ],
)
def test_a_day_says_from_when_until_when_it_may_be(edtf: str, first: date, last: date, precision: str) -> None:
    day = Day.of(edtf)
    assert (day.first, day.last, day.precision, str(day)) == (first, last, precision, edtf)


@pytest.mark.parametrize(
    "text",
    ["", "13", "2013-13", "2013-02-30", "2013-4-1", "2013/2011", "2013/", "2010~/2011", "2013 ", "201x", "x2013"],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(NotADay):
        Day.of(text)


def test_a_sign_says_how_sure_it_is() -> None:
    assert [(Day.of(one).about, Day.of(one).unsure) for one in ("2010", "2010~", "2010?", "2010%")] == [
        (False, False),
        (True, False),
        (False, True),
        (True, True),
    ]


def test_sorted_as_text_they_stand_in_the_order_of_their_beginnings() -> None:
    days = ["2009-12-31", "2010", "2010-01-01", "2010-06", "2010-06-02", "2010/2012", "2011", "2011-02", "201X"]
    assert sorted(days) == days
