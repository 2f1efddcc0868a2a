"""The thread: quotations found to the word, and never moved silently."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.db import Database
from archive.lyrics import sources
from archive.models import Clipping, Source, TranscriptVersion
from archive.models.source import quote_hash
from archive.timing import Utterance
from archive.transcripts import quotations, transcript_versions
from archive.transcripts.quotations import QuoteAmbiguous, QuoteNotFound
from tests.archive.threads import TOLD, TOLD_KM, add_song, add_told, timed


def test_a_quotation_is_timed_to_its_words(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        _, version = add_told(session)
        place = quotations.anchor(session, version, "larger than the field")
        assert place.segment_id == version.segments[1].id
        said = version.segments[1].words
        assert (place.span.start_ms, place.span.end_ms) == (said[3].start_ms, said[6].end_ms)


def test_case_and_spacing_do_not_hide_a_quotation_and_the_transcript_s_spelling_is_kept(
    sqlite_database: Database,
) -> None:
    with sqlite_database.write() as session:
        _, version = add_told(session)
        assert quotations.anchor(session, version, "i WALKED to the factory").quote == "I walked to the factory"


def test_a_quotation_may_run_over_two_segments(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        _, version = add_told(session)
        place = quotations.anchor(session, version, "before the sun. The debt was larger than")
        assert place.segment_id == version.segments[0].id
        assert place.span.start_ms < 4000 < 4500 < place.span.end_ms


def test_words_from_a_translation_get_their_segment_s_time(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        _, version = add_told(session)
        khmer = quotations.version_in(session, version, "km")
        assert khmer is not None
        place = quotations.anchor(session, khmer, "បំណុលធំជាងស្រែ")
        assert (place.span.start_ms, place.span.end_ms) == (4500, 9000)


@pytest.mark.parametrize("quote", ["the rent was larger", "actor", ""])
def test_what_was_not_said_cannot_be_quoted(sqlite_database: Database, quote: str) -> None:
    with sqlite_database.write() as session:
        _, version = add_told(session)
        with pytest.raises(QuoteNotFound):
            quotations.anchor(session, version, quote)


def test_words_said_twice_need_more_of_them(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        _, version = add_told(session)
        with pytest.raises(QuoteAmbiguous):
            quotations.anchor(session, version, "the debt was larger")


def test_a_tie_keeps_the_words_and_their_hash(database: Database) -> None:
    with database.write() as session:
        testimony, version = add_told(session)
        _, lines = add_song(session)
        source = sources.tie(session, lines[0], version, "the debt was larger than the field", "verbatim")
    with database.read() as session:
        kept = session.scalars(select(Source)).one()
        assert (kept.testimony_id, kept.version_id, kept.state) == (testimony.id, version.id, "sure")
        assert kept.quote == "The debt was larger than the field"
        assert kept.quote_hash == quote_hash(source.quote)


def test_a_hundred_corrections_move_no_source_silently(sqlite_database: Database) -> None:
    chance = random.Random(7)
    with sqlite_database.write() as session:
        _, version = add_told(session)
        _, lines = add_song(session)
        sources.tie(session, lines[0], version, "walked to the factory", "verbatim")
        sources.tie(session, lines[1], version, "the debt was larger than the field", "adapted")
        for _ in range(100):
            told = list(TOLD)
            number = chance.randrange(len(told))
            words = told[number].text.split()
            at = chance.randrange(len(words))
            words[at : at + chance.choice((0, 1))] = [chance.choice(("rice", "the", "factory", "debt", ""))]
            changed = " ".join(filter(None, words))
            told[number] = timed(type(told[number])(told[number].start_ms, told[number].end_ms, changed))
            newer = transcript_versions.add_version(
                session, version.testimony_id, "en", [timed(one) for one in told], stage="reviewed", parent=version
            )
            before = {source.id: (source.version_id, source.quote) for source in session.scalars(select(Source))}
            quotations.carry_over(session, version, newer)
            for source in session.scalars(select(Source)):
                old_version, quote = before[source.id]
                assert source.quote == quote
                if source.version_id == newer.id and old_version != newer.id:
                    found = [place for place in quotations.anchors(session, newer, quote) if place.quote == quote]
                    assert [place.segment_id for place in found] == [source.segment_id]
                elif old_version == version.id:
                    assert (source.version_id, source.state) == (version.id, "review")
            for source in session.scalars(select(Source)):
                source.version_id, source.state = version.id, "sure"
                place = quotations.anchor(session, version, source.quote)
                source.segment_id, source.start_ms, source.end_ms = (
                    place.segment_id,
                    place.span.start_ms,
                    place.span.end_ms,
                )
            session.flush()


def test_the_same_words_at_another_moment_are_marked_and_do_not_move(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        _, version = add_told(session)
        _, lines = add_song(session)
        source = sources.tie(session, lines[0], version, "walked to the factory", "verbatim")
        told = [Utterance(0, 4000, "I stayed."), *TOLD[1:], Utterance(20_000, 24_000, "She walked to the factory.")]
        newer = transcript_versions.add_version(
            session, version.testimony_id, "en", told, stage="reviewed", parent=version
        )
        assert quotations.carry_over_all(session, version, newer) == [source]
        assert (source.version_id, source.state, source.start_ms) == (version.id, "review", source.span.start_ms)


def test_words_that_come_back_are_found_again(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        _, version = add_told(session)
        _, lines = add_song(session)
        source = sources.tie(session, lines[0], version, "walked to the factory", "verbatim")
        without = [Utterance(0, 4000, "I went to the factory before the sun."), *TOLD[1:]]
        second = transcript_versions.add_version(
            session, version.testimony_id, "en", without, stage="reviewed", parent=version
        )
        quotations.carry_over_all(session, version, second)
        assert (source.version_id, source.state) == (version.id, "review")
        third = transcript_versions.add_version(
            session, version.testimony_id, "en", TOLD, stage="reviewed", parent=second
        )
        assert quotations.carry_over_all(session, second, third) == []
        assert (source.version_id, source.state) == (third.id, "sure")


def test_a_translation_that_is_not_there_yet_leaves_its_quotation_marked(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        _, version = add_told(session)
        khmer = quotations.version_in(session, version, "km")
        assert khmer is not None
        _, lines = add_song(session)
        source = sources.tie(session, lines[0], khmer, "បំណុលធំជាងស្រែ", "verbatim")
        newer = transcript_versions.add_version(
            session, version.testimony_id, "en", TOLD, stage="reviewed", parent=version
        )
        assert quotations.carry_over_all(session, version, newer) == [source]
        texts = {segment.id: text for segment, text in zip(newer.segments, TOLD_KM, strict=True)}
        translated = transcript_versions.add_translation(session, newer, "km", texts, stage="approved")
        assert quotations.carry_over_all(session, khmer, translated) == []
        assert (source.version_id, source.state) == (translated.id, "sure")


def test_a_hundred_edits_leave_every_source_and_clipping_exact_or_marked(sqlite_database: Database) -> None:
    """Words changed, put in, taken out, said twice, and segments joined or cut, one edit after another."""
    chance = random.Random(11)
    quotes = ("walked to the factory", "before the sun", "The debt was larger than the field", "We said it again")
    with sqlite_database.write() as session:
        _, version = add_told(session)
        _, lines = add_song(session, lines=len(quotes))
        for line, quote in zip(lines, quotes, strict=True):
            source = sources.tie(session, line, version, quote, "adapted")
            kept = {name: getattr(source, name) for name in ("testimony_id", "version_id", "segment_id", "quote")}
            session.add(Clipping(id=source.id, start_ms=0, end_ms=14_000, quote_hash=source.quote_hash, **kept))
        session.flush()
        outcomes = {"moved": 0, "marked": 0}
        said = list(TOLD)
        for turn in range(100):
            if turn % 10 == 0:
                said = list(TOLD)
            said = edited(said, chance)
            newer = transcript_versions.add_version(
                session, version.testimony_id, "en", [timed(one) for one in said], stage="reviewed", parent=version
            )
            where = {source.id: source.version_id for source in session.scalars(select(Source))}
            quotations.carry_over_all(session, version, newer)
            for one in [*session.scalars(select(Source)), *session.scalars(select(Clipping))]:
                assert one.quote in quotes
                assert one.quote_hash == quote_hash(one.quote)
                if one.version_id == newer.id:
                    assert stands(session, newer, one.segment_id, one.quote)
                    assert one.state == "sure"
                else:
                    assert one.state == "review"
                    assert one.version_id == where[one.id] or isinstance(one, Clipping)
                outcomes["moved" if one.version_id == newer.id else "marked"] += 1
            version = newer
        assert min(outcomes.values()) > 50, outcomes


def edited(told: list[Utterance], chance: random.Random) -> list[Utterance]:
    """The utterances after one edit such as a reviewer makes."""
    told = list(told)
    at = chance.randrange(len(told))
    one = told[at]
    words = one.text.split()
    place = chance.randrange(len(words))
    kind = chance.choice(("word", "more", "less", "twice", "cut", "join"))
    if kind == "cut" and len(words) > 3:
        middle = (one.start_ms + one.end_ms) // 2
        half = len(words) // 2
        told[at : at + 1] = [
            Utterance(one.start_ms, middle, " ".join(words[:half])),
            Utterance(middle, one.end_ms, " ".join(words[half:])),
        ]
        return told
    if kind == "join" and at + 1 < len(told):
        after = told[at + 1]
        told[at : at + 2] = [Utterance(one.start_ms, after.end_ms, f"{one.text} {after.text}")]
        return told
    changed = {"word": ["rice"], "more": [words[place], "then"], "twice": [*words[place : place + 1], *words]}
    words[place : place + 1] = changed.get(kind, [] if len(words) > 2 else [words[place]])
    told[at] = Utterance(one.start_ms, one.end_ms, " ".join(words))
    return told


def stands(session: Session, version: TranscriptVersion, segment_id: str | None, quote: str) -> bool:
    return segment_id in [
        place.segment_id for place in quotations.anchors(session, version, quote) if place.quote == quote
    ]
