"""The thesaurus as stewards keep it: what they change holds against the seed and each other, and can be undone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue import tagging, term_history, terms, thesaurus
from archive.catalogue.term_history import CannotUndo
from archive.catalogue.terms import NotATerm, TermNames, TermOvertaken
from archive.catalogue.thesaurus import load_thesaurus
from archive.db import Database
from archive.models import AuditEntry, IndexPoint, Tagging, Term, TermChange, TermMove
from tests import factories
from tests.archive.threads import add_told


def names(*en: str, km: tuple[str, ...] = ()) -> TermNames:
    return TermNames.written(km, en)


def last_act(session: Session) -> str:
    return session.scalars(select(TermChange.act).order_by(TermChange.id.desc())).first() or ""


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shipped file to be released again."""
    path = tmp_path / "terms.json"
    monkeypatch.setattr(thesaurus, "THEMES", path)
    return path


def release(path: Path, **themes: dict[str, object]) -> None:
    usual: dict[str, object] = {"broader": None, "variants": {}}
    path.write_text(json.dumps([{"id": one, **usual, **rest} for one, rest in themes.items()]), encoding="utf-8")


def test_a_later_seed_leaves_what_stewards_changed_and_brings_the_rest(database: Database, seed: Path) -> None:
    release(seed, debt={"labels": {"km": "km-debt", "en": "Debt"}}, land={"labels": {"km": "km-land", "en": "Land"}})
    with database.write() as session:
        load_thesaurus(session)
        terms.relabel(session, "debt", names("Debt", km=("km-mended",)), None)
        terms.move(session, "land", "debt", None)
    release(
        seed,
        debt={"labels": {"km": "km-new", "en": "Debts"}},
        land={"labels": {"km": "km-land", "en": "Lands"}},
        rice={"labels": {"km": "km-rice", "en": "Rice"}, "broader": "land"},
    )
    with database.write() as session:
        load_thesaurus(session)
    with database.read() as session:
        debt, land, rice = (session.get_one(Term, one) for one in ("debt", "land", "rice"))
        assert (debt.names("km"), debt.names("en")) == (("km-mended",), ("Debts",))
        assert (land.broader_id, land.names("en"), rice.broader_id) == ("debt", ("Lands",), "land")


def test_a_seed_does_not_bring_back_a_merged_term_or_a_name_that_stewards_gave_away(
    database: Database, seed: Path
) -> None:
    release(seed, debt={"labels": {"en": "Debt"}}, loan={"labels": {"en": "Loan"}})
    with database.write() as session:
        load_thesaurus(session)
        term_history.merge(session, "loan", "debt", None)
        terms.add(session, names("Micro loans"), None, None)
    release(
        seed,
        debt={"labels": {"en": "Debt"}},
        loan={"labels": {"en": "Loan"}},
        land={"labels": {"en": "Land"}, "variants": {"en": ["micro loans"]}, "broader": "loan"},
    )
    with database.write() as session:
        load_thesaurus(session)
    with database.read() as session:
        assert session.get_one(Term, "loan").names("en") == ()
        assert session.get_one(Term, "debt").names("en") == ("Debt", "Loan")
        land = session.get_one(Term, "land")
        assert (land.names("en"), land.broader_id) == (("Land",), "debt")


def test_a_seed_makes_no_circle_of_what_stewards_moved(sqlite_database: Database, seed: Path) -> None:
    release(seed, a={"labels": {"en": "Aa"}}, b={"labels": {"en": "Bb"}})
    with sqlite_database.write() as session:
        load_thesaurus(session)
        terms.move(session, "a", "b", None)
    release(seed, a={"labels": {"en": "Aa"}}, b={"labels": {"en": "Bb"}, "broader": "a"})
    with sqlite_database.write() as session:
        load_thesaurus(session)
        assert session.get_one(Term, "b").broader_id is None


def test_a_new_theme_has_an_address_made_of_its_name_and_is_suggested_at_once(database: Database) -> None:
    with database.write() as session:
        made = terms.add(session, names("  Flood  damage ", "floods"), None, None)
        again = terms.add(session, names("Flood damage 2"), made.id, None)
        assert (made.id, made.names("en"), again.broader_id) == ("flood-damage", ("Flood damage", "floods"), made.id)
        assert [one.term_id for one in tagging.Matcher.of(session).matches("The floods came.")] == [made.id]
        noted = session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
        assert noted == ["term.made", "term.made"]
        assert "Flood" not in json.dumps([one.detail for one in session.scalars(select(AuditEntry))])


