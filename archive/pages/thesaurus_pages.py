"""What the pages of the thesaurus show: the themes as a tree, one theme with all that hangs on it, and its changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.accounts import accounts
from archive.catalogue import term_history, terms
from archive.catalogue.term_history import TermUse
from archive.language.dictionary_order import sort_key
from archive.models import Tagging, Term, TermChange, TermLabel
from archive.retrieval import searching
from archive.retrieval.labels import Thesaurus
from archive.search.index import SearchIndex

MOST_FOUND = 40
TOPS = 30  # broadest themes on one page, each with all that is under it


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """A theme in the tree; `told` is how many testimonies a person has tagged with it."""

    id: str
    km: str
    en: str
    told: int
    retired: bool
    below: tuple[ThemeRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change as the history shows it: by whom, of which terms, and whether it may be undone now."""

    change: TermChange
    by: str
    term: ThemeRow | None
    other: ThemeRow | None
    may_undo: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class TermPage:
    """One term, for whoever keeps it."""

    term: Term
    use: TermUse
    above: tuple[ThemeRow, ...]
    below: tuple[ThemeRow, ...]
    changes: tuple[ChangeRow, ...]


@dataclass(frozen=True, slots=True)
class PublicTheme:
    """A theme as a viewer may know it; `moved` when another address led here."""

    term: Term
    moved: bool
    above: tuple[ThemeRow, ...]
    below: tuple[ThemeRow, ...]


@dataclass(frozen=True, slots=True)
class KnownTheme:
    """A theme that a viewer may know of, with all its names, the preferred ones first.

    Attributes:
        broader: the nearest theme above it that may be known, empty for none; `narrower` those that have it so.
    """

    id: str
    km: tuple[str, ...]
    en: tuple[str, ...]
    broader: str
    narrower: tuple[str, ...]
    retired: bool


def tree(session: Session, viewer: Viewer, page: int = 1) -> tuple[tuple[ThemeRow, ...], bool]:
    """The broadest themes of one page with everything under them, and whether there are more."""
    every = list(session.scalars(select(Term).where(Term.kind == terms.THEME, Term.merged_into_id.is_(None))))
    told = _told(session, viewer)
    under: dict[str | None, list[Term]] = {}
    for one in every:
        under.setdefault(one.broader_id, []).append(one)

    def grown(one: Term) -> ThemeRow:
        return _row(one, told, tuple(grown(below) for below in _sorted(under.get(one.id, ()))))

    tops = _sorted(under.get(None, ()))
    first = (page - 1) * TOPS
    return tuple(grown(one) for one in tops[first : first + TOPS]), len(tops) > first + TOPS


def found(session: Session, viewer: Viewer, typed: str) -> tuple[ThemeRow, ...]:
    """Themes, provinces and districts with a name that holds what was typed."""
    wanted = terms.folded(typed).replace(" ", "")
    if not wanted:
        return ()
    rows = session.execute(select(TermLabel.term_id, TermLabel.text).order_by(TermLabel.term_id, TermLabel.id))
    ids = dict.fromkeys(one for one, text in rows if wanted in terms.folded(text).replace(" ", ""))
    told = _told(session, viewer)
    some = session.scalars(select(Term).where(Term.id.in_(list(ids)[:MOST_FOUND])))
    return tuple(_row(one, told) for one in _sorted(some))


def choices(session: Session) -> tuple[ThemeRow, ...]:
    """Every theme that is in use, by name, to be chosen from."""
    query = select(Term).where(Term.kind == terms.THEME, Term.merged_into_id.is_(None), Term.retired_at.is_(None))
    return tuple(_row(one, {}) for one in _sorted(session.scalars(query)))


def term_page(session: Session, term_id: str) -> TermPage:
    """Raises Unknown."""
    one = terms.term(session, term_id)
    above = terms.chain_above(terms.parents(session), one.broader_id) if one.kind == terms.THEME else []
    below = session.scalars(select(Term).where(Term.broader_id == one.id))
    return TermPage(
        one,
        term_history.use_of(session, one.id),
        tuple(_row(terms.term(session, each), {}) for each in reversed(above)),
        tuple(_row(each, {}) for each in _sorted(below)) if one.kind == terms.THEME else (),
        change_rows(session, term_history.changes_of(session, one.id)),
    )


