"""Two themes made one, and changes of the thesaurus undone.

A merge gives the taggings, index points, narrower terms and names of one theme to another, and keeps the first as an
address that leads there. What it moved is written down row by row, so that undoing gives back just that; a tagging
or a point that is gone meanwhile, because its narrator took it back, is gone from that list as well.

Of one term the newest change is undone first: an older one would otherwise take later work away with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, cast, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.catalogue import terms
from archive.catalogue.terms import THEME, NotATerm, State, TermNames, TermOvertaken
from archive.ledgers import audit
from archive.models import IndexPoint, Tagging, Term, TermChange, TermMove, now

PAGE = 40
MERGED = "merged"


class CannotUndo(ValueError):
    """A change cannot be undone.

    Attributes:
        why: `later` something was changed after it, `used` the new term is, or `taken` one of its names is.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"This cannot be undone: {why}.")
        self.why = why


@dataclass(frozen=True, slots=True)
class TermUse:
    """What hangs on a term: taggings that people confirmed, those only suggested, index points, narrower terms."""

    confirmed: int
    suggested: int
    points: int
    narrower: int

    @property
    def any(self) -> bool:
        return any((self.confirmed, self.suggested, self.points, self.narrower))


def use_of(session: Session, term_id: str) -> TermUse:
    """How much hangs on a term."""
    states = select(Tagging.state, func.count()).where(Tagging.term_id == term_id).group_by(Tagging.state)
    counted = dict(session.execute(states).all())
    points = session.scalar(select(func.count()).select_from(IndexPoint).where(_names(term_id))) or 0
    below = session.scalar(select(func.count()).select_from(Term).where(Term.broader_id == term_id)) or 0
    return TermUse(counted.get("confirmed", 0), sum(counted.values()) - counted.get("confirmed", 0), points, below)


def testimonies_under(session: Session, *term_ids: str) -> list[str]:
    """Ids of the testimonies that are tagged with any of these terms, or have a point that names one."""
    tagged = select(Tagging.testimony_id).where(Tagging.term_id.in_(term_ids))
    named = select(IndexPoint.testimony_id).where(or_(*(_names(one) for one in term_ids)))
    return sorted({*session.scalars(tagged), *session.scalars(named)})


def _names(term_id: str) -> ColumnElement[bool]:
    return cast(IndexPoint.terms, String).contains(f'"{term_id}"', autoescape=True)


def merge(session: Session, term_id: str, into_id: str, by_id: str | None, *, seen: int | None = None) -> TermChange:
    """Make one theme part of another.

    Raises:
        NotATerm, TermOvertaken, Unknown: see there.
    """
    terms.one_at_a_time(session)
    gone, into = (session.get(Term, one, populate_existing=True) for one in (term_id, into_id))
    if gone is None or into is None:
        raise Unknown("There is no such thing here.")
    if gone.id == into.id:
        raise NotATerm("same", gone.id)
    if gone.kind != THEME or into.kind != THEME:
        raise NotATerm("place", gone.id)
    if gone.merged_into_id or into.merged_into_id:
        raise NotATerm("gone", gone.id)
    if seen is not None and seen != gone.revision:
        raise TermOvertaken("Somebody else has changed this term meanwhile.")
    before = terms.state_of(gone)
    above = terms.chain_above(terms.parents(session), into.id)
    children = list(session.scalars(select(Term.id).where(Term.broader_id == gone.id)))
    before |= {"children": children, "into": terms.state_of(into)}
    if gone.id in above:  # the wider one goes into a narrower one, which takes its place
        into.broader_id = gone.broader_id
    session.execute(update(Term).where(Term.broader_id == gone.id, Term.id != into.id).values(broader_id=into.id))
    names, hers = terms.names_of(into), terms.names_of(gone)
    terms.put_names(session, gone, TermNames())
    terms.put_names(session, into, TermNames.written((*names.km, *hers.km), (*names.en, *hers.en)))
    into.own_parts = sorted({*into.own_parts, "broader", "labels.en", "labels.km"})
    into.known_to_all = into.known_to_all and gone.known_to_all
    into.revision += 1
    gone.merged_into_id, gone.broader_id = into.id, None
    change = terms.note_change(session, gone, MERGED, before, by_id, None, into.id)
    _give_over(session, change, gone.id, into.id)
    session.expire_all()
    return change


def _give_over(session: Session, change: TermChange, gone: str, into: str) -> None:
    ids = session.scalars(select(Tagging.id).where(Tagging.term_id == gone))
    rows = [{"change_id": change.id, "tagging_id": one, "point_id": None, "both": False} for one in ids]
    for point in session.scalars(select(IndexPoint).where(_names(gone))):
        both = into in point.terms
        point.terms = sorted({*(one for one in point.terms if one != gone), into})
        rows.append({"change_id": change.id, "tagging_id": None, "point_id": point.id, "both": both})
    if rows:
        session.execute(insert(TermMove), rows)
    session.execute(update(Tagging).where(Tagging.term_id == gone).values(term_id=into))
    session.flush()


