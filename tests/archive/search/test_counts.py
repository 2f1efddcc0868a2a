"""Facets against SQL: for random viewers over random archives, every count is what the database says."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import PUBLIC, Viewer
from archive.catalogue.thesaurus import place_id
from archive.db import Database
from archive.models import IndexPoint, Narrator, Redaction, Tagging, TranscriptVersion
from archive.models import Testimony as TestimonyRow
from archive.models.narrator import COMMUNITIES
from archive.retrieval import indexing, searching
from archive.retrieval.search_request import SearchRequest
from archive.search.whoosh_index import WhooshIndex
from tests.archive.search.world import Told, add

VIEWERS = [
    PUBLIC,
    Viewer(role="band"),
    Viewer(role="band", groups=frozenset({"WIC"})),
    Viewer(role="researcher", named=frozenset({"t1", "t4"})),
    Viewer(role="steward"),
]
FORMS = ("existence", "redacted_transcript", "full_transcript", "place", "pseudonym", "original_sound")
AUDIENCES = ("public", "band", "researcher", "WIC")


def random_archive(session: Session, chance: random.Random) -> None:
    for i in range(chance.randint(4, 9)):
        audience = chance.choice(AUDIENCES)
        add(
            session,
            Told(
                f"t{i}",
                [("", " ".join(chance.choices(("rice", "land", "debt"), k=3))) for _ in range(chance.randint(1, 6))],
                language=chance.choice(("en", "km")),
                community=chance.choice(COMMUNITIES),
                province=str(chance.randint(1, 3)),
                year=chance.randint(2010, 2012),
                forms=[form for form in FORMS if chance.random() < 0.8],
                audience=audience,
                level=chance.choice(("country", "province", "district")),
                stage=chance.choice(("approved", "approved", "reviewed", "machine")),
                taken_out=[(2_000, 4_000)] if chance.random() < 0.4 else [],
                themes=[theme for theme in ("debt-theme", "land-theme") if chance.random() < 0.4],
                points=[
                    (chance.randrange(5_000), "", "rice", [theme])
                    for theme in ("debt-theme", "point-theme")
                    if chance.random() < 0.4
                ],
            ),
        )


@pytest.mark.parametrize("seed", range(6))
def test_facets_of_everything_equal_sql(sqlite_database: Database, tmp_path: Path, seed: int) -> None:
    with sqlite_database.write() as session:
        random_archive(session, random.Random(seed))
    index = WhooshIndex(tmp_path / "index")
    indexing.reindex(sqlite_database, index)
    for viewer in VIEWERS:
        with sqlite_database.read() as session:
            results = searching.search(session, index, viewer, SearchRequest(), limit=100)
            facets = {facet: {one.value: one.count for one in values} for facet, values in results.facets.items()}
            # Everything with words of its own has a listing, so what is found is what is listed and tagged.
            ids = list(session.scalars(gate.permitted(viewer, "existence")))
            assert {group.id for group in results.groups if group.kind == "testimony"} <= set(ids)
            assert facets["community"] == _counts(session, Narrator.community, ids)
            assert facets["language"] == _counts(session, TestimonyRow.language, ids)
            assert facets["year"] == _counts(session, func.strftime("%Y", TestimonyRow.recorded_on), ids)
            told = [one for one in ids if gate.place_level(session, viewer, one) not in {None, "country"}]
            places = _counts(session, Narrator.province, told)
            assert facets["place"] == {place_id(code): count for code, count in places.items()}
            of_testimonies = _themes(session, viewer, ids)
            assert {group.id for group in results.themes} == of_testimonies.keys()
            assert facets["theme"] == of_testimonies
            assert results.groups_total == len(results.groups)
            assert results.total == sum(len(group.hits) + group.more for group in results.groups)


def _themes(session: Session, viewer: Viewer, ids: list[str]) -> dict[str, int]:
    """In how many of these testimonies each theme stands: as a tag, or at a point this viewer may be told of."""
    tags = select(Tagging.term_id, Tagging.testimony_id).where(
        Tagging.testimony_id.in_(ids), Tagging.state == "confirmed"
    )
    found = {(term, one) for term, one in session.execute(tags)}
    full = set(session.scalars(gate.permitted(viewer, "full_transcript")))
    approved = set(session.scalars(select(TranscriptVersion.testimony_id).where(TranscriptVersion.stage == "approved")))
    covered = (
        select(Redaction.id)
        .where(Redaction.testimony_id == IndexPoint.testimony_id)
        .where(Redaction.start_ms <= IndexPoint.start_ms, Redaction.end_ms > IndexPoint.start_ms)
        .exists()
    )
    for form in ("redacted_transcript", "full_transcript"):
        may = set(session.scalars(gate.permitted(viewer, form)))
        rows = session.execute(select(IndexPoint.testimony_id, IndexPoint.terms, covered))
        for one, terms, hidden in rows:
            read = one in may and (one in approved or viewer.inside)
            if read and (not hidden or one in full):
                found |= {(term, one) for term in terms}
    return dict(Counter(term for term, _ in found))


def _counts(session: Session, column: object, ids: list[str]) -> dict[str, int]:
    rows = session.execute(
        select(column, func.count())  # type: ignore[call-overload]
        .select_from(TestimonyRow)
        .join(Narrator, Narrator.id == TestimonyRow.narrator_id)
        .where(TestimonyRow.id.in_(ids))
        .group_by(column)
    )
    return dict(rows.all())
