"""A file of themes shows what it would change, says why what cannot be, and is undone as one act."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue import term_history, term_import, terms
from archive.catalogue.term_import import OfferedTheme, ThesaurusPlan
from archive.catalogue.thesaurus import load_thesaurus
from archive.db import Database
from archive.models import Term
from ingest.intake import thesaurus_files
from tests import factories


def offered(one: str, *names: str, **given: object) -> OfferedTheme:
    return OfferedTheme(f"urn:{one}", one, {"en": names} if names else {}, **given)  # type: ignore[arg-type]


def state(session: Session) -> list[tuple[object, ...]]:
    rows = session.scalars(select(Term).order_by(Term.id))
    return [(one.id, one.names("km"), one.names("en"), one.broader_id, one.retired_at is None) for one in rows]


def kinds(plan: ThesaurusPlan) -> dict[str, str]:
    return {row.offered.id: row.why or row.kind for row in plan.rows}


@pytest.mark.parametrize("ending", ["ttl", "rdf"])
def test_what_was_taken_out_changes_nothing_when_it_comes_back(database: Database, ending: str) -> None:
    with database.write() as session:
        load_thesaurus(session)
        terms.retire(session, "strike", None)
        term_history.merge(session, "overtime", "low-wage", None)
        text = thesaurus_files.written(session, ending, "https://archive.example")
        plan = term_import.plan(session, thesaurus_files.themes_in(text.encode()))
        assert {row.kind for row in plan.rows} == {"same"}
        assert thesaurus_files.written(session, ending, "https://archive.example") == text


def test_a_plan_says_what_would_be_different_and_doing_it_does_just_that(database: Database) -> None:
    with database.write() as session:
        factories.term(session, "debt", {"en": ["Debt"], "km": ["km-debt"]})
        factories.term(session, "loan", {"en": ["Loan"]}, broader_id="debt")
        before = state(session)
        plan = term_import.plan(
            session,
            [
                offered("debt", "Debts", "debt", broader=("money",)),
                offered("loan", "Loan", broader=("debt",)),
                offered("money", "Money"),
                offered("interest", "Interest", broader=("loan",), retired=True),
            ],
        )
        assert state(session) == before
        assert kinds(plan) == {"debt": "changed", "loan": "same", "money": "new", "interest": "new"}
        assert plan.rows[0].changes == (("en", "Debt", "Debts · debt"), ("broader", "", "money"))
        act = term_import.take_in(session, plan, None)
        assert state(session) == [
            ("debt", ("km-debt",), ("Debts", "debt"), "money", True),
            ("interest", (), ("Interest",), "loan", False),
            ("loan", (), ("Loan",), "debt", True),
            ("money", (), ("Money",), None, True),
        ]
        term_history.undo(session, act, None)
        assert state(session) == before


def test_every_kind_of_bad_row_has_its_reason_and_the_others_are_taken(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        factories.term(session, "debt", {"en": ["Debt"]})
        factories.term(session, "loan", {"en": ["Loan"]})
        factories.term(session, "old", {"en": ["Old"]})
        factories.term(session, "place-01", {"en": ["Banteay"]}, kind="province")
        term_history.merge(session, "old", "debt", None)
        rows = [
            offered("nameless"),
            offered("long", "x" * 201),
            offered("many", *map(str, range(101))),
            offered("taken", "Loan"),
            offered("below", "Below", broader=("nowhere",)),
            offered("further", "Further", broader=("below",)),
            offered("a", "Aa", broader=("b",)),
            offered("b", "Bb", broader=("a",)),
            offered("place-01", "Banteay"),
            offered("old", "Old again"),
            offered("several", "Several", several=("en",)),
            offered("two", "Two", broader=("debt", "loan")),
            offered("into", "Into", into="debt"),
            offered("good", "Good", broader=("debt",)),
            offered("good", "Good twice"),
        ]
        plan = term_import.plan(session, rows)
        assert [row.why or row.kind for row in plan.rows] == [
            "name", "long", "many", "taken", "broader", "broader", "circle", "circle", "place", "gone", "several",
            "many-broader", "into", "new", "twice",
        ]  # fmt: skip
        term_import.take_in(session, plan, None)
        assert session.get_one(Term, "good").broader_id == "debt"
        assert session.get(Term, "two") is None


def test_themes_may_change_places_with_each_other(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        factories.term(session, "a", {"en": ["Aa"]})
        factories.term(session, "b", {"en": ["Bb"]}, broader_id="a")
        plan = term_import.plan(session, [offered("a", "Aa", broader=("b",)), offered("b", "Bb")])
        assert kinds(plan) == {"a": "changed", "b": "changed"}
        act = term_import.take_in(session, plan, None)
        assert (session.get_one(Term, "a").broader_id, session.get_one(Term, "b").broader_id) == ("b", None)
        term_history.undo(session, act, None)
        assert (session.get_one(Term, "a").broader_id, session.get_one(Term, "b").broader_id) == (None, "a")


def test_a_concept_from_elsewhere_keeps_its_id_when_it_comes_again(sqlite_database: Database) -> None:
    text = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    <http://elsewhere.example/voc#Land_Rights> skos:prefLabel "Land rights"@en ."""
    with sqlite_database.write() as session:
        term_import.take_in(session, term_import.plan(session, thesaurus_files.themes_in(text.encode())), None)
        assert session.get_one(Term, "land-rights").names("en") == ("Land rights",)
        again = thesaurus_files.themes_in(text.replace("Land rights", "Rights to land").encode())
        plan = term_import.plan(session, again)
        assert json.dumps([row.changes for row in plan.rows]) == json.dumps([[["en", "Land rights", "Rights to land"]]])
