"""Cataloguing: what is said of a testimony when it comes in, checked before anything is kept.

The command line, a sheet and the upload form all describe a testimony with the same fields and hear the same
complaints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from archive.catalogue import parts
from archive.catalogue.campaigns import campaign_named
from archive.catalogue.field_values import (
    CHOICES,
    LANGUAGES,
    LONGEST,
    DescriptionInvalid,
    choose,
    read_day,
    read_place,
    read_text,
)
from archive.consent.decisions import PRESETS
from archive.days import Day
from archive.language.messages import Message
from archive.models import Narrator, Recording, Testimony
from archive.models.consent import METHODS

CONSENTS = tuple(PRESETS)
_NO_FIELD = Message("there is no field “{name}”; the fields are {allowed}")
_NO_NARRATOR = Message("there is no narrator “{value}”")
_OTHER_NAME = Message("the narrator “{narrator}” is not called “{value}”")


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of a testimony when its recording is handed in; nothing of it is required.

    Attributes:
        consent: one of `CONSENTS`: what the narrator allowed, in the words of the consent script. `band-only` is the
            least that lets the band work on it; finer grants are given in the steward's room.
        consent_method: how she allowed it, one of `METHODS`.
        province, district: codes of the official gazetteer, or names in Khmer or English.
        narrator: the id of a narrator who is known already; by her name alone nobody is taken for her.
        part: which part of a longer telling it is: a word that its parts share and a number, as `rain 2`.
    """

    title_km: str = ""
    title_en: str = ""
    synopsis_km: str = ""
    synopsis_en: str = ""
    language: str = ""
    recorded_on: Day | None = None
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
    part: str = ""


FIELDS = tuple(Description.__dataclass_fields__)
_CHOICES = {**CHOICES, "consent": CONSENTS, "consent_method": METHODS}


def describe(raw: Mapping[str, str | None]) -> Description:
    """A Description from text fields, as they come from a sheet or a form.

    Raises:
        DescriptionInvalid: a field that is not known, or a value that cannot be.
    """
    unknown = sorted(set(raw) - set(FIELDS))
    if unknown:
        raise DescriptionInvalid(_NO_FIELD, "", name=unknown[0], allowed=", ".join(FIELDS))
    given = {name: text for name, value in raw.items() if (text := read_text(name, value))}
    day = given.pop("recorded_on", None)
    found = Description(**given, recorded_on=read_day(day) if day else None)
    for name, choices in _CHOICES.items():
        choose(name, getattr(found, name), choices)
    read_place(found.province, found.district)
    return replace(found, part=parts.read_part(found.part))


def add_testimony(session: Session, recording: Recording, found: Description) -> Testimony:
    """Catalogue a recording's testimony; its consent is recorded by the caller in the same transaction.

    Raises:
        DescriptionInvalid: it names a narrator who is not there.
    """
    narrator = _narrator(session, found)
    testimony = Testimony(
        recording_id=recording.id,
        narrator_id=narrator.id,
        campaign_id=campaign_named(session, found.campaign),
        title_km=found.title_km,
        title_en=found.title_en,
        synopsis_km=found.synopsis_km,
        synopsis_en=found.synopsis_en,
        language=found.language,
        recorded_on=found.recorded_on,
        setting=found.setting,
        collected_by=found.collected_by,
    )
    parts.put_part(testimony, found.part)
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
        raise DescriptionInvalid(_NO_NARRATOR, "narrator", value=found.narrator)
    for field, kept in (("narrator_km", narrator.pseudonym_km), ("narrator_en", narrator.pseudonym_en)):
        said = getattr(found, field)
        if said and said != kept:
            raise DescriptionInvalid(_OTHER_NAME, field, narrator=found.narrator, value=said)
    return narrator


def _narrator(session: Session, found: Description) -> Narrator:
    """The narrator whom somebody chose, or a new one: two women may bear one name."""
    known = known_narrator(session, found)
    if known is not None:
        return known
    province, district = read_place(found.province, found.district)
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


__all__ = [
    "CONSENTS",
    "FIELDS",
    "LANGUAGES",
    "LONGEST",
    "Description",
    "DescriptionInvalid",
    "add_testimony",
    "describe",
    "known_narrator",
]
