"""Days as people write them in Khmer and English, by either calendar, and as they are said back."""

from __future__ import annotations

import pytest

from archive.days import Day, NotADay
from archive.language.day_words import BuddhistYearUnclear, day_in_words, read_day, years_in_words


@pytest.mark.parametrize(
    ("typed", "edtf"),
    [
        ("2013", "2013"),
        ("២០១៣", "2013"),
        ("ឆ្នាំ២០១៣", "2013"),
        ("2013-04", "2013-04"),
        ("4/2013", "2013-04"),
        ("April 2013", "2013-04"),
        ("មេសា ២០១៣", "2013-04"),
        ("21/04/2013", "2013-04-21"),
        ("២១/០៤/២០១៣", "2013-04-21"),
        ("21.4.2013", "2013-04-21"),
        ("2013/4/21", "2013-04-21"),
        ("21st of April, 2013", "2013-04-21"),
        ("April 21, 2013", "2013-04-21"),
        ("ថ្ងៃទី ២១ ខែមេសា ឆ្នាំ២០១៣", "2013-04-21"),
        ("about 2010", "2010~"),
        ("ca. 2010", "2010~"),
        ("ប្រហែលឆ្នាំ ២០១០", "2010~"),
        ("2010?", "2010?"),
        ("maybe April 2010", "2010-04?"),
        ("about 2010?", "2010%"),
        ("2010s", "201X"),
        ("ទសវត្សរ៍ ២០១០", "201X"),
        ("2011-2013", "2011/2013"),
        ("from April 2011 to May 2011", "2011-04/2011-05"),
        ("ពី ២០១១ ដល់ ២០១៣", "2011/2013"),
    ],
)
def test_what_people_write_is_understood(typed: str, edtf: str) -> None:
    assert str(read_day(typed)) == edtf


@pytest.mark.parametrize("typed", ["", "soon", "13", "21/04/13", "04/21/2013", "31/02/2013", "about 2011-2013"])
def test_what_is_no_day_or_may_be_two_is_refused(typed: str) -> None:
    with pytest.raises(NotADay):
        read_day(typed)


@pytest.mark.parametrize(
    ("typed", "edtf"),
    [
        ("១៥/០៧/២៥៦៨", "2024-07-15"),  # the documents of that day bear both years
        ("14/04/2567", "2024-04-14"),
        ("ថ្ងៃទី១ ខែមករា ព.ស.២៥៦៧", "2024-01-01"),
        ("BE 2556", "2012-05/2013-05"),
        ("ព.ស. ២៥៥៦", "2012-05/2013-05"),
    ],
)
def test_buddhist_years_are_counted_from_the_moon_of_visak(typed: str, edtf: str) -> None:
    assert str(read_day(typed)) == edtf


def test_a_buddhist_year_that_may_be_either_is_asked_about() -> None:
    with pytest.raises(BuddhistYearUnclear):
        read_day("15/05/2556")


@pytest.mark.parametrize(
    ("edtf", "en", "km"),
    [
        ("2013", "2013", "២០១៣"),
        ("2013-04", "April 2013", "មេសា ២០១៣"),
        ("2013-04-21", "April 21, 2013", "២១ មេសា ២០១៣"),
        ("2010~", "about 2010", "ប្រហែល ២០១០"),
        ("201X", "the years 2010 to 2019", "ឆ្នាំ ២០១០ ដល់ ២០១៩"),
        ("2011/2013-04", "2011 to April 2013", "២០១១ ដល់ មេសា ២០១៣"),
    ],
)
def test_a_day_is_said_in_both_languages_and_understood_again(edtf: str, en: str, km: str) -> None:
    assert (day_in_words(Day.of(edtf), "en"), day_in_words(Day.of(edtf), "km")) == (en, km)
    if edtf != "201X":
        assert [str(read_day(said)) for said in (en, km)] == [edtf, edtf]


def test_a_card_says_only_the_years() -> None:
    assert [years_in_words(Day.of(one), "en") for one in ("2013-04-21", "2010~", "2011/2013")] == [
        "2013",
        "about 2010",
        "2011–2013",
    ]
