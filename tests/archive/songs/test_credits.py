"""Narrators are named as they chose, for as long as they allow it, and nobody else is."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from archive.access.rule import Grant
from archive.consent import decisions
from archive.db import Database
from archive.lyrics import sources
from archive.models import LyricLine, Narrator, Song
from archive.songs.credits import Credit, credits_of, forget_name
from tests.archive.testimonies import GIVEN
from tests.archive.threads import EVERYTHING, add_song, add_told

NAMED = (*EVERYTHING, Grant("pseudonym", "public"))
BAND = {"role": "words", "km": "", "en": "The band"}
HERS = Credit("told", "", "Invented")


def drawn(session: Session, grants: tuple[Grant, ...]) -> tuple[str, Song, list[LyricLine]]:
    """A song out of one testimony: its id, the song, and its lines, the first of them hers."""
    testimony, version = add_told(session, grants)
    song, lines = add_song(session, lines=2)
    sources.tie(session, lines[0], version, "walked to the factory", "verbatim")
    song.credits = [BAND]
    session.flush()
    session.expire_all()
    return testimony.id, song, lines


def test_a_narrator_is_named_as_she_chose(database: Database) -> None:
    with database.write() as session:
        _, song, _ = drawn(session, NAMED)
        assert credits_of(session, song) == (Credit("words", "", "The band"), HERS)


def test_who_is_not_to_be_named_is_not_though_somebody_typed_it(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        _, song, _ = drawn(session, EVERYTHING)
        song.credits = [BAND, {"role": "voice", "km": "", "en": "Invented"}]
        session.flush()
        assert credits_of(session, song) == (Credit("words", "", "The band"),)


@pytest.mark.parametrize("how", ["suspend", "withdraw", "narrow"])
def test_a_name_taken_back_is_gone_on_the_next_look(database: Database, how: str) -> None:
    with database.write() as session:
        told, song, _ = drawn(session, NAMED)
        assert HERS in credits_of(session, song)
        if how == "suspend":
            decisions.suspend(session, told, GIVEN)
        elif how == "withdraw":
            decisions.withdraw(session, told, GIVEN)
        else:
            decisions.narrow(session, told, EVERYTHING, GIVEN)
        session.expire_all()
        assert HERS not in credits_of(session, song)


def test_who_is_no_longer_sung_is_no_longer_named(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        _, song, lines = drawn(session, NAMED)
        lines[0].held = True
        session.flush()
        assert HERS not in credits_of(session, song)


def test_a_name_is_taken_out_of_what_is_kept(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        _, song, _ = drawn(session, NAMED)
        song.credits = [BAND, {"role": "voice", "km": "", "en": "Invented"}]
        session.flush()
        forget_name(session, [song.id], session.query(Narrator).one())
        session.flush()
        session.expire_all()
        assert song.credits == [BAND]
