"""A passage is put on the desk when it may be sung, and else it is said why not."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from archive.access import reasons
from archive.access.gate import Unknown, Viewer
from archive.access.rule import Grant
from archive.consent import decisions
from archive.db import Database
from archive.lists import ListRequest
from archive.lyrics import clippings
from archive.lyrics.clippings import CannotClip
from archive.models import Redaction, Song, Tagging, Term, TermLabel, TranscriptVersion
from tests.archive.testimonies import GIVEN
from tests.archive.threads import EVERYTHING, add_song, add_told

BAND = Viewer(role="band", groups=frozenset({"MB"}))
READ = (Grant("existence", "band"), Grant("full_transcript", "band"), Grant("original_sound", "band"))


def desk(session: Session, grants: tuple[Grant, ...] = EVERYTHING) -> tuple[str, TranscriptVersion, Song]:
    testimony, version = add_told(session, grants)
    song, _ = add_song(session, state="draft")
    return testimony.id, version, song


def test_a_passage_lies_with_its_words_its_moment_and_its_song(database: Database) -> None:
    with database.write() as session:
        told, version, song = desk(session)
        made = clippings.clip(session, BAND, told, 5000, song=song)
        assert (made.quote, made.version_id, made.song_id) == (version.segments[1].text, version.id, song.id)
        assert (made.start_ms, made.end_ms) == (4500, 9000)
        again = clippings.clip(session, BAND, told, 5100, song=song)
        assert again.id == made.id
        (lying,) = clippings.lying_with(session, BAND, song)
        assert lying.quote == made.quote
        assert lying.relations == ("verbatim", "adapted", "inspired")
        assert lying.play_from_ms == 4000


def test_words_can_be_chosen_out_of_a_passage_and_out_of_its_translation(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told, version, song = desk(session)
        few = clippings.clip(session, BAND, told, 4600, words="larger than the field", song=song)
        assert few.quote == "larger than the field"
        assert few.start_ms > 4500
        khmer = clippings.clip(session, BAND, told, 5000, language="km", song=song)
        assert khmer.quote == "បំណុលធំជាងស្រែ"
        assert khmer.version_id != version.id


@pytest.mark.parametrize(
    ("grants", "reason"), [(READ, "not-granted"), (READ[:1], "not-granted"), ((), None), (READ[1:], None)]
)
def test_what_may_not_be_sung_is_not_clipped_and_says_why(
    sqlite_database: Database, grants: tuple[Grant, ...], reason: str | None
) -> None:
    with sqlite_database.write() as session:
        told, _, song = desk(session, grants)
        if reason is None:
            with pytest.raises(Unknown):
                clippings.clip(session, BAND, told, 5000, song=song)
            return
        with pytest.raises(CannotClip) as refused:
            clippings.clip(session, BAND, told, 5000, song=song)
        assert refused.value.code == reason
        assert refused.value.sentence.message == reasons.WORDS[reason]


def test_flagged_and_taken_out_words_are_not_clipped(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told, version, song = desk(session)
        version.segments[1].flags = ["repetition"]
        session.add(Redaction(testimony_id=told, start_ms=9500, end_ms=10_000))
        session.flush()
        for at, reason in ((5000, "flagged"), (9600, "taken-out")):
            with pytest.raises(CannotClip) as refused:
                clippings.clip(session, BAND, told, at, song=song)
            assert refused.value.code == reason
        assert clippings.clip(session, BAND, told, 100, song=song).quote == version.segments[0].text


def test_words_that_do_not_stand_there_are_not_clipped(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told, _, song = desk(session)
        with pytest.raises(CannotClip) as refused:
            clippings.clip(session, BAND, told, 5000, words="the rent was larger", song=song)
        assert refused.value.code == "not-there"


def test_a_paraphrase_alone_may_be_used_but_not_word_for_word(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told, _, song = desk(session, (*READ, Grant("paraphrase", "band", "song")))
        clippings.clip(session, BAND, told, 5000, song=song)
        (lying,) = clippings.lying_with(session, BAND, song)
        assert lying.relations == ("adapted", "inspired")


def test_a_clipping_whose_consent_goes_is_held_without_its_words(database: Database) -> None:
    with database.write() as session:
        told, _, song = desk(session)
        clippings.clip(session, BAND, told, 5000, song=song)
        decisions.suspend(session, told, GIVEN)
        (lying,) = clippings.lying_with(session, BAND, song)
        assert (lying.quote, lying.card, lying.relations, lying.held) == ("", None, (), "not-granted")
        assert lying.why.message == reasons.WORDS["not-granted"]


def test_clippings_lie_by_theme_and_come_and_go(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told, version, song = desk(session)
        for name in ("a-theme", "b-theme"):
            session.add(Term(id=name, kind="theme", labels=[TermLabel(language="km", text=name, preferred=True)]))
        session.flush()
        for name, number in (("b-theme", 0), ("a-theme", 1)):
            segment_id = version.segments[number].id
            session.add(
                Tagging(testimony_id=told, segment_id=segment_id, term_id=name, origin="human", state="confirmed")
            )
        session.flush()
        first, second = (clippings.clip(session, BAND, told, at, song=song) for at in (100, 5000))
        assert [one.theme.id for one in clippings.lying_with(session, BAND, song)] == ["a-theme", "b-theme"]
        clippings.take_off(session, BAND, second.id)
        assert [one.clipping.id for one in clippings.lying_with(session, BAND, song)] == [first.id]
        assert len(clippings.lying_with(session, BAND, song, [second.id])) == 2
        clippings.take_off(session, BAND, second.id, back=True)
        assert len(clippings.lying_with(session, BAND, song)) == 2


def test_without_a_song_it_waits_and_can_be_laid_with_one(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        told, _, song = desk(session)
        loose = clippings.clip(session, BAND, told, 5000)
        page = clippings.not_with_a_song(session, BAND, ListRequest())
        assert ([one.clipping.id for one in page.rows], page.total) == ([loose.id], 1)
        laid = clippings.lay_with(session, BAND, loose.id, song)
        assert (laid.id, laid.song_id) == (loose.id, song.id)
        other, _ = add_song(session, state="draft")
        assert clippings.lay_with(session, BAND, loose.id, other).id != loose.id
        with pytest.raises(Unknown):
            clippings.take_off(session, Viewer(role="researcher"), loose.id)
