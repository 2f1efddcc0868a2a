"""Days as people write them, and days in words: in Khmer and English, by either calendar, however sure they are.

The Buddhist year as Cambodia counts it begins at Visak Bochea, a full moon between the last days of April and the end
of May: the year 2556 lasted from May 2012 to May 2013. So before that moon a Buddhist year is 543 more than the other,
and 544 after it; in the weeks in which the moon may fall nobody can tell without an almanac, and whoever wrote the day
is asked. Years from 2400 on are Buddhist: nothing here was recorded in a year of the other calendar that high.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache

from babel import Locale
from babel.dates import format_date, format_skeleton

from archive.days import Day, NotADay
from archive.language.messages import Message
from archive.language.numerals import in_digits_of, western

BUDDHIST_FROM = 2400
_MOON_FROM, _MOON_TO = (4, 28), (5, 31)
_SAID = {
    "about": Message("about {day}"),
    "unsure": Message("{day}, not sure"),
    "decade": Message("the years {first} to {last}"),
    "stretch": Message("{first} to {last}", "days"),
}
_ABOUT = re.compile(
    r"^(?:about|around|approximately|approx\.?|circa|ca\.|c\.|ca|~|ប្រហែលជា|ប្រហែល|ប្រមាណជា|ប្រមាណ)\s*|\s*(?:~|%)$",
    re.IGNORECASE,
)
_UNSURE = re.compile(r"^(?:maybe|perhaps|probably)\s+|\s*(?:\?|%|\(\?\))$", re.IGNORECASE)
_BUDDHIST = re.compile(r"(?:ព\.?\s?ស\.?|b\.?\s?e\.?)(?=[\s\d]|$)", re.IGNORECASE)
_NO_WORDS = re.compile(
    r"ថ្ងៃទី|ថ្ងៃ|ខែ|ឆ្នាំ|គ\.?\s?ស\.?|\bthe\b|\bof\b|\bin\b|\byear\b|(?<=\d)(?:st|nd|rd|th)\b|,", re.IGNORECASE
)
_STRETCH = re.compile(
    r"(?:from|between|ពី|ចន្លោះ)?\s*(?P<one>.+?)\s*(?:\bto\b|\buntil\b|\band\b|–|—|\.\.+|ដល់|និង|\s-\s)\s*(?P<two>.+)",
    re.IGNORECASE,
)
_YEARS = re.compile(r"(\d{4})\s*[-/]\s*(\d{4})")
_DECADE = re.compile(r"(?:ទសវត្សរ៍|ទសវត្ស)\s*(\d{3})0|(\d{3})0\s?['’]?s", re.IGNORECASE)
_SHAPES = (
    re.compile(r"(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})(?:[-/.](?P<d>\d{1,2}))?"),
    re.compile(r"(?:(?P<d>\d{1,2})[-/. ])?(?P<m>\d{1,2})[-/. ](?P<y>\d{4})"),
    re.compile(r"(?:(?P<d>\d{1,2})[-/. ]?)?(?P<name>[^\d\s.]+)\.?[-/ ]?(?P<y>\d{4})"),
    re.compile(r"(?P<name>[^\d\s.]+)\.? (?P<d>\d{1,2}) (?P<y>\d{4})"),
)


class BuddhistYearUnclear(NotADay):
    """The day lies where the Buddhist year may or may not have begun; the year of the other calendar tells."""


def read_day(typed: str) -> Day:
    """The day that somebody wrote: `2013`, `2013-04`, `21/04/2013`, `21 April 2013`, `about 2010`, `2011-2013`, with
    either language's digits and words, and by either calendar. Day comes before month.

    Raises:
        NotADay: nothing of the kind; `BuddhistYearUnclear` where it cannot be told which year is meant.
    """
    text = " ".join(western(typed).replace("\u200b", "").split())
    try:
        given = Day.of(text.upper())
        if given.first.year < BUDDHIST_FROM:
            return given
    except NotADay:
        pass
    text, about = _without(_ABOUT, text)
    text, unsure = _without(_UNSURE, text)
    if not about:
        text, about = _without(_ABOUT, text)
    sign = {(True, False): "~", (False, True): "?", (True, True): "%"}.get((about, unsure), "")
    if years := _YEARS.fullmatch(text):
        return _stretch(years[1], years[2], sign)
    if decade := _DECADE.fullmatch(text):
        return Day.of(f"{decade[1] or decade[2]}X{sign}")
    try:
        return _single(text, sign)
    except BuddhistYearUnclear:
        raise
    except NotADay:
        if stretch := _STRETCH.fullmatch(text):
            return _stretch(stretch["one"], stretch["two"], sign)
        raise


def _without(sign: re.Pattern[str], text: str) -> tuple[str, bool]:
    left = sign.sub("", text).strip()
    return left, left != text


def _stretch(one: str, two: str, sign: str) -> Day:
    if sign:
        raise NotADay("A stretch of days is not said to be about or unsure.")
    ends = [_single(text, "") for text in (one, two)]
    begin, end = ends[0].ends[0], ends[1].ends[1]
    return begin if begin == end else Day.of(f"{begin}/{end}")


def _single(text: str, sign: str) -> Day:
    text, buddhist = _without(_BUDDHIST, text)
    text = " ".join(_NO_WORDS.sub(" ", text).split())
    for shape in _SHAPES:
        if found := shape.fullmatch(text):
            parts = found.groupdict()
            month = _months().get((parts.get("name") or "").casefold()) if parts.get("name") else parts.get("m")
            if parts.get("name") and month is None:
                continue
            year, day = int(parts["y"]), parts.get("d")
            return _dated(year, int(month) if month else None, int(day) if day else None, sign, buddhist)
    raise NotADay(f"{text!r} is no day.")


def _dated(year: int, month: int | None, day: int | None, sign: str, buddhist: bool) -> Day:
    if buddhist or year >= BUDDHIST_FROM:
        if month is None:
            begins = year - 544
            if sign:
                return Day.of(f"{begins}{sign}")
            return Day.of(f"{begins}-05/{begins + 1}-05")
        year -= _behind(month, day)
    parts = [f"{year:04}", *(f"{one:02}" for one in (month, day) if one is not None)]
    return Day.of("-".join(parts) + sign)


def _behind(month: int, day: int | None) -> int:
    """How much the Buddhist year is ahead on a day. Raises BuddhistYearUnclear."""
    first, last = (month, day or 1), (month, day or 31)
    if last < _MOON_FROM:
        return 543
    if first > _MOON_TO:
        return 544
    raise BuddhistYearUnclear("The Buddhist year begins in these weeks; which year is meant cannot be told.")


@cache
def _months() -> dict[str, int]:
    """Names of the months, in both languages, long and short -> their number."""
    found: dict[str, int] = {}
    for language in ("km", "en"):
        for kind in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                names = Locale.parse(language).months[kind][width]
                found |= {str(name).casefold().rstrip("."): number for number, name in names.items()}
    return found | {"sept": 9}


def day_in_words(day: Day | date, language: str) -> str:
    """A day in words, its numerals in the language's digits: "April 2013", "about 2010", "2011 to 2013"."""
    if isinstance(day, date):
        return in_digits_of(language, str(format_date(day, format="long", locale=language)))
    if day.precision == "stretch":
        first, last = (day_in_words(one, language) for one in day.ends)
        return _SAID["stretch"].said(language, first=first, last=last)
    text = _plain(day, language)
    if day.about:
        text = _SAID["about"].said(language, day=text)
    return _SAID["unsure"].said(language, day=text) if day.unsure else text


def _plain(day: Day, language: str) -> str:
    if day.precision == "decade":
        return _SAID["decade"].said(language, first=day.first.year, last=day.last.year)
    shapes: dict[str, Callable[[], object]] = {
        "day": lambda: format_date(day.first, format="long", locale=language),
        "month": lambda: format_skeleton("yMMMM", day.first, locale=language),
        "year": lambda: day.first.year,
    }
    return in_digits_of(language, str(shapes[day.precision]()))


def years_in_words(day: Day, language: str) -> str:
    """Only the year or the years, as short as a card needs it: "2013", "about 2010", "2011–2013"."""
    if day.precision == "decade" or len(day.years) == 1:
        text = _plain(day, language) if day.precision == "decade" else in_digits_of(language, str(day.first.year))
        return _SAID["about"].said(language, day=text) if day.about else text
    return in_digits_of(language, f"{day.first.year}–{day.last.year}")
