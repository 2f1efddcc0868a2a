"""One field of several testimonies, corrected in one go: looked at first, applied as one act, undone as one.

Each testimony is corrected as on its own page, with the same complaints; one that cannot be taken is told and left as
it is. Looking does what applying does and lets go of it, so that nothing else is shown than what would be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.backends import Backends
from archive.catalogue.field_values import FIELD_NAMES
from archive.catalogue.list_counts import counted
from archive.catalogue.title_lookup import has_words
from archive.describing import catalogue, changes, sheet_changes
from archive.describing.catalogue import CatalogueRow
from archive.describing.changes import DescriptionAct
from archive.describing.sheet_changes import NOBODY, OnlyLooked, RowOutcome, Said, SheetPlan
from archive.errors import ArchiveError
from archive.language.dictionary_order import sort_key
from archive.language.messages import Message
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import Tagging, Term, Testimony, new_id

KIND = "selection"
MOST = 500
"""Testimonies of one act."""
ADD_THEME, DROP_THEME, PLACE = "add-theme", "drop-theme", "place"
CHANGED_TOGETHER: Mapping[str, Message] = {
    "campaign": FIELD_NAMES["campaign"],
    ADD_THEME: Message("A theme more"),
    DROP_THEME: Message("A theme less"),
    "collected_by": FIELD_NAMES["collected_by"],
    "language": FIELD_NAMES["language"],
    "recorded_on": FIELD_NAMES["recorded_on"],
    "setting": FIELD_NAMES["setting"],
    "community": FIELD_NAMES["community"],
    PLACE: Message("Place of the narrator"),
}
"""What can be said of several at once, and how it is called."""
_MEANWHILE = Message("Somebody changed this meanwhile; look again")
_TOO_MANY = Message("At most {n} testimonies are changed in one go. Choose fewer.")
_NOTHING = Message("Choose the testimonies first.")


class SelectionRefused(ArchiveError, ValueError):
    """So many cannot be changed in one go, or none were chosen."""


@dataclass(frozen=True, slots=True)
class WantedTogether:
    """What is to be said of all of them.

    Attributes:
        field: one of `CHANGED_TOGETHER`.
        value: as somebody wrote it; the id of a theme; the code of a province or a district; empty for nothing.
        seen: the newest version among them when they were looked at; None to write over whatever is there.
    """

    field: str
    value: str
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class ThemeChoice:
    """A theme that can be set, or taken away."""

    id: str
    km: str
    en: str


def testimonies(session: Session, viewer: Viewer, wanted: ListRequest) -> ListPage[str]:
    """A page of the ids of all testimonies that this viewer may know of, the newest first."""
    known = gate.conditions(viewer, "existence")
    count = select(literal("all"), func.count()).select_from(Testimony).where(*known)
    everything = total = counted(session, ("testimonies", viewer.scope), count)["all"]
    found = select(Testimony.id).where(*known, *has_words(viewer, wanted.words))
    if wanted.words:
        total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page = found.order_by(Testimony.created_at.desc(), Testimony.id).offset(wanted.offset).limit(PAGE)
    return ListPage(wanted, session.scalars(page).all(), total, everything)


def chosen(session: Session, viewer: Viewer, ids: Sequence[str]) -> tuple[str, ...]:
    """Those of the testimonies that somebody chose of which this viewer may know, each once, in the order of choosing.

    Raises:
        SelectionRefused: none, or more than `MOST`.
    """
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST:
        raise SelectionRefused(_TOO_MANY, n=MOST)
    known = set(session.scalars(gate.permitted(viewer, "existence").where(Testimony.id.in_(wanted))))
    if not known:
        raise SelectionRefused(_NOTHING)
    return tuple(one for one in wanted if one in known)


def themes_to_choose(session: Session, viewer: Viewer, ids: Sequence[str], field: str) -> list[ThemeChoice]:
    """The themes that all may know, to add one; those that stand on one of these testimonies, to take one away."""
    here = select(Tagging.term_id).where(
        Tagging.testimony_id.in_(gate.permitted(viewer, "existence").where(Testimony.id.in_(ids))),
        Tagging.state == "confirmed",
    )
    known = Term.known_to_all & Term.retired_at.is_(None)
    may = Term.id.in_(here) if field == DROP_THEME else or_(known, Term.id.in_(here))
    found = session.scalars(select(Term).where(Term.kind == "theme", Term.merged_into_id.is_(None), may))
    choices = [ThemeChoice(one.id, one.label("km"), one.label("en")) for one in found]
    return sorted(choices, key=lambda one: (sort_key(one.km or one.en), one.id))


def look(backends: Backends, viewer: Viewer, ids: Sequence[str], wanted: WantedTogether) -> tuple[SheetPlan, int]:
    """What would change, and the version that was looked at; nothing is written.

    Raises:
        SelectionRefused: see `chosen`.
    """
    found: list[tuple[SheetPlan, int]] = []
    try:
        with backends.database.write() as session:
            found.append(_plan(session, viewer, ids, wanted))
            raise OnlyLooked
    except OnlyLooked:
        plan, version = found[0]
        return SheetPlan("", plan.rows, plan.bad, plan.same), version


def apply(backends: Backends, viewer: Viewer, ids: Sequence[str], wanted: WantedTogether) -> SheetPlan:
    """Change them, as one act; those that cannot be changed are told of and left. Raises SelectionRefused."""
    with backends.database.write() as session:
        return _plan(session, viewer, ids, wanted)[0]


def undo(backends: Backends, viewer: Viewer, act_id: str) -> DescriptionAct:
    """Put everything back that was changed in one go. Raises as `changes.undo`."""
    with backends.database.write() as session:
        return changes.undo(session, viewer, act_id)


def _plan(session: Session, viewer: Viewer, ids: Sequence[str], wanted: WantedTogether) -> tuple[SheetPlan, int]:
    """Correct each in a savepoint of its own. The caller's transaction decides whether any of it stays."""
    mine = chosen(session, viewer, ids)
    rows = {row["testimony"]: row for row in catalogue.rows(session, viewer, mine)}
    act, good, bad, touched = new_id(), list[RowOutcome](), list[RowOutcome](), set[str]()
    for number, one in enumerate(mine, 1):
        row = rows[one]
        try:
            with session.begin_nested():
                done = changes.change(
                    session, viewer, one, _fields(row, wanted), seen=wanted.seen, act_id=act, kind=KIND
                )
        except (Unknown, changes.FieldsRefused, changes.ChangedMeanwhile) as error:
            bad.append(RowOutcome(number, one, row["title_km"], row["title_en"], problem=_why(error, one)))
            continue
        if done.fields:
            touched |= done.touched
            good.append(sheet_changes.shown(session, viewer, number, row, act))
    version = max(int(row["version"]) for row in rows.values())
    return SheetPlan(act, tuple(good), tuple(bad), len(mine) - len(good) - len(bad), frozenset(touched)), version


def _fields(row: CatalogueRow, wanted: WantedTogether) -> dict[str, str]:
    """The fields of one testimony as they are to be."""
    value = wanted.value.strip()
    if wanted.field in (ADD_THEME, DROP_THEME):
        there = set(row["themes"].split())
        return {"themes": " ".join(sorted(there | {value} if wanted.field == ADD_THEME else there - {value}))}
    if wanted.field == PLACE:
        return {"province": value[:2], "district": value if len(value) > 2 else ""}
    return {wanted.field: value}


def _why(error: Exception, testimony_id: str) -> Said:
    if isinstance(error, changes.FieldsRefused):
        wrong = list({one.said("en"): one for one in error.errors.values()}.values())
        return lambda language: "; ".join(one.said(language) for one in wrong)
    if isinstance(error, changes.ChangedMeanwhile):
        return _MEANWHILE.said
    return lambda language: NOBODY.said(language, value=testimony_id)
