"""What people answer teaches the next suggestion, and nothing of it outlives its testimony's consent."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access.rule import Grant
from archive.catalogue import tagging, theme_lessons
from archive.catalogue.tagger import ThemeTagger, finder_of
from archive.catalogue.theme_finder import SAID_OF_IT
from archive.consent import decisions, redaction
from archive.db import Database
from archive.models import Tagging, Term, TermLabel, ThemeLesson
from archive.timing import Span
from tests.archive.testimonies import GIVEN
from tests.archive.threads import EVERYTHING, add_told


def answered(session: Session, *, confirm: bool, grants: tuple[Grant, ...] = EVERYTHING) -> str:
    """A testimony whose passages a person has tied to debt, or taken off it."""
    if session.get(Term, "debt") is None:
        session.add(Term(id="debt", kind="theme", labels=[TermLabel(language="km", text="បំណុល", preferred=True)]))
        session.flush()
    testimony, version = add_told(session, grants)
    tagging.suggest(session, version)
    tagging.decide(session, testimony.id, "debt", None, confirm=confirm)
    return testimony.id


def trust(session: Session) -> float:
    finder = finder_of(session)
    moved, _ = theme_lessons.learnt(finder, theme_lessons.lessons(session))
    return moved.get(("debt", "បំណុល"), SAID_OF_IT)


def test_a_yes_makes_a_cue_surer_and_a_no_less_sure(database: Database) -> None:
    with database.write() as session:
        answered(session, confirm=True)
        surer = trust(session)
        answered(session, confirm=False)
        answered(session, confirm=False)
        assert trust(session) < SAID_OF_IT < surer


def test_a_cue_that_people_keep_taking_off_is_suggested_no_more(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        for _ in range(4):
            answered(session, confirm=False)
        assert not ThemeTagger.of(session).suggestions({"km": "បំណុល"})
        assert finder_of(session).find("បំណុល")


def test_a_word_that_confirmed_passages_of_two_testimonies_hold_becomes_a_hint(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        answered(session, confirm=True)
        _, words = theme_lessons.learnt(finder_of(session), theme_lessons.lessons(session))
        assert words == {}
        answered(session, confirm=True)
        _, words = theme_lessons.learnt(finder_of(session), theme_lessons.lessons(session))
        assert words["debt"]


def test_what_was_learnt_goes_with_the_testimony_and_with_its_consent(database: Database) -> None:
    with database.write() as session:
        told = answered(session, confirm=True)
        assert list(theme_lessons.lessons(session))
        decisions.suspend(session, told, GIVEN)
        assert not list(theme_lessons.lessons(session))
        tagging.decide(session, told, "debt", None, confirm=True)
        assert session.scalar(select(func.count()).select_from(ThemeLesson)) == 0


def test_nothing_is_learnt_from_what_the_band_may_not_read(sqlite_database: Database) -> None:
    unread = tuple(one for one in EVERYTHING if not one.form.endswith("transcript"))
    with sqlite_database.write() as session:
        answered(session, confirm=True, grants=unread)
        assert session.scalar(select(func.count()).select_from(ThemeLesson)) == 0


def test_words_that_are_taken_out_teach_nothing(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told = answered(session, confirm=True)
        redaction.mark(session, told, Span(0, 14_000), None)
        assert not list(theme_lessons.lessons(session))
        tagging.decide(session, told, "debt", None, confirm=True)
        assert not list(theme_lessons.lessons(session))


def test_suggestions_come_from_the_translation_too(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        session.add(Term(id="of-ours", kind="theme", labels=[TermLabel(language="km", text="ធំជាងស្រែ")]))
        session.flush()
        _, version = add_told(session)
        assert version.language == "en"
        tagging.suggest(session, version)
        (one,) = session.scalars(select(Tagging))
        assert (one.term_id, one.matched) == ("of-ours", "ធំជាងស្រែ")
