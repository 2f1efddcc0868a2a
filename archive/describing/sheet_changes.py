"""A sheet of the catalogue that comes back: what it would change, row by row, and all of it as one act.

Looking does everything that applying does and then lets go of it, so that what is shown is what would be, with the same
complaints. A row is good or bad as a whole; a bad one changes nothing and says why. What somebody else changed since
the sheet was taken out stays as it is where the sheet did not touch it, and is a complaint where both did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown, Viewer
from archive.accounts.accounts import people
from archive.backends import Backends
from archive.catalogue.field_values import FIELD_NAMES
from archive.describing import catalogue, changes, fields, history
from archive.describing.catalogue import CatalogueRow
from archive.describing.history import ShownValue
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import Campaign, DescriptionChange, Testimony, new_id

Said = Callable[[str], str]
"""A sentence in the language that is named."""
GivenRow = tuple[int, Mapping[str, str] | Said]
"""A line's number, and its cells by column, or what is wrong with it as a line."""
KIND = "import"
SHOWN = 20
_NO_ID = Message("the row names no testimony")
_TWICE = Message("the testimony stands in line {line} already")
NOBODY = Message("there is no testimony “{value}”, or it was taken back")
_FIXED = Message("“{column}” cannot be changed by a sheet; it is “{now}”")
_NAMES = Message("the name that the narrator chose is changed on her page, not by a sheet; it is “{now}”")
_NO_VERSION = Message("“{value}” is no version of this description")
_FORMULA = Message("“{column}” begins like a formula; write ' before it if it is meant so")
_MEANWHILE = Message("somebody changed this since the sheet was taken out: {fields}; take it out again and look")
_TWO_WORDS = Message("another row of this sheet says otherwise of the same narrator: {fields}")
_NO_CAMPAIGN = Message("there is no campaign “{value}”; write +{value} to make it")
_NO_COLUMN = Message("There is no column “{column}”; the columns are {allowed}.")
_CONSENT = Message("What was allowed is never changed by a sheet; take the column “{column}” out.")
_COLUMN_TWICE = Message("The column “{column}” stands there twice.")
_NEEDS_IDS = Message("The sheet needs a first line with the names of its columns, one of them “testimony”.")


