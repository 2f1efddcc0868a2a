"""The thesaurus as its stewards keep it: terms are made, named, moved, retired and merged, and every change undone.

A name leads to one theme, however it is spelled: tags are suggested and searches are widened by names. Provinces and
districts have the ids of their official codes, so only their names can be mended.

Who changes a term says which revision they looked at; where somebody was quicker, nothing is written, and they see what
is there now. Changes are made one at a time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.language.normalise import normalise, tidy
from archive.language.romanise import romanise
from archive.ledgers import audit
from archive.models import Term, TermChange, TermLabel, new_id, now

LANGUAGES = ("km", "en")
LONGEST_NAME = 200
MOST_NAMES = 100
BROADER = "broader"
THEME = "theme"

State = dict[str, Any]


class NotATerm(ValueError):
    """A term cannot be as it was written.

    Attributes:
        why: `name` there is none; `long` a name is; `many` names; `taken` by the theme `about`; `broader` is no theme
            that may be one; `circle` it would be its own; `place` these are not changed like this; `gone` it was
            merged; `same` term; `slug` is no id.
        about: the name or the id that it is about.
    """

    def __init__(self, why: str, about: str = "") -> None:
        super().__init__(f"This is no term: {why} {about}".strip())
        self.why, self.about = why, about


class TermOvertaken(RuntimeError):
    """Somebody else has changed the term since it was looked at."""


@dataclass(frozen=True, slots=True)
class TermNames:
    """The names of a term by language, the preferred one first."""

    km: tuple[str, ...] = ()
    en: tuple[str, ...] = ()

    def of(self, language: str) -> tuple[str, ...]:
        return self.km if language == "km" else self.en

    @classmethod
    def written(cls, km: Iterable[str], en: Iterable[str]) -> TermNames:
        """Names as somebody typed them: in canonical order, without empty ones and repetitions. Raises NotATerm."""
        return cls(_tidied(km), _tidied(en))


def _tidied(names: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for name in names:
        text = " ".join(tidy(name).split())
        if len(text) > LONGEST_NAME:
            raise NotATerm("long", text[:40])
        if text:
            found.setdefault(folded(text), text)
    if len(found) > MOST_NAMES:
        raise NotATerm("many")
    return tuple(found.values())


def folded(name: str) -> str:
    """What two spellings of one name have in common."""
    return normalise(name).text.strip()


def term(session: Session, term_id: str) -> Term:
    """Raises Unknown."""
    found = session.get(Term, term_id)
    if found is None:
        raise Unknown("There is no such thing here.")
    return found


def current(session: Session, term_id: str) -> Term:
    """The term, or the one that has taken it over. Raises Unknown."""
    found = term(session, term_id)
    for _ in range(64):
        if found.merged_into_id is None:
            return found
        found = term(session, found.merged_into_id)
    raise Unknown("There is no such thing here.")


def names_of(found: Term) -> TermNames:
    return TermNames(found.names("km"), found.names("en"))


def state_of(found: Term) -> State:
    """All that a change can change."""
    return {
        "broader": found.broader_id,
        "km": list(found.names("km")),
        "en": list(found.names("en")),
        "known": found.known_to_all,
        "own": list(found.own_parts),
        "retired": found.retired_at is not None,
        "merged": found.merged_into_id,
        "cues": dict(found.cues),
    }


def add(
    session: Session,
    names: TermNames,
    broader_id: str | None,
    by_id: str | None,
    *,
    known_to_all: bool = True,
    term_id: str | None = None,
    act: str | None = None,
) -> Term:
    """A new theme.

    Args:
        known_to_all: whether its name may be told to anybody, also where nothing is tagged with it.
        term_id: its id, if it has one already; else one is made of its name.
        act: what it is made together with.

    Raises:
        NotATerm: see there.
    """
    one_at_a_time(session)
    _check_names(session, names)
    _check_broader(session, None, broader_id)
    if term_id is not None:
        there = session.get(Term, term_id)
        if there is not None or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", term_id):
            raise NotATerm("slug", term_id)
    made = Term(
        id=term_id or free_id(session, names), kind=THEME, broader_id=broader_id, known_to_all=known_to_all, revision=1
    )
    session.add(made)
    session.flush()
    put_names(session, made, names)
    note_change(session, made, "made", {}, by_id, act)
    return made


def relabel(
    session: Session,
    term_id: str,
    names: TermNames,
    by_id: str | None,
    *,
    seen: int | None = None,
    act: str | None = None,
) -> Term:
    """Give a term other names. Raises NotATerm, TermOvertaken, Unknown."""
    found = to_change(session, term_id, seen)
    before = state_of(found)
    _check_names(session, names, found)
    changed = [language for language in LANGUAGES if found.names(language) != names.of(language)]
    if not changed:
        return found
    put_names(session, found, names)
    _make_own(found, *(f"labels.{language}" for language in changed))
    note_change(session, found, "labels", before, by_id, act)
    return found


def move(
    session: Session,
    term_id: str,
    broader_id: str | None,
    by_id: str | None,
    *,
    seen: int | None = None,
    act: str | None = None,
) -> Term:
    """Put a theme under another one, or at the top. Raises NotATerm, TermOvertaken, Unknown."""
    found = to_change(session, term_id, seen)
    if found.kind != THEME:
        raise NotATerm("place", term_id)
    _check_broader(session, found, broader_id)
    if found.broader_id == broader_id:
        return found
    before = state_of(found)
    found.broader_id = broader_id
    _make_own(found, BROADER)
    note_change(session, found, "moved", before, by_id, act)
    return found


def retire(
    session: Session,
    term_id: str,
    by_id: str | None,
    *,
    back: bool = False,
    seen: int | None = None,
    act: str | None = None,
) -> Term:
    """Offer and suggest a theme no more, or again. What is tagged with it stays so.

    Raises:
        NotATerm, TermOvertaken, Unknown: see there.
    """
    found = to_change(session, term_id, seen)
    if found.kind != THEME:
        raise NotATerm("place", term_id)
    if (found.retired_at is None) == back:
        return found
    before = state_of(found)
    found.retired_at = None if back else now()
    note_change(session, found, "back" if back else "retired", before, by_id, act)
    return found


def one_at_a_time(session: Session) -> None:
    """Wait for whoever is changing the thesaurus."""
    session.scalar(select(Term.id).order_by(Term.id).limit(1).with_for_update())


def to_change(session: Session, term_id: str, seen: int | None) -> Term:
    """The term as it is now, for whoever changes it. Raises NotATerm, TermOvertaken, Unknown."""
    one_at_a_time(session)
    found = session.get(Term, term_id, populate_existing=True)
    if found is None:
        raise Unknown("There is no such thing here.")
    if found.merged_into_id is not None:
        raise NotATerm("gone", found.merged_into_id)
    if seen is not None and seen != found.revision:
        raise TermOvertaken("Somebody else has changed this term meanwhile.")
    return found


def note_change(
    session: Session,
    found: Term,
    kind: str,
    before: State,
    by_id: str | None,
    act: str | None,
    other_id: str | None = None,
) -> TermChange:
    """Write a change down, for undoing and for the audit log."""
    if before:
        found.revision += 1
    session.flush()
    made = TermChange(
        act=act or new_id(),
        term_id=found.id,
        other_id=other_id,
        kind=kind,
        before=before,
        after=state_of(found),
        by_id=by_id,
    )
    session.add(made)
    session.flush()
    audit.note(session, by_id, f"term.{kind}", f"term:{found.id}"[:60], {"change": made.id})
    return made


def put_names(session: Session, found: Term, names: TermNames) -> None:
    """Let the term have exactly these names, in this order: the first is shown, the others are listed after it."""
    changed = [language for language in LANGUAGES if found.names(language) != names.of(language)]
    for label in [one for one in found.labels if one.language in changed]:
        found.labels.remove(label)
    session.flush()
    for language in changed:
        for number, text in enumerate(names.of(language)):
            found.labels.append(TermLabel(language=language, text=text, preferred=not number))
    session.flush()


def _make_own(found: Term, *parts: str) -> None:
    found.own_parts = sorted({*found.own_parts, *parts})


def _check_names(session: Session, names: TermNames, found: Term | None = None) -> None:
    if not names.km and not names.en:
        raise NotATerm("name")
    if found is not None and found.kind != THEME:
        return
    owners = owners_of_names(session)
    for name in (*names.km, *names.en):
        owner = owners.get(folded(name))
        if owner is not None and (found is None or owner != found.id):
            raise NotATerm("taken", owner)


def owners_of_names(session: Session) -> dict[str, str]:
    """Which theme each name leads to, by the name's folded spelling."""
    rows = select(TermLabel.text, TermLabel.term_id).join(Term).where(Term.kind == THEME)
    return {folded(text): owner for text, owner in session.execute(rows)}


