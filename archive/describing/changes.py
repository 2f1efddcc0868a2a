"""Correcting a testimony's description: checked field by field, against what was seen, kept as one act, undone as one.

Whoever corrects says which version of the description they had before them. A field that somebody else changed since
and that they did not touch stays as it is now; one that both changed is a conflict, and then nothing is written: the
later one is shown both. Every changed field leaves a row in the same transaction, so that whatever was written can be
read again and put back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.catalogue.field_values import DescriptionInvalid
from archive.db import Database
from archive.describing import fields
from archive.describing.fields import OF_THE_NARRATOR, Described
from archive.language.messages import Message
from archive.ledgers import audit, chain
from archive.models import DescriptionChange, Narrator, Testimony, new_id
from archive.narrators.known import testimonies_of
from archive.retrieval import indexing
from archive.search.index import SearchIndex
from archive.transcripts import marked_words

AT_THE_MACHINE = Viewer(None, "steward")
"""Whoever is at the machine itself, by a command: every row is theirs to change anyway."""
_NOT_HERE = Message("this field cannot be corrected here")


class FieldsRefused(ValueError):
    """Some of what was written cannot be so; `errors` has one complaint for each such field. Nothing was changed."""

    def __init__(self, errors: Mapping[str, DescriptionInvalid]) -> None:
        super().__init__("; ".join(f"{name}: {error}" for name, error in errors.items()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that two people changed: what the later one wrote, what stands there now, and whose that is."""

    field: str
    wanted: str
    now: str
    by_id: str | None
    at: datetime


class ChangedMeanwhile(RuntimeError):
    """Others changed the same fields since the version that was seen. Nothing was changed.

    Attributes:
        version: the newest, to be named when the choice has been made.
        theirs: fields that others changed and this person left as they were: what stands there now stays.
    """

    def __init__(self, conflicts: Sequence[Conflict], version: int, theirs: Collection[str] = ()) -> None:
        super().__init__(f"Changed meanwhile: {', '.join(one.field for one in conflicts)}.")
        self.conflicts, self.version, self.theirs = tuple(conflicts), version, frozenset(theirs)


@dataclass(frozen=True, slots=True)
class DescriptionAct:
    """What one correction changed.

    Attributes:
        id: by which it is undone; the same for every testimony of one import or one selection.
        fields: those that are different now; none where nothing was.
        touched: testimonies about which something else is said now, to be indexed anew.
    """

    id: str
    fields: tuple[str, ...] = ()
    touched: frozenset[str] = field(default_factory=frozenset)


def version(session: Session, testimony: Testimony) -> int:
    """The number of the newest change of a testimony's description or its narrator's; 0 for none."""
    return session.scalar(select(func.max(DescriptionChange.seq)).where(about(testimony))) or 0


def about(testimony: Testimony) -> ColumnElement[bool]:
    """The changes of a testimony and of whoever told it."""
    return or_(DescriptionChange.testimony_id == testimony.id, DescriptionChange.narrator_id == testimony.narrator_id)


def change(
    session: Session,
    viewer: Viewer,
    testimony_id: str,
    wanted: Mapping[str, str],
    *,
    seen: int | None = None,
    act_id: str | None = None,
    kind: str = "page",
) -> DescriptionAct:
    """Correct some fields of a description; what is as it was already leaves no trace.

    Args:
        wanted: field of `fields.FIELDS` -> what somebody wrote: names or codes, days as people write them.
        seen: the `version` that they had before them; None to write over whatever is there.
        act_id: of an act with several testimonies, from `new_id()`.
        kind: one of `archive.models.description.KINDS`.

    Raises:
        Unknown: there is no such testimony, or this viewer may not correct it.
        FieldsRefused, ChangedMeanwhile: see there.
    """
    allowed = fields.fields_for(session, viewer, testimony_id)
    of = _locked(session, viewer, testimony_id)
    before = fields.current(session, of.testimony)
    values = _read(of, wanted, before, allowed)
    if values.get("narrator", before["narrator"]) != before["narrator"]:
        values.setdefault("part", "")  # parts of one telling are one woman's
    if seen is not None:
        values = _merged(session, of, values, before, seen)
    values = {name: values[name] for name in fields.FIELDS if values.get(name, before[name]) != before[name]}
    act = act_id or new_id()
    if not values:
        return DescriptionAct(act)
    touched = _write(of, values, act, kind)
    audit.note(
        session,
        viewer.account_id,
        "testimony.described",
        f"testimony:{testimony_id}",
        {"act": act, "kind": kind, "fields": sorted(values)},
    )
    return DescriptionAct(act, tuple(values), touched)


