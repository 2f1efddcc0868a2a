"""Times for a person's words, from a machine's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from archive.timing import Span, Word
from archive.transcripts.word_times import carry_times

SPAN = Span(1000, 5000)


def test_where_the_machine_agreed_its_times_are_kept() -> None:
    heard = [
        Word("We", 1000, 1200, 0.9),
        Word("oh", 1200, 1400, 0.2),
        Word("the", 2000, 2200, 0.8),
        Word("bank.", 2200, 3000, 0.7),
    ]
    timed = carry_times("We owe the bank everything", SPAN, heard)
    assert [word.text for word in timed] == ["We", "owe", "the", "bank", "everything"]
    assert [(word.start_ms, word.end_ms) for word in timed] == [
        (1000, 1200),
        (1200, 2000),
        (2000, 2200),
        (2200, 3000),
        (3000, 5000),
    ]
    assert [word.confidence for word in timed] == [0.9, None, 0.8, 0.7, None]


def test_khmer_words_share_the_time_by_their_clusters() -> None:
    timed = carry_times("កម្មករកាត់ដេរ", Span(0, 600))
    assert "".join(word.text for word in timed) == "កម្មករកាត់ដេរ"
    assert timed[0].start_ms == 0
    assert timed[-1].end_ms == 600


@given(
    st.text(alphabet="ab កខ្គ។.", max_size=30),
    st.lists(st.tuples(st.sampled_from(["a", "b", "ab", "ក"]), st.integers(0, 6000), st.integers(0, 900)), max_size=8),
)
def test_times_ascend_inside_the_span(text: str, rows: list[tuple[str, int, int]]) -> None:
    heard = sorted((Word(word, start, start + length) for word, start, length in rows), key=lambda w: w.start_ms)
    at = SPAN.start_ms
    for word in carry_times(text, SPAN, heard):
        assert at <= word.start_ms <= word.end_ms <= SPAN.end_ms
        at = word.end_ms