@pytest.mark.parametrize(
    ("written", "why"),
    [(names(), "name"), (names("debts"), "taken"), (names("Flood", "DEBT"), "taken")],
)
def test_a_name_leads_to_one_theme(sqlite_database: Database, written: TermNames, why: str) -> None:
    with sqlite_database.write() as session:
        factories.term(session, "debt", {"en": ["Debt", "debts"]})
        with pytest.raises(NotATerm) as refused:
            terms.add(session, written, None, None)
        assert refused.value.why == why


def test_what_cannot_be_changed_is_refused(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        factories.term(session, "debt", {"en": ["Debt"]})
        factories.term(session, "loan", {"en": ["Loan"]}, broader_id="debt")
        factories.term(session, "place-01", {"en": ["Banteay"]}, kind="province")
        for act, why in (
            (lambda: terms.move(session, "debt", "loan", None), "circle"),
            (lambda: terms.move(session, "debt", "debt", None), "circle"),
            (lambda: terms.move(session, "debt", "place-01", None), "broader"),
            (lambda: terms.move(session, "place-01", None, None), "place"),
            (lambda: terms.retire(session, "place-01", None), "place"),
            (lambda: term_history.merge(session, "debt", "debt", None), "same"),
            (lambda: term_history.merge(session, "debt", "place-01", None), "place"),
            (lambda: TermNames.written([], ["x" * 201]), "long"),
            (lambda: TermNames.written([], [str(n) for n in range(101)]), "many"),
        ):
            with pytest.raises(NotATerm) as refused:
                act()
            assert refused.value.why == why
        assert terms.relabel(session, "place-01", names("Banteay Meanchey"), None).label("en") == "Banteay Meanchey"


def test_who_looked_at_an_older_term_writes_nothing(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        factories.term(session, "debt", {"en": ["Debt"]})
        terms.relabel(session, "debt", names("Debts"), None, seen=0)
        for act in (
            lambda: terms.relabel(session, "debt", names("Dept"), None, seen=0),
            lambda: terms.retire(session, "debt", None, seen=0),
        ):
            with pytest.raises(TermOvertaken):
                act()
        assert session.get_one(Term, "debt").names("en") == ("Debts",)


def test_a_retired_theme_is_neither_offered_nor_suggested_and_keeps_its_tags(database: Database) -> None:
    with database.write() as session:
        factories.term(session, "debt", {"en": ["debt"]})
        testimony, _ = add_told(session)
        assert tagging.offered(session, testimony.id, "debt")
        terms.retire(session, "debt", None)
        assert not tagging.offered(session, testimony.id, "debt")
        assert list(tagging.Matcher.of(session).matches("a debt")) == []
        tagging.decide(session, testimony.id, "debt", None, confirm=True)
        assert tagging.offered(session, testimony.id, "debt")
        terms.retire(session, "debt", None, back=True)
        assert [one.term_id for one in tagging.Matcher.of(session).matches("a debt")] == ["debt"]


def merged(session: Session) -> tuple[str, str]:
    """Two themes, tagged and named by points, made one: the testimony, and the act."""
    factories.term(session, "livelihood", {"en": ["Livelihood"]})
    factories.term(session, "loan", {"en": ["Loan", "loans"]}, broader_id="livelihood")
    factories.term(session, "debt", {"en": ["Debt"], "km": ["km-debt"]})
    factories.term(session, "microfinance", {"en": ["Microfinance"]}, broader_id="loan")
    testimony, _ = add_told(session)
    tagging.decide(session, testimony.id, "loan", None, confirm=True)
    for number, named in enumerate((["loan"], ["debt", "loan"], ["debt"])):
        session.add(IndexPoint(testimony_id=testimony.id, start_ms=number * 100, title_en=str(number), terms=named))
    session.flush()
    return testimony.id, term_history.merge(session, "loan", "debt", None).act


def points(session: Session) -> list[list[str]]:
    return [one.terms for one in session.scalars(select(IndexPoint).order_by(IndexPoint.start_ms))]


def test_merging_moves_all_that_hangs_on_a_theme_and_its_address_leads_on(database: Database) -> None:
    with database.write() as session:
        testimony_id, _ = merged(session)
        assert session.scalars(select(Tagging.term_id)).all() == ["debt"]
        assert points(session) == [["debt"], ["debt"], ["debt"]]
        assert session.get_one(Term, "debt").names("en") == ("Debt", "Loan", "loans")
        assert session.get_one(Term, "microfinance").broader_id == "debt"
        assert terms.current(session, "loan").id == "debt"
        assert term_history.testimonies_under(session, "debt") == [testimony_id]
        with pytest.raises(NotATerm, match="gone"):
            terms.relabel(session, "loan", names("Loan"), None)


def test_undoing_a_merge_gives_back_just_what_it_moved(database: Database) -> None:
    with database.write() as session:
        _, act = merged(session)
        assert term_history.undo(session, act, None) == ["loan", "debt"]
        assert session.scalars(select(Tagging.term_id)).all() == ["loan"]
        assert points(session) == [["loan"], ["debt", "loan"], ["debt"]]
        debt, loan = session.get_one(Term, "debt"), session.get_one(Term, "loan")
        assert (debt.names("en"), loan.names("en")) == (("Debt",), ("Loan", "loans"))
        assert (loan.broader_id, loan.merged_into_id, debt.own_parts) == ("livelihood", None, [])
        assert session.get_one(Term, "microfinance").broader_id == "loan"


def test_what_a_withdrawal_removed_is_in_no_list_of_a_merge(database: Database) -> None:
    with database.write() as session:
        merged(session)
        assert len(session.scalars(select(TermMove)).all()) == 3
        session.execute(Tagging.__table__.delete())
        session.execute(IndexPoint.__table__.delete())
        session.expire_all()
        assert session.scalars(select(TermMove)).all() == []


def test_a_wider_theme_may_become_part_of_one_below_it(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        factories.term(session, "debt", {"en": ["Debt"]})
        factories.term(session, "loan", {"en": ["Loan"]}, broader_id="debt")
        factories.term(session, "bank", {"en": ["Bank"]}, broader_id="debt")
        act = term_history.merge(session, "debt", "loan", None).act
        above = {one.id: one.broader_id for one in session.scalars(select(Term))}
        assert above == {"debt": None, "loan": None, "bank": "loan"}
        term_history.undo(session, act, None)
        above = {one.id: one.broader_id for one in session.scalars(select(Term))}
        assert above == {"debt": None, "loan": "debt", "bank": "debt"}


def test_every_change_is_undone_the_newest_first(database: Database) -> None:
    with database.write() as session:
        factories.term(session, "debt", {"en": ["Debt"]})
        factories.term(session, "land", {"en": ["Land"]})
        acts = []
        for change in (
            lambda: terms.relabel(session, "debt", names("Debts", km=("km-debt",)), None),
            lambda: terms.move(session, "debt", "land", None),
            lambda: terms.retire(session, "debt", None),
        ):
            change()
            acts.append(last_act(session))
        with pytest.raises(CannotUndo, match="later"):
            term_history.undo(session, acts[0], None)
        for act in reversed(acts):
            term_history.undo(session, act, None)
        debt = session.get_one(Term, "debt")
        state = (debt.names("en"), debt.names("km"), debt.broader_id, debt.retired_at, debt.own_parts)
        assert state == (("Debt",), (), None, None, [])


def test_undoing_takes_no_name_from_another_theme_and_makes_no_circle(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        factories.term(session, "debt", {"en": ["Debt"]})
        factories.term(session, "land", {"en": ["Land"]})
        terms.relabel(session, "debt", names("Debts"), None)
        renamed = last_act(session)
        terms.relabel(session, "land", names("Land", "debt"), None)
        with pytest.raises(CannotUndo, match="taken"):
            term_history.undo(session, renamed, None)
        terms.move(session, "debt", "land", None)
        terms.move(session, "debt", None, None)
        moved = last_act(session)
        terms.move(session, "land", "debt", None)
        with pytest.raises(CannotUndo, match="later"):
            term_history.undo(session, moved, None)


def test_a_new_theme_goes_again_unless_it_is_used(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        made = terms.add(session, names("Flood"), None, None)
        act = last_act(session)
        testimony, _ = add_told(session)
        tagging.decide(session, testimony.id, made.id, None, confirm=True)
        with pytest.raises(CannotUndo, match="used"):
            term_history.undo(session, act, None)
        session.execute(Tagging.__table__.delete())
        term_history.undo(session, act, None)
        assert session.get(Term, "flood") is None