def differences(
    session: Session, viewer: Viewer, testimony_id: str, wanted: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """What `change` would change, and to what: field -> what is kept now, and what would be. Nothing is written.

    Raises:
        Unknown, FieldsRefused: as `change`.
    """
    allowed = fields.fields_for(session, viewer, testimony_id)
    of = Described(session, viewer, session.get_one(Testimony, testimony_id))
    before = fields.current(session, of.testimony)
    values = _read(of, wanted, before, allowed)
    return {
        name: (before[name], values[name]) for name in fields.FIELDS if values.get(name, before[name]) != before[name]
    }


def _locked(session: Session, viewer: Viewer, testimony_id: str) -> Described:
    """The testimony with its narrator, both held until the end of the transaction. Raises Unknown."""
    chain.take_turn(session)  # as every act that is noted: first the log, then the rows
    testimony = session.get(Testimony, testimony_id, with_for_update={"of": Testimony}, populate_existing=True)
    if testimony is None or testimony.withdrawn_at is not None:
        raise Unknown("There is no such thing here.")
    session.get(Narrator, testimony.narrator_id, with_for_update=True, populate_existing=True)
    return Described(session, viewer, testimony)


def _read(
    of: Described, wanted: Mapping[str, str], before: Mapping[str, str], allowed: Sequence[str]
) -> dict[str, str]:
    """Each field as it would be kept. Raises FieldsRefused."""
    values: dict[str, str] = {}
    errors: dict[str, DescriptionInvalid] = {}
    for name, text in wanted.items():
        try:
            if name not in allowed:
                raise DescriptionInvalid(_NOT_HERE, name)
            if name not in ("province", "district"):
                values[name] = fields.read(of, name, text)
        except DescriptionInvalid as error:
            errors[name] = error
    places = {name: wanted[name] for name in ("province", "district") if name in wanted and name not in errors}
    if places:
        try:
            values |= fields.read_places(places, before)
        except DescriptionInvalid as error:
            errors[error.field] = error
    if errors:
        raise FieldsRefused(errors)
    return values


def _merged(
    session: Session, of: Described, values: Mapping[str, str], now: Mapping[str, str], seen: int
) -> dict[str, str]:
    """Without the fields that others changed since and this person left as she saw them. Raises ChangedMeanwhile."""
    rows = select(DescriptionChange).where(about(of.testimony), DescriptionChange.seq > seen)
    then: dict[str, str] = {}
    last: dict[str, DescriptionChange] = {}
    for row in session.scalars(rows.order_by(DescriptionChange.seq)):
        then.setdefault(row.field, row.before)
        last[row.field] = row
    kept = {name: value for name, value in values.items() if name not in last or value != then[name]}
    conflicts = [
        Conflict(name, value, now[name], last[name].by_id, last[name].at)
        for name, value in kept.items()
        if name in last and value != now[name]
    ]
    if conflicts:
        raise ChangedMeanwhile(conflicts, version(session, of.testimony), values.keys() - kept.keys())
    return kept


def _write(
    of: Described, values: Mapping[str, str], act_id: str, kind: str, undoes_id: str | None = None
) -> frozenset[str]:
    """Put the values in and write the rows; returns the testimonies that are told of otherwise now."""
    touched = {of.testimony.id}
    for name, value in values.items():
        hers = name in OF_THE_NARRATOR
        before = fields.current(of.session, of.testimony)[name]  # another narrator has another community
        if value == before:
            continue
        try:
            kept = fields.put(of, name, value)
        except DescriptionInvalid as error:
            raise FieldsRefused({name: error}) from None
        of.session.add(
            DescriptionChange(
                act_id=act_id,
                testimony_id=None if hers else of.testimony.id,
                narrator_id=of.narrator.id if hers else None,
                field=name,
                before=before,
                after=kept,
                kind=kind,
                undoes_id=undoes_id,
                by_id=of.viewer.account_id,
            )
        )
        of.session.flush()
        if hers:
            touched.update(testimonies_of(of.session, of.narrator.id))
    marked_words.look_again(of.session, of.testimony.id)
    return frozenset(touched)


def find_again(database: Database, index: SearchIndex, act: DescriptionAct) -> None:
    """Let search find what an act changed; to be called when its transaction is over."""
    for testimony_id in sorted(act.touched):
        indexing.index_testimony(database, index, testimony_id)


def undo(session: Session, viewer: Viewer, act_id: str) -> DescriptionAct:
    """Put back everything that one act changed, as an act of its own that can be undone as well.

    Raises:
        Unknown: there is no such act, or some of what it changed this viewer may not correct.
        ChangedMeanwhile: some of it was changed again since; nothing was put back.
        FieldsRefused: what stood there cannot stand there any more.
    """
    rows = session.scalars(
        select(DescriptionChange).where(DescriptionChange.act_id == act_id).order_by(DescriptionChange.seq)
    ).all()
    made = new_id()
    names: list[str] = []
    touched: set[str] = set()
    for testimony_id, its in sorted(_by_testimony(session, viewer, rows).items()):
        if not {row.field for row in its} <= fields.undone_by(session, viewer, testimony_id):
            raise Unknown("There is no such thing here.")
        of = _locked(session, viewer, testimony_id)
        _refuse_what_was_changed_since(session, of, its, fields.current(session, of.testimony))
        back = {row.field: row.before for row in its}
        touched |= _write(of, back, made, "undo", act_id)
        names += [name for name in back if name not in names]
        detail = {"act": made, "undoes": act_id, "fields": sorted(back)}
        audit.note(session, viewer.account_id, "testimony.described", f"testimony:{testimony_id}", detail)
    if not names:
        raise Unknown("There is no such thing here.")
    return DescriptionAct(made, tuple(names), frozenset(touched))


def _by_testimony(
    session: Session, viewer: Viewer, rows: Sequence[DescriptionChange]
) -> dict[str, list[DescriptionChange]]:
    """The rows by the testimony through which they are put back; a narrator's by one of hers that may be known of."""
    found: dict[str, list[DescriptionChange]] = {}
    own = {row.testimony_id for row in rows if row.testimony_id}
    for row in rows:
        if row.testimony_id:
            found.setdefault(row.testimony_id, []).append(row)
        elif row.narrator_id:
            hers = sorted(testimonies_of(session, row.narrator_id), key=lambda one: one not in own)
            told = next((one for one in hers if gate.may(session, viewer, one, "existence")), None)
            if told is None:
                raise Unknown("There is no such thing here.")
            found.setdefault(told, []).append(row)
    return found


def _refuse_what_was_changed_since(
    session: Session, of: Described, rows: Sequence[DescriptionChange], now: Mapping[str, str]
) -> None:
    """Raises ChangedMeanwhile."""
    left = {row.field: row.after for row in rows}
    newest = {
        row.field: row
        for row in session.scalars(select(DescriptionChange).where(about(of.testimony)).order_by(DescriptionChange.seq))
    }
    conflicts = [
        Conflict(row.field, row.before, now[row.field], newest[row.field].by_id, newest[row.field].at)
        for row in rows
        if now[row.field] != left[row.field] and row.field in newest
    ]
    if conflicts:
        raise ChangedMeanwhile(conflicts, version(session, of.testimony))
