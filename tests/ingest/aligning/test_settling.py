"""Second thoughts about weak lines."""

from __future__ import annotations

import numpy as np

from ingest.aligning.placing import Evidence
from ingest.aligning.settling import settle


def heard(frames: int, *words: dict[int, float]) -> Evidence:
    evidence: Evidence = np.zeros((len(words), frames), np.float32)
    for row, peaks in zip(evidence, words, strict=True):
        for at, value in peaks.items():
            row[at] = value
    return evidence


def test_strong_line_stays() -> None:
    evidence = [heard(500, {50: 3.2, 300: 3.4}, {320: 4.0})]
    (found,) = settle([np.array([300, 320])], evidence, evidence)
    assert found is not None
    assert found.tolist() == [300, 320]


def test_line_that_is_hardly_heard_is_given_up() -> None:
    weak = [heard(500, {300: 1.7}, {320: 1.8})]
    assert settle([np.array([300, 320])], weak, weak) == [None]


def test_drawn_out_call_begins_where_it_is_first_heard() -> None:
    """Four calls over half a minute were crammed together at the third."""
    first = [heard(2000, {500: 4.0}), heard(2000, {400: 3.4, 700: 3.3, 1300: 3.6}, {1302: 2.5})]
    both = [heard(2000, {500: 4.0}), heard(2000, {1300: 2.0}, {1302: 1.9})]
    verse, call = settle([np.array([500]), np.array([1300, 1302])], first, both)
    assert verse is not None
    assert call is not None
    assert verse.tolist() == [500]
    assert call.tolist() == [700, 1302], "not before the line it follows, not after its first sound"
