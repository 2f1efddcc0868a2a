"""Themes taken in from elsewhere: first what would change, one by one, with the reason for each that cannot be taken.

What is offered says all of a theme: its names in a language replace those it has in that language, and what it is under
replaces what it was under. Themes that are not offered stay as they are. All of it is one act, and is undone as one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue import terms
from archive.catalogue.terms import LANGUAGES, THEME, NotATerm, TermNames
from archive.ledgers import audit
from archive.models import Term, new_id

NO_NAMES = TermNames()


@dataclass(frozen=True, slots=True)
class OfferedTheme:
    """A theme as a file has it.

    Attributes:
        key: how the file calls it.
        id: the id that it has or would have here.
        names: by language, the preferred one first; a language that is missing says nothing.
        broader: ids of what it is under; more than one cannot be kept.
        into: the id of what it was merged into, where the file says so.
        several: languages in which the file prefers more than one name.
    """

    key: str
    id: str
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    broader: tuple[str, ...] = ()
    retired: bool = False
    into: str = ""
    several: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedTheme:
    """What would become of one theme of the file.

    Attributes:
        kind: `new`, `changed`, `same` or `bad`.
        changes: what would be different, as (part, before, after); parts are `km`, `en`, `broader` and `retired`.
        why, about: the reason for a bad one, as `NotATerm` has it, or `several`, `many-broader`, `into`, `twice`.
    """

    offered: OfferedTheme
    kind: str
    names: TermNames = NO_NAMES
    changes: tuple[tuple[str, str, str], ...] = ()
    why: str = ""
    about: str = ""

    @property
    def name(self) -> str:
        return next(iter((*self.names.en, *self.names.km)), self.offered.key)


@dataclass(frozen=True, slots=True)
class ThesaurusPlan:
    """Everything that a file would change; `digest` tells whether another one is the same."""

    rows: tuple[PlannedTheme, ...]

    def count(self, kind: str) -> int:
        return sum(row.kind == kind for row in self.rows)

    @property
    def digest(self) -> str:
        return hashlib.sha256(repr(self.rows).encode()).hexdigest()[:24]


def plan(session: Session, offered: Iterable[OfferedTheme]) -> ThesaurusPlan:
    """What would change if these themes were taken in."""
    return ThesaurusPlan(tuple(_Planner(session).rows(offered)))


def take_in(session: Session, made: ThesaurusPlan, by_id: str | None) -> str:
    """Do what was planned, without the bad ones; returns the act, to be undone by. Raises NotATerm."""
    act = new_id()
    known = terms.parents(session)
    above = {row.offered.id: row.offered.broader[:1] for row in made.rows if row.kind != "bad"}

    def depth(term_id: str, seen: frozenset[str] = frozenset()) -> int:
        over = above[term_id][0] if above.get(term_id) else None if term_id in above else known.get(term_id)
        return 0 if over is None or over in seen else 1 + depth(over, seen | {term_id})

    wanted = [row for row in made.rows if row.kind in {"new", "changed"}]
    for row in sorted(wanted, key=lambda row: (depth(row.offered.id), row.offered.id)):
        one, broader = row.offered, next(iter(row.offered.broader), None)
        if row.kind == "new":
            terms.add(session, row.names, broader, by_id, term_id=one.id, act=act)
        else:
            terms.relabel(session, one.id, row.names, by_id, act=act)
            terms.move(session, one.id, broader, by_id, act=act)
        if one.retired != (session.get_one(Term, one.id).retired_at is not None):
            terms.retire(session, one.id, by_id, back=not one.retired, act=act)
    audit.note(session, by_id, "thesaurus.imported", "", {kind: made.count(kind) for kind in ("new", "changed", "bad")})
    return act


class _Planner:
    def __init__(self, session: Session) -> None:
        self._known = {one.id: one for one in session.scalars(select(Term))}
        self._owners = terms.owners_of_names(session)
        self._parents = terms.parents(session)

    def rows(self, offered: Iterable[OfferedTheme]) -> list[PlannedTheme]:
        seen: set[str] = set()
        rows: list[PlannedTheme] = []
        for one in offered:
            try:
                if one.id in seen:
                    raise NotATerm("twice", one.id)
                rows.append(self._row(one))
            except NotATerm as error:
                rows.append(PlannedTheme(one, "bad", why=error.why, about=error.about))
            seen.add(one.id)
        while (checked := self._placed(rows)) != rows:  # a bad one may have been what another one stands under
            rows = checked
        return rows

    def _row(self, one: OfferedTheme) -> PlannedTheme:
        there = self._known.get(one.id)
        if there is not None and there.kind != THEME:
            raise NotATerm("place", one.id)
        if there is not None and there.merged_into_id is not None and there.merged_into_id == one.into:
            return PlannedTheme(one, "same")
        if one.into:
            raise NotATerm("into", one.into)
        if there is not None and there.merged_into_id is not None:
            raise NotATerm("gone", there.merged_into_id)
        if one.several:
            raise NotATerm("several", one.several[0])
        if len(one.broader) > 1:
            raise NotATerm("many-broader", ", ".join(one.broader)[:120])
        names = TermNames.written(
            *(one.names.get(language, there.names(language) if there else ()) for language in LANGUAGES)
        )
        if not names.km and not names.en:
            raise NotATerm("name")
        for name in (*names.km, *names.en):
            owner = self._owners.setdefault(terms.folded(name), one.id)
            if owner != one.id:
                raise NotATerm("taken", owner)
        changes = tuple(self._changes(one, names, there))
        return PlannedTheme(one, "changed" if there and changes else "same" if there else "new", names, changes)

    def _changes(self, one: OfferedTheme, names: TermNames, there: Term | None) -> Iterable[tuple[str, str, str]]:
        for language in LANGUAGES:
            before = there.names(language) if there else ()
            if before != names.of(language):
                yield language, " · ".join(before), " · ".join(names.of(language))
        above, before_above = next(iter(one.broader), ""), (there.broader_id or "") if there else ""
        if above != before_above:
            yield "broader", before_above, above
        if one.retired != (there is not None and there.retired_at is not None):
            yield "retired", "", "yes" if one.retired else "no"

    def _placed(self, rows: list[PlannedTheme]) -> list[PlannedTheme]:
        """The rows again, those bad whose place is none."""
        good = {row.offered.id: next(iter(row.offered.broader), None) for row in rows if row.kind != "bad"}
        parents = {**self._parents, **good}

        def placed(row: PlannedTheme) -> PlannedTheme:
            above = next(iter(row.offered.broader), None)
            if row.kind == "bad" or above is None:
                return row
            circle = row.offered.id in terms.chain_above(parents, above)
            if not circle and (above in good or self._usable(above)):
                return row
            return replace(row, kind="bad", changes=(), why="circle" if circle else "broader", about=above)

        return [placed(row) for row in rows]

    def _usable(self, term_id: str) -> bool:
        there = self._known.get(term_id)
        return there is not None and there.kind == THEME and there.merged_into_id is None
