"""Parts of one telling: kept as one act, safe for two people, and another woman's never by a chance word."""

from __future__ import annotations

import pytest

from archive.access.gate import Viewer
from archive.backends import Backends
from archive.catalogue import parts
from archive.catalogue.field_values import DescriptionInvalid
from archive.consent import decisions
from archive.db import Database
from archive.describing import catalogue, changes, joining, sheet_changes
from archive.describing.changes import ChangedMeanwhile
from archive.models import Testimony, now
from archive.narrators import records
from archive.settings import Settings
from tests import factories
from tests.archive.testimonies import GIVEN

STEWARD = Viewer(role="steward", account_id="keeper")


@pytest.fixture
def told(database: Database) -> list[str]:
    """Three of one woman's, open to everybody."""
    with database.write() as session:
        narrator = factories.narrator(session, pseudonym_en="Dara")
        made = [factories.testimony(session, narrator_id=narrator.id, title_en=f"Told {n}") for n in range(3)]
        for one in made:
            decisions.grant(session, one.id, decisions.PRESETS["public"], GIVEN)
        return [one.id for one in made]


def order(database: Database, testimony_id: str) -> list[tuple[str, int]]:
    with database.read() as session:
        return [(one.card.id, one.number) for one in parts.parts_of(session, STEWARD, testimony_id)]


def joined(database: Database, told: list[str], *numbers: str, seen: int | None = None) -> str:
    with database.write() as session:
        wanted = dict(zip(told, numbers, strict=True))
        return joining.join(session, STEWARD, told[0], wanted, seen=seen).id


def test_one_act_joins_and_one_act_parts(database: Database, told: list[str]) -> None:
    act = joined(database, told, "3", "១", "2")
    assert order(database, told[2]) == [(told[1], 1), (told[2], 2), (told[0], 3)]
    with database.write() as session:
        changes.undo(session, STEWARD, act)
    assert order(database, told[2]) == []


def test_who_joins_later_hears_of_who_joined_before(database: Database, told: list[str]) -> None:
    with database.read() as session:
        seen = joining.offered(session, STEWARD, told[0]).seen
    joined(database, told, "1", "2", "")
    with pytest.raises(ChangedMeanwhile):
        joined(database, told, "2", "1", "3", seen=seen)
    assert order(database, told[0]) == [(told[0], 1), (told[1], 2)]


def test_a_part_that_was_taken_back_is_gone_from_the_telling(database: Database, told: list[str]) -> None:
    joined(database, told, "1", "2", "3")
    with database.write() as session:
        session.get_one(Testimony, told[0]).withdrawn_at = now()
    assert order(database, told[1]) == [(told[1], 1), (told[2], 2)]
    assert order(database, told[0]) == []


def test_two_women_who_become_one_have_two_tellings(database: Database, told: list[str]) -> None:
    with database.write() as session:
        other = factories.narrator(session, pseudonym_en="Dara")
        hers = [factories.testimony(session, narrator_id=other.id) for _ in range(2)]
        for one in hers:
            decisions.grant(session, one.id, decisions.PRESETS["public"], GIVEN)
        mine = [session.get_one(Testimony, one) for one in told]
        for number, row in enumerate([*hers, *mine], 1):
            parts.put_part(row, f"rain {number}")
        session.flush()
        records.merge(session, mine[0].narrator_id, other.id, "keeper")
        ids = [one.id for one in hers]
    assert [one for one, _ in order(database, told[0])] == told
    assert [one for one, _ in order(database, ids[0])] == ids


def test_a_column_of_the_catalogue_joins_and_parts(settings: Settings, database: Database, told: list[str]) -> None:
    backends = Backends(settings, database)
    with database.read() as session:
        rows = {row["testimony"]: dict(row) for row in catalogue.rows(session, STEWARD, told)}
    for number, one in enumerate(told, 1):
        rows[one]["part"] = f"rain {number}"
    plan = sheet_changes.apply(backends, STEWARD, list(enumerate(rows.values(), 2)))
    assert not plan.bad
    assert order(database, told[0]) == [(one, number) for number, one in enumerate(told, 1)]
    with database.read() as session:
        again = list(catalogue.rows(session, STEWARD, told))
    assert [row["part"] for row in again] == [rows[row["testimony"]]["part"] for row in again]
    sheet_changes.undo(backends, STEWARD, plan.act_id)
    assert order(database, told[0]) == []


@pytest.mark.parametrize("text", ["rain", "2", "rain 0", "rain 100", "rain two", "a word 2", "-x 1", "w" * 21 + " 1"])
def test_what_names_no_part_is_said(text: str) -> None:
    with pytest.raises(DescriptionInvalid, match="names no part"):
        parts.read_part(text)


def test_khmer_words_and_digits_name_a_part() -> None:
    assert parts.read_part(" ភ្លៀង  ២ ") == "ភ្លៀង 2"
