"""Stretches of time: joined, they cover what they covered before."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from archive.timing import Span, joined


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=8))
def test_joined_spans_cover_the_same_time(rows: list[tuple[int, int]]) -> None:
    spans = [Span(start, start + length) for start, length in rows]
    fewer = joined(spans)
    assert {ms for s in fewer for ms in range(s.start_ms, s.end_ms)} == {
        ms for s in spans for ms in range(s.start_ms, s.end_ms)
    }
    assert all(one.end_ms < other.start_ms for one, other in itertools.pairwise(fewer))
