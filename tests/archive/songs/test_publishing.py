"""A song goes out when nothing is missing, and otherwise it is said what, line by line."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.rule import PUBLIC, Grant
from archive.consent import decisions
from archive.db import Database
from archive.lyrics import sources
from archive.models import LyricLine, Redaction, Song, Source, TranscriptVersion
from archive.songs import publishing
from archive.songs.publishing import SongNotReady
from tests.archive.testimonies import GIVEN
from tests.archive.threads import EVERYTHING, add_song, add_told


def whole(session: Session, grants: tuple[Grant, ...] = EVERYTHING) -> tuple[str, Song, list[LyricLine]]:
    """A draft of two lines that may go out: one sourced, one the band's own."""
    testimony, version = add_told(session, grants)
    song, lines = add_song(session, lines=2, state="draft")
    sources.tie(session, lines[0], version, "walked to the factory", "verbatim")
    lines[1].own = True
    song.credits = [{"role": "words", "km": "", "en": "The band"}]
    session.flush()
    session.expire_all()
    return testimony.id, song, lines


def codes(session: Session, song: Song) -> list[list[str]]:
    return [[lack.code for lack in one.lacks] for one in publishing.readiness(session, song).lines]


def test_a_whole_song_goes_out_and_comes_back(database: Database) -> None:
    with database.write() as session:
        _, song, _ = whole(session)
        assert not gate.song_visible(session, PUBLIC, song.id)
        publishing.publish(session, song, None)
        assert gate.song_visible(session, PUBLIC, song.id)
        publishing.take_back(session, song, None)
        assert (song.state, gate.song_visible(session, PUBLIC, song.id)) == ("draft", False)
        publishing.take_back(session, song, None, retire=True)
        assert song.state == "retired"


def test_each_thing_that_is_missing_is_named_at_its_line(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told, song, lines = whole(session)
        source = session.scalars(select(Source)).one()
        lines[1].own = False
        session.flush()
        assert codes(session, song) == [[], ["unsourced"]]
        source.state = "review"
        session.get_one(TranscriptVersion, source.version_id).stage = "reviewed"
        session.add(Redaction(testimony_id=told, start_ms=0, end_ms=4000))
        session.flush()
        assert codes(session, song)[0] == ["review", "not-approved", "taken-out"]
        lines[0].km = lines[0].en = ""
        session.flush()
        assert codes(session, song)[0][0] == "no-words"
        with pytest.raises(SongNotReady) as refused:
            publishing.publish(session, song, None)
        assert refused.value.readiness.missing == 2
        assert song.state == "draft"


@pytest.mark.parametrize(
    "grants",
    [
        tuple(one for one in EVERYTHING if one.audience == "band"),
        tuple(one for one in EVERYTHING if one.form != "quotation"),
        tuple(Grant(one.form, one.audience, "research") for one in EVERYTHING),
    ],
)
def test_consent_that_does_not_cover_a_song_for_everyone_keeps_it_in(
    sqlite_database: Database, grants: tuple[Grant, ...]
) -> None:
    with sqlite_database.write() as session:
        _, song, _ = whole(session, grants)
        assert codes(session, song)[0] == ["consent"]


def test_a_held_line_keeps_the_song_in(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told, song, _ = whole(session)
        publishing.publish(session, song, None)
        decisions.suspend(session, told, GIVEN)
        assert song.state == "held"
        assert codes(session, song)[0] == ["held", "consent"]


@pytest.mark.parametrize(
    "named", [[], [{"role": "voice", "km": "", "en": "Sok"}], [{"role": "words", "km": "", "en": ""}]]
)
def test_nobody_named_for_the_words_keeps_the_song_in(sqlite_database: Database, named: list[dict[str, str]]) -> None:
    with sqlite_database.write() as session:
        _, song, _ = whole(session)
        song.credits = named
        with pytest.raises(SongNotReady) as refused:
            publishing.publish(session, song, None)
        assert [one.code for one in refused.value.readiness.lacks] == ["no-credit"]
        song.credits = [*named, {"role": "lyrics", "km": "", "en": "The band"}]
        publishing.publish(session, song, None)
        assert song.published_at is not None


def test_without_a_version_there_is_nothing_to_publish(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        song = Song(slug="empty", title_km="ទទេ", state="draft")
        session.add(song)
        session.flush()
        assert [lack.code for lack in publishing.readiness(session, song).lacks] == ["no-version"]
