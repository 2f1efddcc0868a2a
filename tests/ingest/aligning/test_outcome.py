"""What a singer sees of a placing: lines with ends, words, and what is not known."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.aligning.lyrics import LyricPhrase, LyricWord
from ingest.aligning.outcome import PlacedPhrase, timed_lines


def put(line: int, starts: list[int], strength: float = 4.0) -> PlacedPhrase:
    words = tuple(LyricWord(f"w{n}", (1, 2)) for n in range(len(starts)))
    return PlacedPhrase(LyricPhrase(line, words), np.array(starts), strength)


def test_unplaced_line_says_so() -> None:
    found = timed_lines(["one", "two"], [put(1, [50, 75])], 10_000)
    assert not found[0].placed
    assert found[0].words == ()
    assert found[0].confidence == 0.0
    assert (found[1].start_ms, found[1].text) == (1000, "two")


def test_words_end_where_the_next_begins() -> None:
    (line,) = timed_lines(["a b c"], [put(0, [0, 25, 50])], 10_000)
    assert [(word.start_ms, word.end_ms) for word in line.words[:2]] == [(0, 500), (500, 1000)]
    assert line.end_ms == line.words[-1].end_ms


def test_last_word_is_not_held_through_an_instrumental() -> None:
    first, _ = timed_lines(["a b", "c d"], [put(0, [0, 25]), put(1, [3000, 3025])], 90_000)
    assert first.end_ms is not None
    assert 600 <= first.end_ms <= 3000


def test_nothing_overlaps_or_outlasts_the_recording() -> None:
    found = timed_lines(["a b", "c d"], [put(0, [0, 25]), put(1, [27, 52])], 1_100)
    assert found[0].end_ms == found[1].start_ms == 540
    assert found[1].end_ms == 1_100


@pytest.mark.parametrize(("strength", "least", "most"), [(4.5, 0.99, 1.0), (2.25, 0.45, 0.55), (1.5, 0.0, 0.1)])
def test_confidence_follows_the_sound(strength: float, least: float, most: float) -> None:
    (line,) = timed_lines(["a b"], [put(0, [0, 25], strength)], 5_000)
    assert line.confidence is not None
    assert least <= line.confidence <= most


def test_long_line_heard_in_parts_is_one_line() -> None:
    (line,) = timed_lines(["a b c d"], [put(0, [0, 25]), put(0, [100, 125])], 5_000)
    assert [word.start_ms for word in line.words] == [0, 500, 2000, 2500]