def changes_of(session: Session, term_id: str, limit: int = PAGE) -> list[TermChange]:
    """The newest changes of a term, and those that merged another one into it."""
    mine = or_(TermChange.term_id == term_id, TermChange.other_id == term_id)
    return list(session.scalars(select(TermChange).where(mine).order_by(TermChange.id.desc()).limit(limit)))


def recent(session: Session, limit: int = PAGE) -> list[TermChange]:
    """The newest changes of the whole thesaurus."""
    return list(session.scalars(select(TermChange).order_by(TermChange.id.desc()).limit(limit)))


def undo(session: Session, act: str, by_id: str | None) -> list[str]:
    """Undo all that was changed in one act; returns the ids of the terms that are different now.

    Raises:
        CannotUndo: see there; then nothing is undone.
        Unknown: there is no such act, or it was undone.
    """
    terms.one_at_a_time(session)
    query = select(TermChange).where(TermChange.act == act, TermChange.undone_at.is_(None))
    changes = session.scalars(query.order_by(TermChange.id.desc())).all()
    if not changes:
        raise Unknown("There is no such thing here.")
    touched: dict[str, None] = {}
    for change in changes:
        if _newest_of(session, change) != change.id:
            raise CannotUndo("later")
        touched |= dict.fromkeys(filter(None, (change.term_id, change.other_id)))
        _undo_one(session, change, by_id)
    session.flush()
    session.expire_all()
    return list(touched)


def may_undo(session: Session, changes: Sequence[TermChange]) -> frozenset[int]:
    """Which of these changes are the newest of their terms."""
    return frozenset(one.id for one in changes if one.undone_at is None and _newest_of(session, one) == one.id)


def _newest_of(session: Session, change: TermChange) -> int | None:
    """The newest change that is in force of any term that this one changed."""
    ids = [change.term_id, *filter(None, [change.other_id])]
    same = or_(TermChange.term_id.in_(ids), TermChange.other_id.in_(ids))
    return session.scalar(select(func.max(TermChange.id)).where(same, TermChange.undone_at.is_(None)))


def _undo_one(session: Session, change: TermChange, by_id: str | None) -> None:
    found = session.get_one(Term, change.term_id, populate_existing=True)
    audit.note(session, by_id, "term.undone", f"term:{found.id}"[:60], {"change": change.id})
    if change.kind == "made":
        if use_of(session, found.id).any or _took_over(session, found.id):
            raise CannotUndo("used")
        session.delete(found)
        session.flush()
        return
    if change.kind == MERGED:
        _part(session, change, found)
    _put_state(session, found, change.before)
    change.undone_at = now()
    session.flush()


def _took_over(session: Session, term_id: str) -> bool:
    return session.scalar(select(Term.id).where(Term.merged_into_id == term_id).limit(1)) is not None


def _put_state(session: Session, found: Term, state: State) -> None:
    owners = terms.owners_of_names(session)
    if found.kind == THEME and any(
        owners.get(terms.folded(name), found.id) != found.id for name in (*state["km"], *state["en"])
    ):
        raise CannotUndo("taken")
    if found.id in terms.chain_above(terms.parents(session), state["broader"]):
        raise CannotUndo("later")
    terms.put_names(session, found, TermNames(tuple(state["km"]), tuple(state["en"])))
    found.broader_id, found.known_to_all = state["broader"], state["known"]
    found.own_parts, found.merged_into_id = list(state["own"]), state["merged"]
    found.cues = dict(state.get("cues", {}))
    found.retired_at = (found.retired_at or now()) if state["retired"] else None
    found.revision += 1
    session.flush()


def _part(session: Session, change: TermChange, gone: Term) -> None:
    """Give back what the merge moved."""
    into = session.get_one(Term, change.other_id or "", populate_existing=True)
    gone.broader_id, gone.merged_into_id = change.before["broader"], None
    session.flush()
    _put_state(session, into, change.before["into"])
    below = Term.id.in_(change.before["children"]), Term.broader_id == into.id
    session.execute(update(Term).where(*below).values(broader_id=gone.id))
    given = select(TermMove.tagging_id).where(TermMove.change_id == change.id, TermMove.tagging_id.is_not(None))
    session.execute(update(Tagging).where(Tagging.id.in_(given), Tagging.term_id == into.id).values(term_id=gone.id))
    moves = select(TermMove.point_id, TermMove.both).where(
        TermMove.change_id == change.id, TermMove.point_id.is_not(None)
    )
    both = dict(session.execute(moves).all())
    for point in session.scalars(select(IndexPoint).where(IndexPoint.id.in_(both))):
        kept = {one for one in point.terms if one != into.id or both[point.id]}
        if into.id in point.terms:
            point.terms = sorted({*kept, gone.id})
    session.execute(delete(TermMove).where(TermMove.change_id == change.id))
    session.flush()