def change_rows(session: Session, changes: list[TermChange]) -> tuple[ChangeRow, ...]:
    """Changes with the names of who made them and of what they are about."""
    ids = {one for change in changes for one in (change.term_id, change.other_id) if one}
    about = {one.id: _row(one, {}) for one in session.scalars(select(Term).where(Term.id.in_(ids)))}
    people = accounts.people(session, (change.by_id for change in changes))
    may = term_history.may_undo(session, changes)
    return tuple(
        ChangeRow(
            change,
            people.get(change.by_id, "") if change.by_id else "",
            about.get(change.term_id),
            about.get(change.other_id) if change.other_id else None,
            change.id in may,
            change.at,
        )
        for change in changes
    )


def public_theme(session: Session, index: SearchIndex, viewer: Viewer, term_id: str) -> PublicTheme:
    """A theme that this viewer may know of: everybody may, or something tagged with it may be found.

    Raises:
        Unknown: there is none, or none for this viewer.
    """
    allowed = searching.findable(session, viewer)
    tagged = set(index.values("theme", allowed))
    one = terms.current(session, term_id)
    if one.kind != terms.THEME or not (one.known_to_all or tagged & {one.id, term_id}):
        raise Unknown("There is no such thing here.")
    above = terms.chain_above(terms.parents(session), one.broader_id)
    below = session.scalars(select(Term).where(Term.broader_id == one.id, Term.retired_at.is_(None)))
    known = [each for each in below if each.known_to_all or each.id in tagged]
    over = [terms.term(session, each) for each in reversed(above)]
    return PublicTheme(
        one,
        one.id != term_id,
        tuple(_row(each, {}) for each in over if each.known_to_all or each.id in tagged),
        tuple(_row(each, {}) for each in _sorted(known)),
    )


def known_themes(session: Session, index: SearchIndex, viewer: Viewer) -> dict[str, KnownTheme]:
    """Every theme that this viewer may know of, by name: everybody may, or something tagged with it may be found."""
    names = Thesaurus(session)
    tagged = set(map(names.now, index.values("theme", searching.findable(session, viewer))))
    kept = select(Term).where(Term.kind == terms.THEME, Term.merged_into_id.is_(None))
    every = {one.id: one for one in session.scalars(kept)}
    known = {one.id: one for one in _sorted(each for each in every.values() if each.known_to_all or each.id in tagged)}
    over = {one.id: one.broader_id for one in every.values()}
    above = {
        one.id: next((each for each in terms.chain_above(over, one.broader_id) if each in known), "")
        for one in known.values()
    }
    below: dict[str, list[str]] = {}
    for narrower, broader in above.items():
        below.setdefault(broader, []).append(narrower)
    return {
        one.id: KnownTheme(
            one.id,
            one.names("km"),
            one.names("en"),
            above[one.id],
            tuple(each for each in below.get(one.id, ()) if known[each].retired_at is None),
            one.retired_at is not None,
        )
        for one in known.values()
    }


def known_theme(session: Session, index: SearchIndex, viewer: Viewer, term_id: str) -> KnownTheme:
    """One of them, also by the id of a theme that was made part of it. Raises Unknown."""
    found = known_themes(session, index, viewer).get(Thesaurus(session).now(term_id))
    if found is None:
        raise Unknown("There is no such thing here.")
    return found


def _told(session: Session, viewer: Viewer) -> dict[str, int]:
    here = Tagging.testimony_id.in_(gate.permitted(viewer, "existence"))
    counted = select(Tagging.term_id, func.count(Tagging.testimony_id.distinct())).where(
        Tagging.state == "confirmed", here
    )
    return dict(session.execute(counted.group_by(Tagging.term_id)).all())


def _row(one: Term, told: Mapping[str, int], below: tuple[ThemeRow, ...] = ()) -> ThemeRow:
    km, en = (next(iter(one.names(language)), "") for language in terms.LANGUAGES)
    return ThemeRow(one.id, km, en or ("" if km else one.id), told.get(one.id, 0), one.retired_at is not None, below)


def _sorted(some: Iterable[Term]) -> list[Term]:
    return sorted(some, key=lambda one: (sort_key(one.label("km")), one.id))
