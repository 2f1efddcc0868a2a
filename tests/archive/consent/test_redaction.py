"""Redaction of text: the words go, their neighbours stay, and in doubt the whole segment goes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.access import gate
from archive.access.gate import PUBLIC, Unknown, Viewer
from archive.access.rule import Grant
from archive.consent import decisions, holds, redaction
from archive.consent.redaction import NotAMark
from archive.db import Database
from archive.models import Segment, SegmentTranslation, TranscriptVersion, now
from archive.timing import Span, Word
from archive.transcripts import readable_text
from archive.transcripts.readable_text import TAKEN_OUT, without
from tests.archive.testimonies import GIVEN, WORDS, a_mark, a_song, a_testimony, a_version, an_account

NAME = Span(1400, 2300)  # the last two of WORDS: "Mr Sokha"
BAND = Viewer("b", "band", frozenset({"MB"}))


def _segment(text: str, words: tuple[Word, ...], end_ms: int = 2300) -> Segment:
    made = Segment(position=0, start_ms=0, end_ms=end_ms, text=text)
    made.words = words
    return made


def test_a_name_goes_and_its_neighbours_stay() -> None:
    text, words = without(_segment("ខ្ញុំជំពាក់ប្រាក់ លោកសុខា។", WORDS), [NAME])
    assert text == f"ខ្ញុំជំពាក់ប្រាក់ {TAKEN_OUT}។"
    assert [w.text for w in words] == ["ខ្ញុំ", "ជំពាក់", "ប្រាក់", TAKEN_OUT]
    assert (words[-1].start_ms, words[-1].end_ms) == (1400, 2300)


def test_two_marks_leave_two_blocks_of_one_length_each() -> None:
    text, _ = without(_segment("".join(w.text for w in WORDS), WORDS), [Span(0, 100), Span(1500, 1600)])
    assert text == f"{TAKEN_OUT}ជំពាក់ប្រាក់{TAKEN_OUT}សុខា"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ខ្ញុំជំពាក់ប្រាក់លោកសុខា", ()),
        ("ខ្ញុំជំពាក់លោកសុខា", WORDS),
        ("ខ្ញុំជំពាក់ប្រាក់លោកសុខាដារា", WORDS),
        ("ខ្ញុំជំពាក់ប្រាក់តាលោកសុខា", WORDS),
        ("ខ្ញុំជំពាក់ប្រាក់លោកសុខា", (*WORDS[:3], Word("", 1400, 1800), WORDS[4])),
    ],
    ids=["no word times", "a word not in the text", "written after", "written between", "an empty word"],
)
def test_in_doubt_the_whole_segment_goes(text: str, words: tuple[Word, ...]) -> None:
    assert without(_segment(text, words), [NAME])[0] == TAKEN_OUT


def test_marked_sound_that_nobody_wrote_down_takes_the_segment_but_a_sliver_does_not() -> None:
    words = (Word("ដី", 2500, 2800), Word("ខ្ញុំ", 3600, 4000))
    segment = Segment(position=0, start_ms=2300, end_ms=4000, text="ដីខ្ញុំ")
    segment.words = words
    assert without(segment, [Span(2900, 3500)])[0] == TAKEN_OUT
    assert without(segment, [Span(1000, 2400)])[0] == "ដីខ្ញុំ"


def test_a_word_without_length_falls_to_the_mark_it_stands_in() -> None:
    words = (Word("ក", 0, 500), Word("ខ", 500, 500), Word("គ", 900, 1000))
    assert without(_segment("កខគ", words, 1000), [Span(500, 600)])[0] == f"ក{TAKEN_OUT}គ"
    at_the_end = (Word("ក", 0, 500), Word("ខ", 500, 500))
    assert without(_segment("កខ", at_the_end, 500), [Span(500, 600)])[0] == f"ក{TAKEN_OUT}"


@given(
    st.lists(st.tuples(st.sampled_from("កខគឃងចឆជ"), st.integers(0, 300)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 800)), max_size=4),
)
def test_no_marked_word_is_ever_left(said: list[tuple[str, int]], marks: list[tuple[int, int]]) -> None:
    at, words = 0, []
    for number, (letter, length) in enumerate(said):
        words.append(Word(f"{letter}{number}", at, at + length))
        at += length
    spans = [Span(start, start + length) for start, length in marks]
    text, shown = without(_segment(" ".join(w.text for w in words), tuple(words), max(at, 1)), spans)
    left = text.split()
    for word in words:
        if any(span.overlaps(Span(word.start_ms, max(word.end_ms, word.start_ms + 1))) for span in spans):
            assert word.text not in left
            assert word.text not in {w.text for w in shown}
        elif text != TAKEN_OUT:
            assert word.text in left


def test_a_translated_segment_goes_as_a_whole_until_somebody_wrote_it_without(database: Database) -> None:
    with database.write() as session:
        told = a_testimony(session).id
        version = a_version(session, told)
        marked = a_mark(session, told, NAME, heard=True)
        for number, text in ((1, "I owe money to Mr Sokha"), (2, f"I owe money to {TAKEN_OUT}")):
            translation = TranscriptVersion(
                testimony_id=told,
                number=number,
                language="en",
                stage="approved",
                translates_id=version.id,
                approved_at=now(),
                made_at=marked.marked_at + timedelta(seconds=number - 1.5),
            )
            session.add(translation)
            session.flush()
            for segment, words in zip(version.segments, (text, "My land"), strict=True):
                session.add(SegmentTranslation(version_id=translation.id, segment_id=segment.id, text=words))
            session.flush()
            shown = readable_text.redacted_segments(session, translation)
            assert [one.text for one in shown] == [TAKEN_OUT if number == 1 else text, "My land"]


def test_who_reads_what(database: Database) -> None:
    with database.write() as session:
        told = a_testimony(session).id
        version, draft = a_version(session, told), a_version(session, told, stage="corrected", number=2)
        decisions.grant(session, told, decisions.PRESETS["public"], GIVEN)
        a_mark(session, told, NAME)
        with pytest.raises(Unknown):
            readable_text.readable(session, PUBLIC, version)
        redaction.hear(session, told, an_account(session).id)
        public = "".join(one.text for one in readable_text.readable(session, PUBLIC, version))
        assert "សុខា" not in public
        assert "ដីរបស់ខ្ញុំ" in public
        assert "សុខា" in "".join(one.text for one in readable_text.readable(session, BAND, version))
        with pytest.raises(Unknown):
            readable_text.readable(session, PUBLIC, draft)
        assert readable_text.readable(session, BAND, draft)


def test_every_change_of_the_marks_must_be_heard_again(database: Database) -> None:
    with database.write() as session:
        told, reviewer = a_testimony(session).id, an_account(session).id
        a_version(session, told)
        decisions.grant(session, told, decisions.PRESETS["public"], GIVEN)

        def reason() -> str:
            return gate.may(session, PUBLIC, told, "redacted_transcript").reason

        first = redaction.mark(session, told, NAME, reviewer, "name")
        assert reason() == "not-heard"
        assert redaction.hear(session, told, reviewer) == 1
        assert reason() == "granted"
        redaction.mark(session, told, Span(0, 400), reviewer)
        assert reason() == "not-heard"
        redaction.hear(session, told, reviewer)
        redaction.unmark(session, first.id, reviewer)
        assert reason() == "not-heard"


def test_a_mark_on_what_a_song_quotes_holds_the_line(database: Database) -> None:
    with database.write() as session:
        told = a_testimony(session).id
        version = a_version(session, told)
        decisions.grant(session, told, [Grant("quotation", "public")], GIVEN)
        song, line = a_song(session, version)
        redaction.mark(session, told, Span(2300, 2800), None)
        assert (song.state, line.held) == ("published", False), "another part of the testimony"
        made = redaction.mark(session, told, Span(400, 900), None)
        assert (song.state, line.held) == ("held", True)
        with pytest.raises(holds.StillRefused):
            holds.take_up_again(session, line.id, "x")
        redaction.unmark(session, made.id, None)
        holds.take_up_again(session, line.id, "x")
        assert not line.held


@pytest.mark.parametrize(
    ("span", "reason"), [(Span(5, 5), "name"), (Span(0, 9), "dull"), (Span(10_000, 10_001), "name")]
)
def test_what_is_no_mark(sqlite_database: Database, span: Span, reason: str) -> None:
    with sqlite_database.write() as session:
        told = a_testimony(session).id
        with pytest.raises(NotAMark):
            redaction.mark(session, told, span, None, reason)
        with pytest.raises(Unknown):
            redaction.mark(session, "nothing", Span(0, 9), None)
