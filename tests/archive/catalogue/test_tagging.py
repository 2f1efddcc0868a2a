"""Suggestions explained by the words that led to them, and decided by people."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue import tagging
from archive.catalogue.thesaurus import load_thesaurus, place_id
from archive.db import Database
from archive.models import Tagging, Term, TermLabel
from tests.archive.threads import add_told

LABELS = (
    ("debt", "theme", "en", "debt"),
    ("debt", "theme", "km", "បំណុល"),
    ("health-debt", "theme", "en", "health debt"),
    ("place-12", "province", "en", "Phnom Penh"),
    ("place-0102", "district", "en", "Land"),
    ("place-0103", "district", "en", "Preah Netr Preah"),
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The debt grew.", [("debt", "debt")]),
        ("Our health debt grew.", [("health-debt", "health debt")]),
        ("We were indebted.", []),
        ("យើងមានបំណុលច្រើន", [("debt", "បំណុល")]),
        ("យើង\u200bមាន\u200bបំ\u200bណុល\u200bច្រើន", [("debt", "បំ\u200bណុល")]),
        ("I went to Phnom Penh", [("place-12", "Phnom Penh")]),
        ("I went to phnom penh", []),
        ("The land was ours, Land above all", []),
        ("Near Preah Netr Preah they cleared it", [("place-0103", "Preah Netr Preah")]),
    ],
)
def test_labels_are_matched_whole_and_longest_first(text: str, found: list[tuple[str, str]]) -> None:
    matches = tagging.Matcher(LABELS).matches(text)
    assert [(match.term_id, text[match.start : match.end]) for match in matches] == found


def test_flagged_text_suggests_nothing_and_decisions_are_kept(database: Database) -> None:
    with database.write() as session:
        session.add(Term(id="debt", kind="theme"))
        session.flush()
        testimony, version = add_told(session)
        version.segments[1].flags = ["low-confidence"]
        assert tagging.suggest(session, version) == 1
        assert tagging.suggest(session, version) == 1
        tagging.decide(session, testimony.id, "debt", None, confirm=False)
        assert tagging.suggest(session, version) == 0
    with database.read() as session:
        assert session.scalars(select(Tagging.state)).all() == ["rejected"]


def test_the_thesaurus_loads_themes_and_places_and_loads_again_unchanged(database: Database) -> None:
    with database.write() as session:
        count = load_thesaurus(session)
    with database.write() as session:
        assert load_thesaurus(session) == count
    with database.read() as session:
        kinds = session.scalars(select(Term.kind)).all()
        assert kinds.count("province") == 25
        assert kinds.count("district") > 150
        debt = session.get_one(Term, "debt")
        assert debt.label("km")
        assert debt.label("en").lower() == "debt"
        district = next(term for term in session.scalars(select(Term).where(Term.kind == "district")))
        assert session.get_one(Term, str(district.broader_id)).kind == "province"
    assert place_id(1) == place_id("01") == "place-01"


def test_labels_follow_the_shipped_ones_and_a_term_people_use_stays(database: Database) -> None:
    with database.write() as session:
        load_thesaurus(session)
        shipped = _labels(session, "debt")
        for label in session.get_one(Term, "debt").labels:
            label.text = f"old {label.text}"
        session.add(Term(id="of-ours", kind="theme", labels=[TermLabel(language="en", text="ours", preferred=True)]))
    with database.write() as session:
        load_thesaurus(session)
    with database.read() as session:
        assert _labels(session, "debt") == shipped
        assert _labels(session, "of-ours") == [("en", "ours", True)]


def _labels(session: Session, term: str) -> list[tuple[str, str, bool]]:
    labels = session.get_one(Term, term).labels
    return [(label.language, label.text, label.preferred) for label in sorted(labels, key=lambda each: each.id)]
