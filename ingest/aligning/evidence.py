"""How strongly the sound speaks for each word beginning at each moment.

Two looks. The first tries every phrase alone against every window: nothing is assumed about where it belongs, so it
finds each repeat of a chorus and gives no line a wrong neighbour. The second, once phrases have places, tries the words
believed to lie in a window together, in order, as the model was trained to hear them: words then lean on their
neighbours and their beginnings come out sharper. Windows overlap, so each word is judged two or three times, never
only at the edge of a window, where a model that was trained on whole utterances is weak.

A reading of attention always adds up to one, also for words that are not there. How much the model would have expected
the words tells the two apart, and enters as the chance that the reading means anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ingest.aligning.heads import Witness
from ingest.aligning.listener import FRAME_MS, FRAMES, Attended, HeardWindow, Listener
from ingest.aligning.lyrics import LyricPhrase
from ingest.aligning.placing import Evidence, Frames
from ingest.engines.opened import Floats

HOP_FRAMES = 500  # windows begin every ten seconds, so that two or three hear each moment
LEAD_FRAMES = 250  # the first begins before the recording, in silence: a window's very beginning is heard badly
EDGE_FRAMES = 10  # a word this close to its window's beginning was cut off
END_FRAMES = 20  # a word this close to its window's end has no sound after it

_ALONE_SPREAD = 3.0  # frames, standard deviation: how far apart the witnesses' views of a beginning are
_TOGETHER_SPREAD = 2.0
_ALONE_FLOOR = 0.02  # the least likelihood a moment keeps, so that one blind witness cannot rule it out
_TOGETHER_FLOOR = 0.05


def window_starts(frames: int) -> list[int]:
    """Where windows begin, so that every moment of the recording is well inside at least two of them."""
    return list(range(-LEAD_FRAMES, max(frames - HOP_FRAMES, 1), HOP_FRAMES))


def alone(
    listener: Listener,
    windows: Iterable[HeardWindow],
    prefix: Sequence[int],
    phrases: Sequence[LyricPhrase],
    witnesses: Sequence[Witness],
    frames: int,
) -> list[Evidence]:
    """The first look: every phrase by itself in every window; of several windows the most certain one counts.

    Returns:
        One array per phrase; see `placing.Bid`.
    """
    same: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, phrase in enumerate(phrases):
        same[phrase.tokens].append(index)
    used = [witness for witness in witnesses if witness.scout]
    evidence: list[Evidence] = [np.zeros((len(phrase.words), frames), np.float32) for phrase in phrases]
    for window in windows:
        tried = listener.attend(window, prefix, list(same), [witness.row for witness in used])
        here, there = _overlap(window, frames)
        for members, attended in zip(same.values(), tried, strict=True):
            lengths = _lengths(phrases[members[0]])
            trust = _logistic((float(attended.log_probabilities.mean()) + 3.5) * 2.0)
            found = _single(attended, lengths, used, trust)[:, there]
            for index in members:
                np.maximum(evidence[index][:, here], found, out=evidence[index][:, here])
    return evidence


def _single(attended: Attended, lengths: Sequence[int], witnesses: Sequence[Witness], trust: float) -> Evidence:
    """A mixture of the witnesses: alone in a window, a witness is often quite wrong, and then it must not weigh."""
    views = _views(attended, lengths, witnesses, _ALONE_SPREAD)
    weights = np.array([witness.weight for witness in witnesses], np.float32)
    opening = np.array([witness.opening for witness in witnesses], np.float32)
    mixed = np.tensordot(weights / weights.sum(), views, axes=1)
    if opening.any():
        mixed[0] = np.tensordot(weights * opening / (weights * opening).sum(), views[:, 0], axes=1)
    return np.log(trust * mixed + (1 - trust) + _ALONE_FLOOR).astype(np.float32)


def together(
    listener: Listener,
    windows: Iterable[HeardWindow],
    prefix: Sequence[int],
    phrases: Sequence[LyricPhrase],
    placed: Sequence[Frames | None],
    witnesses: Sequence[Witness],
    frames: int,
    limit: int,
) -> list[Evidence]:
    """The second look: the words believed to lie in each window, in order; the windows' mean view counts.

    Args:
        placed: where each phrase's words were put; words of unplaced phrases are not tried.
        limit: how many tokens a text may have.

    Returns:
        One array per phrase; see `placing.Bid`. Words that were not tried have the least evidence there is.
    """
    total: list[Evidence] = [np.zeros((len(phrase.words), frames), np.float32) for phrase in phrases]
    times: list[Evidence] = [np.zeros((len(phrase.words), frames), np.float32) for phrase in phrases]
    for window in windows:
        inside = _inside(window, phrases, placed, limit)
        if not inside:
            continue
        words = [phrases[index].words[at] for index, at in inside]
        text = [token for word in words for token in word.tokens]
        attended = listener.attend(window, prefix, [text], [witness.row for witness in witnesses])[0]
        lengths = [len(word.tokens) for word in words]
        views = np.log(_views(attended, lengths, witnesses, _TOGETHER_SPREAD) * (1 - _TOGETHER_FLOOR) + _TOGETHER_FLOOR)
        weights = np.array([witness.weight for witness in witnesses], np.float32)
        agreed = np.tensordot(weights / weights.sum(), views, axes=1)
        here, there = _overlap(window, frames)
        for (index, at), view in zip(inside, agreed, strict=True):
            total[index][at, here] += view[there]
            times[index][at, here] += 1
    floor = np.float32(np.log(_TOGETHER_FLOOR))
    return [np.where(n > 0, t / np.maximum(n, 1), floor) for t, n in zip(total, times, strict=True)]


def _inside(
    window: HeardWindow, phrases: Sequence[LyricPhrase], placed: Sequence[Frames | None], limit: int
) -> list[tuple[int, int]]:
    """Phrase and word of all that begins in a window, in order, as far as the model can read."""
    first, last = window.first_frame + EDGE_FRAMES, window.first_frame + FRAMES - END_FRAMES
    inside: list[tuple[int, int]] = []
    tokens = 0
    for index, frames in enumerate(placed):
        for at, frame in enumerate(frames if frames is not None else ()):
            if first <= frame <= last:
                tokens += len(phrases[index].words[at].tokens)
                if tokens > limit:
                    return inside
                inside.append((index, at))
    return inside


def _views(attended: Attended, lengths: Sequence[int], witnesses: Sequence[Witness], spread: float) -> Floats:
    """Each witness's view of each word's beginning, its delay taken off, as a ratio to knowing nothing.

    Returns:
        shape (witnesses, words, FRAMES).
    """
    first = np.cumsum([0, *lengths[:-1]])
    views = np.empty((len(witnesses), len(lengths), FRAMES), np.float32)
    for index, witness in enumerate(witnesses):
        views[index] = _earlier(attended.readings[index][first], round(witness.delay_ms / FRAME_MS))
    smooth: Floats = gaussian_filter1d(views, spread, axis=-1, mode="constant") * FRAMES
    return smooth


def _earlier(reading: Floats, frames: int) -> Floats:
    """The reading moved `frames` towards the beginning; what comes in at the edge is empty."""
    moved = np.roll(reading, -frames, axis=-1)
    if frames > 0:
        moved[:, -frames:] = 0
    elif frames < 0:
        moved[:, :-frames] = 0
    return moved


def _overlap(window: HeardWindow, frames: int) -> tuple[slice, slice]:
    """Where a window lies in the recording, and which part of the window that is."""
    start, end = max(window.first_frame, 0), max(min(window.first_frame + FRAMES, frames), 0)
    return slice(start, end), slice(start - window.first_frame, max(end - window.first_frame, 0))


def _lengths(phrase: LyricPhrase) -> list[int]:
    return [len(word.tokens) for word in phrase.words]


def _logistic(x: float) -> float:
    return 1 / (1 + float(np.exp(-x)))
