"""What stood in a description before goes when its testimony is taken back, whichever way."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from archive.backends import Backends
from archive.checks import residue
from archive.consent.decisions import BAND_ONLY, ConsentGiven, grant
from archive.db import Database
from archive.describing import changes
from archive.models import DescriptionChange, Narrator, Testimony
from archive.settings import Settings
from archive.withdrawal import purge, withdraw
from tests import factories

GIVEN = ConsentGiven("signed", None)


@pytest.mark.parametrize("mode", ["restrict", "destroy"])
def test_no_history_is_left_of_what_was_taken_back(sqlite_database: Database, settings: Settings, mode: str) -> None:
    backends = Backends(settings, sqlite_database)
    with sqlite_database.write() as session:
        one = factories.testimony(session, title_en="Quillfeather").id
        other = factories.testimony(session).id
        for each in (one, other):
            grant(session, each, BAND_ONLY, GIVEN)
        mistaken = session.get_one(Testimony, one).narrator_id
        right = factories.narrator(session, pseudonym_en="Mom").id
        changes.change(session, changes.AT_THE_MACHINE, one, {"narrator": right})
        changes.change(session, changes.AT_THE_MACHINE, one, {"title_en": "The line", "community": "landless"})
        changes.change(session, changes.AT_THE_MACHINE, other, {"title_en": "Another"})
    withdraw.withdraw(backends, one, mode, GIVEN)
    purge.purge(backends, one)
    with sqlite_database.read() as session:
        left = session.scalars(select(DescriptionChange)).all()
        assert [row.testimony_id for row in left] == [other]
        assert session.get(Narrator, mistaken) is None
        assert (session.get(Narrator, right) is None) == (mode == "destroy")
    if mode == "destroy":
        assert residue.deep_check(backends, ["Quillfeather"]) == []
