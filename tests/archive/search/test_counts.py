"""Facets against SQL: for random viewers over random archives, every count is what the database says."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.db import Database
from archive.models import Narrator, Tagging
from archive.models import Testimony as TestimonyRow
from archive.models.narrator import COMMUNITIES
from archive.search.whoosh_index import WhooshIndex
from archive.services import access
from archive.services.access import PUBLIC, Viewer
from archive.services.cataloguing.thesaurus import place_id
from archive.services.retrieval import indexing, searching
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
            results = searching.search(session, index, viewer, "", limit=100)
            facets = {facet: {one.value: one.count for one in values} for facet, values in results.facets.items()}
            # Everything with words of its own has a listing, so what is found is what is listed and tagged.
            ids = list(session.scalars(access.permitted(viewer, "existence")))
            assert {group.id for group in results.groups if group.kind == "testimony"} <= set(ids)
            assert facets["community"] == _counts(session, Narrator.community, ids)
            assert facets["language"] == _counts(session, TestimonyRow.language, ids)
            assert facets["year"] == _counts(session, func.strftime("%Y", TestimonyRow.recorded_on), ids)
            told = [one for one in ids if access.place_level(session, viewer, one) not in {None, "country"}]
            places = _counts(session, Narrator.province, told)
            assert facets["place"] == {place_id(code): count for code, count in places.items()}
            themes = session.execute(
                select(Tagging.term_id, func.count(Tagging.testimony_id.distinct()))
                .where(Tagging.testimony_id.in_(ids), Tagging.state == "confirmed")
                .group_by(Tagging.term_id)
            )
            of_testimonies = dict(themes.all())
            terms_found = {group.id for group in results.groups if group.kind == "term"}
            assert terms_found == of_testimonies.keys()
            assert facets["theme"] == {term: count + 1 for term, count in of_testimonies.items()}


def _counts(session: Session, column: object, ids: list[str]) -> dict[str, int]:
    rows = session.execute(
        select(column, func.count())  # type: ignore[call-overload]
        .select_from(TestimonyRow)
        .join(Narrator, Narrator.id == TestimonyRow.narrator_id)
        .where(TestimonyRow.id.in_(ids))
        .group_by(column)
    )
    return dict(rows.all())
