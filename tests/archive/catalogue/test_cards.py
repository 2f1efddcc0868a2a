"""Cards ask the gate once for a whole page; each must be what asking it testimony by testimony gives."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select

from archive.access import gate
from archive.catalogue.cards import ToldPlace, cards
from archive.db import Database
from archive.models import Recording, Testimony
from tests.archive.search.test_counts import VIEWERS, random_archive


@pytest.mark.parametrize("seed", range(4))
def test_a_page_of_cards_is_what_the_gate_says_of_each(database: Database, seed: int) -> None:
    with database.write() as session:
        random_archive(session, random.Random(seed))
        for recording in session.scalars(select(Recording)):
            recording.listening_key = f"recordings/{recording.id}/listening.m4a"
    with database.read() as session:
        ids = list(session.scalars(select(Testimony.id)))
        for viewer in VIEWERS:
            shown = cards(session, viewer, [*ids, "nobodyknowsit0"])
            assert shown.keys() == {one for one in ids if gate.may(session, viewer, one, "existence")}
            for one, card in shown.items():
                assert bool(card.name_en) == bool(gate.may(session, viewer, one, "pseudonym"))
                assert (card.recording_id is None) == (gate.sound_for(session, viewer, one) is None)
                level = gate.place_level(session, viewer, one)
                assert (level is None) <= (card.place is None)
                assert (level == "country") <= (card.place == ToldPlace())
                assert card.readable == (gate.best_transcript_form(session, viewer, one) is not None)
        assert cards(session, VIEWERS[0], []) == {}
