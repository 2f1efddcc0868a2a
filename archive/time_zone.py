"""Days: the one place where a moment becomes a day, and a day the moments at which it begins and ends.

The archive keeps moments in UTC, and people speak of days: "from next year", "until the election", "recorded on". A
day is a day where the archive is, Cambodia unless `MESSENGER_TIME_ZONE` says otherwise. Cambodia has kept one offset
all year since before the first recording, so no time-zone database is needed on a laptop that has none. The process
has one zone, kept when it opens the archive: a day that two pages count differently would be a lie on one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

CAMBODIA = "Asia/Phnom_Penh"
_CAMBODIA = timezone(timedelta(hours=7), CAMBODIA)


class NoSuchZone(ValueError):
    """No time zone of this name is known on this machine."""


@dataclass(slots=True)
class _Kept:
    zone: tzinfo


_kept = _Kept(_CAMBODIA)


def zone_named(name: str) -> tzinfo:
    """The zone of a name as in the IANA database. Raises NoSuchZone."""
    if name == CAMBODIA:
        return _CAMBODIA
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NoSuchZone(name) from None


def keep_zone(name: str) -> None:
    """From here on, days of this process are days of that zone. Raises NoSuchZone."""
    _kept.zone = zone_named(name)


def local(moment: datetime) -> datetime:
    """The same moment as clocks where the archive is show it."""
    return moment.astimezone(_kept.zone)


def day_of(moment: datetime) -> date:
    """The day on which a moment falls."""
    return local(moment).date()


def opens_on(day: date) -> datetime:
    """The first moment of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=_kept.zone).astimezone(UTC)


def closes_after(day: date) -> datetime:
    """The first moment after a day: what holds until that day still holds on it."""
    return opens_on(day + timedelta(days=1))


def last_day(end: datetime) -> date:
    """The last day on which something that ends at that moment still holds."""
    return day_of(end - timedelta(microseconds=1))
