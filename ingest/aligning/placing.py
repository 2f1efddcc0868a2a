"""The one cheapest way to lay all words over the whole recording, in order.

Lines that are placed one after the other cascade: one that is late pushes the rest. Here every word of every line bids
for every moment, and dynamic programming finds the placing that is best as a whole. Order alone decides between a
chorus and its repeats; a long instrumental costs nothing, since waiting between lines is free; a line that the sound
does not bear out is cheaper left out than forced in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Evidence: TypeAlias = NDArray[np.float32]
Frames: TypeAlias = NDArray[np.int64]

_IMPOSSIBLE = -1e9


@dataclass(frozen=True, slots=True)
class Bid:
    """What one phrase offers for its places.

    Attributes:
        evidence: shape (words, frames): for each word beginning at each frame, how much likelier the sound is than if
            the word were not sung, natural logarithm.
        shortest: shape (words,): frames each word takes at least.
    """

    evidence: Evidence
    shortest: Sequence[int]


@dataclass(frozen=True, slots=True)
class Costs:
    """What the placing may not have for nothing, in the evidence's unit.

    Attributes:
        waiting: per frame that a word inside a line lasts longer than its shortest.
        threshold: evidence a word has to bring before placing its phrase beats leaving it out.
    """

    waiting: float = 0.02
    threshold: float = 0.5


@dataclass(frozen=True, slots=True)
class _Step:
    """How to walk back through one phrase."""

    within: list[Frames]
    ended: Frames
    taken: NDArray[np.bool_]
    last: int


def pace(tokens: Sequence[Sequence[int]], placed: Sequence[Frames | None]) -> float | None:
    """Frames a token takes on the median, from word to word inside phrases; None when nothing says.

    Args:
        tokens: for each phrase, how many tokens each word has.
        placed: for each phrase, where its words begin.
    """
    taken = [
        (after - before) / count
        for counts, frames in zip(tokens, placed, strict=True)
        if frames is not None
        for count, before, after in zip(counts, frames, frames[1:], strict=False)
    ]
    return float(np.median(taken)) if taken else None


def place(bids: Sequence[Bid], costs: Costs) -> list[Frames | None]:
    """The frame at which each word of each phrase begins; None for a phrase that is better left out.

    Time and memory grow with words times frames.
    """
    if not bids:
        return []
    best: NDArray[np.float64] = np.zeros(bids[0].evidence.shape[1])
    steps: list[_Step] = []
    for bid in bids:
        best, step = _add(bid, best, costs)
        steps.append(step)
    return _walk_back(bids, steps)


def _add(bid: Bid, before: NDArray[np.float64], costs: Costs) -> tuple[NDArray[np.float64], _Step]:
    """Extend the best score of everything so far by one phrase, placed or left out."""
    scores = before + bid.evidence[0] - costs.threshold
    within: list[Frames] = []
    for word in range(1, len(bid.evidence)):
        scores, came_from = _next_word(scores, bid.shortest[word - 1], costs.waiting)
        scores += bid.evidence[word] - costs.threshold
        within.append(came_from)
    ended = _shifted(scores, bid.shortest[-1])
    best, since = _running_best(ended)
    taken = best > before
    return np.where(taken, best, before), _Step(within, since, taken, bid.shortest[-1])


def _next_word(scores: NDArray[np.float64], shortest: int, waiting: float) -> tuple[NDArray[np.float64], Frames]:
    """For each frame, the best the word before can give if it lasts until then, and where it then began."""
    times = np.arange(len(scores))
    best, since = _running_best(scores + waiting * times)
    reached = _shifted(best, shortest) - waiting * np.maximum(times - shortest, 0)
    return reached, since[np.maximum(times - shortest, 0)]


def _running_best(scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], Frames]:
    """The highest score so far at each frame, and the frame it was reached."""
    best = np.maximum.accumulate(scores)
    fresh = np.concatenate([[True], scores[1:] > best[:-1]])
    return best, np.maximum.accumulate(np.where(fresh, np.arange(len(scores)), 0))


def _shifted(scores: NDArray[np.float64], by: int) -> NDArray[np.float64]:
    by = min(by, len(scores))
    return np.concatenate([np.full(by, _IMPOSSIBLE), scores[: len(scores) - by]])


def _walk_back(bids: Sequence[Bid], steps: Sequence[_Step]) -> list[Frames | None]:
    placed: list[Frames | None] = [None] * len(bids)
    at = bids[0].evidence.shape[1] - 1
    for index in range(len(bids) - 1, -1, -1):
        step = steps[index]
        if not step.taken[at]:
            continue
        frame = int(step.ended[at]) - step.last
        frames = [frame]
        for came_from in reversed(step.within):
            frame = int(came_from[frame])
            frames.append(frame)
        placed[index] = np.array(frames[::-1], dtype=np.int64)
        at = frame
    return placed
