"""A day as far as it is known: a whole day, a month, a year, a decade or a stretch, perhaps only about or not sure.

Kept as EDTF, the Extended Date/Time Format of the Library of Congress (https://www.loc.gov/standards/datetime/, now in
ISO 8601-2), of which what people say of a recording needs six forms: `2013`, `2013-04`, `2013-04-21`, `201X`,
`2011/2013`, and each but the stretch with `~` (about), `?` (not sure) or `%` (both) behind it. Written so, days sort as
text by when they begin, and what is vague comes after what is exact.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

LONGEST = 24
_ONE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([~?%]?)")
_DECADE = re.compile(r"(\d{3})X([~?%]?)")


class NotADay(ValueError):
    """The text is none of the forms, or names a day that no calendar has."""


@dataclass(frozen=True, slots=True)
class Day:
    """One of the forms, with the whole days it may be.

    Attributes:
        edtf: as it is kept.
        first, last: the earliest and the latest whole day that is meant; a word like *about* widens neither.
    """

    edtf: str
    first: date
    last: date

    @classmethod
    def of(cls, edtf: str) -> Day:
        """Read the text of one. Raises NotADay."""
        return _read(edtf)

    @classmethod
    def on(cls, day: date) -> Day:
        """A whole day that is known."""
        return cls(day.isoformat(), day, day)

    @property
    def about(self) -> bool:
        return self.edtf[-1] in "~%"

    @property
    def unsure(self) -> bool:
        return self.edtf[-1] in "?%"

    @property
    def precision(self) -> str:
        """`day`, `month`, `year`, `decade` or `stretch`."""
        if "/" in self.edtf:
            return "stretch"
        if "X" in self.edtf:
            return "decade"
        return ("year", "month", "day")[self.edtf.count("-")]

    @property
    def ends(self) -> tuple[Day, Day]:
        """The two ends of a stretch; twice itself for anything else."""
        begin, slash, end = self.edtf.partition("/")
        return (Day.of(begin), Day.of(end)) if slash else (self, self)

    @property
    def years(self) -> tuple[int, ...]:
        """Every year it may be of."""
        return tuple(range(self.first.year, self.last.year + 1))

    def __str__(self) -> str:
        return self.edtf


@lru_cache(maxsize=4096)
def _read(edtf: str) -> Day:
    begin, slash, end = edtf.partition("/")
    if not slash:
        return _single(edtf)
    one, other = _single(begin), _single(end)
    if one.edtf[-1] in "~?%" or other.edtf[-1] in "~?%" or one.first >= other.first or len(edtf) > LONGEST:
        raise NotADay(f"{edtf!r} is no stretch of days.")
    return Day(edtf, one.first, other.last)


def _single(edtf: str) -> Day:
    if decade := _DECADE.fullmatch(edtf):
        year = int(decade[1]) * 10
        return Day(edtf, _day(year, 1, 1), _day(year + 9, 12, 31))
    found = _ONE.fullmatch(edtf)
    if found is None:
        raise NotADay(f"{edtf!r} is no day.")
    year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    first = _day(year, month or 1, day or 1)
    if day:
        return Day(edtf, first, first)
    return Day(edtf, first, _day(year, month or 12, monthrange(year, month or 12)[1]))


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NotADay(f"There is no day {year:04}-{month:02}-{day:02}.") from None


class EdtfDay(TypeDecorator[Day]):
    """A column of days, as text."""

    impl = String(LONGEST)
    cache_ok = True

    def process_bind_param(self, value: Day | None, dialect: Dialect) -> str | None:
        return None if value is None else value.edtf

    def process_result_value(self, value: str | None, dialect: Dialect) -> Day | None:
        return None if value is None else Day.of(value)
