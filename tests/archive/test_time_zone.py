"""A moment falls on one day, everywhere: the day that clocks where the archive is showed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from archive import time_zone
from archive.settings import SettingError, read_settings

LATE = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)  # in Cambodia half past one on the first of April


@pytest.fixture
def zone() -> Iterator[None]:
    yield
    time_zone.keep_zone(time_zone.CAMBODIA)


def test_a_day_begins_and_ends_in_cambodia() -> None:
    assert time_zone.day_of(LATE) == date(2026, 4, 1)
    assert time_zone.opens_on(date(2026, 4, 1)) == datetime(2026, 3, 31, 17, tzinfo=UTC)
    assert time_zone.last_day(time_zone.closes_after(date(2026, 4, 1))) == date(2026, 4, 1)
    assert time_zone.last_day(LATE) == date(2026, 4, 1), "what ends in the night still held a moment on that day"


@pytest.mark.usefixtures("zone")
def test_one_setting_moves_every_day() -> None:
    assert read_settings({}).time_zone == time_zone.CAMBODIA
    time_zone.keep_zone(read_settings({"MESSENGER_TIME_ZONE": "Europe/Paris"}).time_zone)
    assert time_zone.day_of(LATE) == date(2026, 3, 31)
    assert time_zone.opens_on(date(2026, 7, 1)) == datetime(2026, 6, 30, 22, tzinfo=UTC)
    with pytest.raises(SettingError, match="MESSENGER_TIME_ZONE is 'Phnom Penh'"):
        read_settings({"MESSENGER_TIME_ZONE": "Phnom Penh"})


def test_no_other_place_makes_a_day_of_a_moment() -> None:
    """`.date()` of a moment is the day in London; pages and code ask `archive.time_zone`, or the filter `day`."""
    roots = [Path(name) for name in ("archive", "media", "ingest", "web")]
    without_zone = Path("ingest/intake/workbook.py")  # a spreadsheet's day is a day already
    code = [path for root in roots for path in root.rglob("*.py") if path.name != "time_zone.py"]
    pages = list(Path("web/templates").rglob("*.html"))
    looked = {*code, *pages} - {without_zone}
    found = [path for path in looked if re.search(r"\.date\(\)|\.today\(\)", path.read_text())]
    assert [str(path) for path in found] == []