class CatalogueRefused(ArchiveError, ValueError):
    """The sheet as a whole cannot be used."""


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell with what stands there and what would."""

    field: str
    before: ShownValue
    after: ShownValue


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What becomes of a row: changes, or what is wrong with it."""

    line: int
    testimony_id: str
    title_km: str = ""
    title_en: str = ""
    changes: tuple[CellChange, ...] = ()
    problem: Said | None = None


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What a sheet would change, or changed.

    Attributes:
        act_id: by which it is undone; empty where it was only looked at or nothing was changed.
        rows: those that change something; `bad`: those that cannot be taken; `same`: how many change nothing.
        touched: testimonies of which something else is said now, to be found again.
    """

    act_id: str
    rows: tuple[RowOutcome, ...]
    bad: tuple[RowOutcome, ...]
    same: int
    touched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SheetAct:
    """A sheet that was applied: when, by whom, and of how many testimonies and narrators it changed something."""

    act_id: str
    at: datetime
    by: str
    count: int
    undone: bool


class OnlyLooked(Exception):
    """Nothing is to be kept of it."""


class _BadRow(ValueError):
    def __init__(self, message: Message, **values: str) -> None:
        super().__init__(message.text)
        self.said: Said = lambda language: message.said(language, **values)


def check_columns(columns: Sequence[str]) -> None:
    """Raises CatalogueRefused where a sheet with these columns is no catalogue."""
    named = [one for one in columns if one]
    for one in named:
        if one in catalogue.CONSENT:
            raise CatalogueRefused(_CONSENT, column=one)
        if one not in catalogue.COLUMNS:
            raise CatalogueRefused(_NO_COLUMN, column=one, allowed=", ".join(catalogue.COLUMNS))
        if named.count(one) > 1:
            raise CatalogueRefused(_COLUMN_TWICE, column=one)
    if "testimony" not in named:
        raise CatalogueRefused(_NEEDS_IDS)


def look(backends: Backends, viewer: Viewer, given: Sequence[GivenRow]) -> SheetPlan:
    """What the sheet would change; nothing is written."""
    found: list[SheetPlan] = []
    try:
        with backends.database.write() as session:
            found.append(_plan(session, viewer, given))
            raise OnlyLooked
    except OnlyLooked:
        return SheetPlan("", found[0].rows, found[0].bad, found[0].same)


def apply(backends: Backends, viewer: Viewer, given: Sequence[GivenRow]) -> SheetPlan:
    """Change what the good rows say, as one act that is noted and can be undone; the bad ones change nothing."""
    with backends.database.write() as session:
        plan = _plan(session, viewer, given)
        if plan.rows:
            detail = {"act": plan.act_id, "testimonies": len(plan.rows), "refused": len(plan.bad)}
            audit.note(session, viewer.account_id, "catalogue.imported", catalogue.SUBJECT, detail)
    return plan if plan.rows else SheetPlan("", (), plan.bad, plan.same)


def undo(backends: Backends, viewer: Viewer, act_id: str) -> frozenset[str]:
    """Put everything back that a sheet changed; returns the testimonies of which something else is said now.

    Raises:
        Unknown: there is no such act.
        changes.ChangedMeanwhile: some of it was changed again since; nothing was put back.
        changes.FieldsRefused: what stood there cannot stand there any more.
    """
    with backends.database.write() as session:
        act = changes.undo(session, viewer, act_id)
        detail = {"act": act.id, "undoes": act_id}
        audit.note(session, viewer.account_id, "catalogue.undone", catalogue.SUBJECT, detail)
    return act.touched


def find_again(backends: Backends, testimony_ids: frozenset[str]) -> None:
    """Let search find what was changed, at once."""
    changes.find_again(backends.database, backends.index, changes.DescriptionAct("", (), testimony_ids))


def recent(session: Session) -> list[SheetAct]:
    """The newest sheets that were applied."""
    last = func.max(DescriptionChange.seq)
    thing = func.coalesce(DescriptionChange.testimony_id, DescriptionChange.narrator_id)
    query = (
        select(
            DescriptionChange.act_id,
            func.max(DescriptionChange.at),
            func.max(DescriptionChange.by_id),
            func.count(func.distinct(thing)),
        )
        .where(DescriptionChange.kind == KIND)
        .group_by(DescriptionChange.act_id)
        .order_by(last.desc())
        .limit(SHOWN)
    )
    found = session.execute(query).all()
    acts = [one[0] for one in found]
    back = select(DescriptionChange.undoes_id).where(DescriptionChange.undoes_id.in_(acts))
    undone = set(session.scalars(back))
    names = people(session, {one[2] for one in found})
    return [SheetAct(act, at, names.get(by or "", ""), count, act in undone) for act, at, by, count in found]


def _plan(session: Session, viewer: Viewer, given: Sequence[GivenRow]) -> SheetPlan:
    """Apply every good row in a savepoint of its own. The caller's transaction decides whether any of it stays."""
    now = _as_it_stands(session, viewer, given)
    campaigns = {word for one in session.scalars(select(Campaign)) for word in (one.id, one.name_km, one.name_en)}
    act, seen = new_id(), dict[str, int]()
    good: list[RowOutcome] = []
    bad: list[RowOutcome] = []
    touched: set[str] = set()
    same = 0
    for line, cells in given:
        told = "" if callable(cells) else cells.get("testimony", "").strip()
        try:
            if callable(cells):
                raise _Unreadable(cells)
            wanted, version = _wanted(line, cells, now, seen, campaigns)
            done = changes.DescriptionAct(act)
            if wanted:
                with session.begin_nested():
                    done = changes.change(session, viewer, told, wanted, seen=version, act_id=act, kind=KIND)
        except (_Unreadable, _BadRow, Unknown, changes.FieldsRefused, changes.ChangedMeanwhile) as error:
            row = now.get(told, {})
            why = _why(session, error, told, act)
            bad.append(RowOutcome(line, told, row.get("title_km", ""), row.get("title_en", ""), problem=why))
            continue
        if done.fields:
            touched |= done.touched
            good.append(shown(session, viewer, line, now[told], act))
        else:
            same += 1
    return SheetPlan(act, tuple(good), tuple(bad), same, frozenset(touched))