def _check_broader(session: Session, found: Term | None, broader_id: str | None) -> None:
    if broader_id is None:
        return
    above = session.get(Term, broader_id)
    if above is None or above.kind != THEME or above.merged_into_id is not None:
        raise NotATerm("broader", broader_id)
    if found is not None and found.id in chain_above(parents(session), broader_id):
        raise NotATerm("circle", broader_id)


def parents(session: Session) -> dict[str, str | None]:
    """The broader term of every theme."""
    rows = session.execute(select(Term.id, Term.broader_id).where(Term.kind == THEME)).all()
    return dict(rows)


def chain_above(broader: Mapping[str, str | None], term_id: str | None) -> list[str]:
    """The term and all that are above it, the nearest first."""
    found: list[str] = []
    while term_id is not None and term_id not in found:
        found.append(term_id)
        term_id = broader.get(term_id)
    return found


def free_id(session: Session, names: TermNames) -> str:
    """An id that no term has, made of a name."""
    return free_slug(session, slug_of(names.en[0] if names.en else romanise(names.km[0])))


def slug_of(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:60].strip("-") or "theme"


def free_slug(session: Session, base: str) -> str:
    taken = set(session.scalars(select(Term.id).where(Term.id.startswith(base, autoescape=True))))
    return next(name for name in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)
