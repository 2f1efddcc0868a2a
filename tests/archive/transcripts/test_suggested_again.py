"""A name that a theme gets is suggested where it was said before, and nowhere else."""

from __future__ import annotations

from sqlalchemy import select

from archive.catalogue import tagging, terms
from archive.catalogue.terms import TermNames
from archive.db import Database
from archive.models import Tagging
from archive.transcripts import suggested_again
from tests import factories
from tests.archive.threads import add_told


def test_a_new_name_is_suggested_where_it_was_said(database: Database) -> None:
    with database.write() as session:
        factories.term(session, "work-way", {"en": ["Way to work"]})
        told, version = add_told(session)
        assert tagging.suggest(session, version) == 0
        terms.relabel(session, "work-way", TermNames.written((), ("Way to work", "walked to the factory")), None)
        told_id = told.id
    assert suggested_again.suggest_again(database, {"Walked to the factory"}) == 1
    with database.read() as session:
        found = session.execute(select(Tagging.testimony_id, Tagging.term_id, Tagging.state)).all()
    assert found == [(told_id, "work-way", "suggested")]
    assert suggested_again.suggest_again(database, {"never said", "100%"}) == 0
    assert suggested_again.suggest_again(database, ()) == 0
