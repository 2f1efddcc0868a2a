"""Joined, parted, moved, merged, split, narrowed, taken back and undone in any order: a part is told of only to whoever
may know of it as hers, and the parts of one telling agree about each other.

`MESSENGER_TEST_HISTORIES` says how many histories (6), `MESSENGER_TEST_SEED` which is the first (0): a failure names
its own.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import PUBLIC, Unknown, Viewer
from archive.catalogue import parts
from archive.catalogue.cards import cards
from archive.consent import decisions
from archive.db import Database
from archive.describing import changes, joining
from archive.describing.changes import ChangedMeanwhile, FieldsRefused
from archive.describing.joining import CannotJoin
from archive.models import DescriptionChange, Testimony
from archive.narrators import records
from archive.narrators.records import CannotMerge, CannotSplit
from tests import factories
from tests.archive.testimonies import GIVEN

HISTORIES = int(os.environ.get("MESSENGER_TEST_HISTORIES", "6"))
FIRST = int(os.environ.get("MESSENGER_TEST_SEED", "0"))
STEPS = 12
STEWARD = Viewer(role="steward", account_id="keeper")
VIEWERS = (PUBLIC, Viewer("b", "band", frozenset({"MB"})))
REFUSED = (
    CannotJoin, CannotMerge, CannotSplit, ChangedMeanwhile, FieldsRefused, Unknown,
    decisions.Withdrawn, decisions.Destroyed,
)  # fmt: skip


def join(session: Session, chance: random.Random, told: list[str]) -> None:
    numbers = {one: str(chance.choice(("", 1, 2, 3, 4))) for one in told}
    joining.join(session, STEWARD, chance.choice(told), numbers)


def write_a_part(session: Session, chance: random.Random, told: list[str]) -> None:
    part = chance.choice(("", "rain 1", "rain 2", "drum 1", "rain 9"))
    changes.change(session, STEWARD, chance.choice(told), {"part": part})


def women_of(session: Session, told: list[str]) -> list[str]:
    return sorted(set(session.scalars(select(Testimony.narrator_id).where(Testimony.id.in_(told)))))


def choose_another_narrator(session: Session, chance: random.Random, told: list[str]) -> None:
    women = women_of(session, told)
    changes.change(session, STEWARD, chance.choice(told), {"narrator": chance.choice(women)})


def merge(session: Session, chance: random.Random, told: list[str]) -> None:
    women = women_of(session, told)
    records.merge(session, *(chance.choice(women) for _ in range(2)), "keeper")


def split(session: Session, chance: random.Random, told: list[str]) -> None:
    one = session.get_one(Testimony, chance.choice(told))
    records.split(session, one.narrator_id, [one.id], "keeper")


def decide(session: Session, chance: random.Random, told: list[str]) -> None:
    grants = [one for one in decisions.PRESETS[chance.choice(("band-only", "public"))] if chance.random() < 0.8]
    decisions.reconfirm(session, chance.choice(told), GIVEN, grants or decisions.BAND_ONLY)


def take_back(session: Session, chance: random.Random, told: list[str]) -> None:
    chance.choice((decisions.suspend, decisions.withdraw))(session, chance.choice(told), GIVEN)


def undo(session: Session, chance: random.Random, told: list[str]) -> None:
    mine = select(DescriptionChange.act_id).where(DescriptionChange.testimony_id.in_(told))
    acts = sorted(set(session.scalars(mine)))
    if acts:
        changes.undo(session, STEWARD, chance.choice(acts))


ACTS: tuple[Callable[[Session, random.Random, list[str]], None], ...] = (
    join, join, write_a_part, write_a_part, choose_another_narrator, merge, split, decide, decide, take_back, undo,
)  # fmt: skip


def an_archive(session: Session) -> list[str]:
    """Two women with one name, one of them elsewhere, and six testimonies."""
    women = [factories.narrator(session, pseudonym_en="Dara", province=province) for province in ("12", "03")]
    made = [factories.testimony(session, narrator_id=women[number % 2].id) for number in range(6)]
    for one in made:
        decisions.grant(session, one.id, decisions.PRESETS["public"], GIVEN)
    return [one.id for one in made]


def held_true(session: Session, told: list[str], done: list[str]) -> int:
    """Raises AssertionError; returns how many parts were shown to somebody."""
    shown = 0
    for viewer in VIEWERS:
        of = {one: tuple(part.card.id for part in parts.parts_of(session, viewer, one)) for one in told}
        for one, together in of.items():
            known = cards(session, viewer, together)
            shown += len(together)
            assert not together or one in together, done
            assert len(together) != 1, done
            for other in together:
                assert of[other] == together, done
                assert gate.may(session, viewer, other, "existence"), done
                assert gate.may(session, viewer, other, "pseudonym"), done
            assert len({session.get_one(Testimony, other).narrator_id for other in together}) <= 1, done
            assert len({(card.name_km, card.name_en, card.place) for card in known.values()}) <= 1, done
    return shown


def test_a_part_is_told_only_where_it_may_be_hers(sqlite_database: Database) -> None:
    shown, taken = 0, Counter[str]()
    for seed in range(FIRST, FIRST + HISTORIES):
        chance, done = random.Random(seed), [f"seed {seed}"]
        with sqlite_database.write() as session:
            told = an_archive(session)
        for _step in range(STEPS):
            act = chance.choice(ACTS)
            done.append(act.__name__)
            try:
                with sqlite_database.write() as session:
                    act(session, chance, told)
                taken[act.__name__] += 1
            except REFUSED as error:
                done[-1] += f" refused: {type(error).__name__}"
            with sqlite_database.read() as session:
                shown += held_true(session, told, done)
    assert shown > HISTORIES, "it is about something"
    assert HISTORIES < 20 or set(taken) == {act.__name__ for act in ACTS}, taken