def _as_it_stands(session: Session, viewer: Viewer, given: Iterable[GivenRow]) -> dict[str, CatalogueRow]:
    ids = sorted({cells.get("testimony", "").strip() for _, cells in given if not callable(cells)})
    return {row["testimony"]: row for row in catalogue.rows(session, viewer, ids)}


class _Unreadable(ValueError):
    def __init__(self, said: Said) -> None:
        super().__init__("the line cannot be read")
        self.said = said


def _wanted(
    line: int, cells: Mapping[str, str], now: Mapping[str, CatalogueRow], seen: dict[str, int], campaigns: set[str]
) -> tuple[dict[str, str], int]:
    """The cells that differ from what stands there, and the version that the row was taken out with. Raises _BadRow."""
    told = cells.get("testimony", "").strip()
    if not told:
        raise _BadRow(_NO_ID)
    if told in seen:
        raise _BadRow(_TWICE, line=str(seen[told]))
    seen[told] = line
    row = now.get(told)
    if row is None:
        raise _BadRow(NOBODY, value=told[:40])
    for name in (*catalogue.NAMES, *catalogue.FIXED):
        if cells.get(name, row[name]) != row[name]:
            raise _BadRow(_NAMES if name in catalogue.NAMES else _FIXED, column=name, now=row[name])
    wanted = {name: cells[name] for name in fields.FIELDS if name in cells and cells[name] != row[name]}
    for name, text in wanted.items():
        if text[:1] in ("=", "@", "\t", "\r"):
            raise _BadRow(_FORMULA, column=name)
    if (district := wanted.get("district", "")).isdigit() and len(district) == 3:
        wanted["district"] = f"0{district}"  # office programs take a code for a number, and its nought away
    campaign = wanted.get("campaign", "").strip()
    if campaign and campaign not in campaigns and not campaign.startswith(fields.NEW):
        raise _BadRow(_NO_CAMPAIGN, value=campaign[:80])
    return wanted, _version(cells, row)


def _version(cells: Mapping[str, str], row: CatalogueRow) -> int:
    text = cells.get("version", "").strip() or row["version"]
    if not (text.isascii() and text.isdigit() and len(text) < 19) or int(text) > int(row["version"]):
        raise _BadRow(_NO_VERSION, value=text[:40])
    return int(text)


def _why(session: Session, error: Exception, told: str, act: str) -> Said:
    if isinstance(error, _BadRow | _Unreadable):
        return error.said
    if isinstance(error, changes.FieldsRefused):
        wrong = list(error.errors.values())
        return lambda language: "; ".join(one.said(language) for one in wrong)
    if isinstance(error, changes.ChangedMeanwhile):
        names = [one.field for one in error.conflicts]
        mine = select(DescriptionChange.seq).where(DescriptionChange.act_id == act, DescriptionChange.field.in_(names))
        message = _MEANWHILE if session.scalar(mine.limit(1)) is None else _TWO_WORDS
        return lambda language: message.said(
            language, fields=", ".join(FIELD_NAMES[name].said(language) for name in names)
        )
    return lambda language: NOBODY.said(language, value=told)


def shown(session: Session, viewer: Viewer, line: int, row: CatalogueRow, act: str) -> RowOutcome:
    """What an act changed of a testimony, in words."""
    told = session.get_one(Testimony, row["testimony"])
    mine = select(DescriptionChange).where(DescriptionChange.act_id == act, changes.about(told))
    cells = tuple(
        CellChange(
            one.field,
            history.value(session, viewer, one.field, one.before),
            history.value(session, viewer, one.field, one.after),
        )
        for one in session.scalars(mine.order_by(DescriptionChange.seq))
    )
    return RowOutcome(line, told.id, row["title_km"], row["title_en"], cells)
