"""Passages are read by their names, however many are asked for at once."""

from __future__ import annotations

from archive.db import Database
from archive.transcripts import passages
from archive.transcripts.passages import Wanted
from tests import factories


def test_more_passages_are_read_at_once_than_a_statement_may_name(database: Database) -> None:
    """A common word in a large archive stands in thousands; SQLite refuses a condition of a thousand parts."""
    with database.write() as session:
        told = factories.testimony(session)
        segments = [factories.segment(f"word {n}", n * 30_000, n * 30_000 + 20_000) for n in range(2_400)]
        version = factories.transcript_version(session, told.id, segments)
        form = next(iter(passages.editions([version], marked=False))).form
        names = [Wanted(told.id, form, one.id, 2) for one in version.segments[:-1]]
        found = passages.load(session, names)
        assert len(found) == len(names)
        assert found[names[1100]].texts()["km"].split() == ["word", "1100", "word", "1101"]
