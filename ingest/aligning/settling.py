"""Second thoughts about lines whose place the sound bears out only weakly.

Most weak lines are not sung at all: the sheet has a verse more than the recording. Those are given up, and say so.
Some are calls ("ooh ooh ooh") drawn out over half a minute, which a model hears as one sound and crams into the moment
it hears best. Their words cannot be told apart, but that they begin can be heard: where the first is heard first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.signal import find_peaks

from ingest.aligning.placing import Evidence, Frames

WEAK = 2.6  # mean evidence of a line's words below which its place is looked at again
GIVEN_UP = 2.0  # and below which the line is taken as not sung
CLEAR = 2.75  # evidence from the first look at which a word heard alone is surely there
ALMOST = 0.75  # how much less a place may bring than the best one and still come before it


def strength(evidence: Evidence, starts: Frames) -> float:
    """Mean evidence of a phrase's words where they were put."""
    return float(np.mean(evidence[np.arange(len(starts)), starts]))


def settle(placed: Sequence[Frames | None], first: Sequence[Evidence], both: Sequence[Evidence]) -> list[Frames | None]:
    """Give up or move forward the weak ones; the strong ones stay.

    Args:
        placed: where each phrase's words were put.
        first: evidence of the first look, in which each phrase was heard alone.
        both: evidence of both looks, by which they were put there.
    """
    settled: list[Frames | None] = []
    free = 0
    for starts, alone, together in zip(placed, first, both, strict=True):
        settled.append(None if starts is None else _settled(starts, alone[0], strength(together, starts), free))
        if settled[-1] is not None:
            free = int(settled[-1][-1]) + 1
    return settled


def _settled(starts: Frames, opening: Evidence, worth: float, free: int) -> Frames | None:
    """One phrase's place after second thoughts; `opening` is the first word's evidence when heard alone."""
    if worth >= WEAK:
        return starts
    moved = _first_heard(opening, starts, free) if len(starts) > 1 else starts
    return None if worth < GIVEN_UP and opening[moved[0]] < CLEAR else moved


def _first_heard(opening: Evidence, starts: Frames, free: int) -> Frames:
    """The same places, but for the first word where it is heard first after the line before."""
    least = max(CLEAR, float(opening[max(0, starts[0] - 5) : starts[0] + 6].max()) - ALMOST)
    peaks, _ = find_peaks(opening[free : int(starts[0])], height=least)
    if not len(peaks):
        return starts
    return np.concatenate([[free + int(peaks[0])], starts[1:]])
