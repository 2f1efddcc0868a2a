"""Which of the voices in a recording speaks each segment, where that can be heard.

The segments' voiceprints are parted in two; the parting stands only where the two sides are clearly different voices,
each long enough and in turns, over the same background, and is tried again on each side. Wherever the evidence is thin
there is no label: a narrator past whose house motorbikes drive must not be taken for two people. A label is S1, S2, ...
in the order in which they are first heard. It is a machine's guess at voices and never says who somebody is.
docs/decisions/0013 tells what the numbers below were chosen by.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from archive.timing import Utterance
from ingest.engines.base import SAMPLES_PER_MS, Audio
from ingest.voiceprints import NoVoiceModel, Prints, VoicePrinter, printer, unit

ALIKE = 0.85  # cosine of two sides' mean voices from which they may well be one person's
LEAST_MS = 10_000  # of speech on each side
LEAST_SEGMENTS = 3
LEAST_TURNS = 2  # a change that comes once is as likely a moved microphone
SHORT_MS = 1_200  # a shorter segment says little of a voice: it is labelled, but has no say in the parting
BACKGROUND_DB = 8.0  # between the sides' quietest moments: the noise changes from one to the other, not the voice
CLEAR = 0.04  # by how much a segment must be nearer to its own voice than to the other
SHARED = 0.25  # of a segment's prints nearer to another voice: two people speak in it
_NOTHING_MS = 100
_FRAME = 400  # 25 ms
_SILENCE = 1e-9  # -90 dB: what lies below is the recorder's, not the room's
_NO_VOICE = frozenset({"silence", "music"})
_ROUNDS = 20

Sides: TypeAlias = NDArray[np.bool_]
Group: TypeAlias = NDArray[np.intp]


def told_apart(utterances: Sequence[Utterance], blocks: Iterable[Audio], ear: VoicePrinter) -> tuple[Utterance, ...]:
    """Give each utterance the label of its voice, or None where nobody can tell; one voice alone gets no label.

    Args:
        utterances: in order of time. Flagged text is taken too, as its voice is real, except over silence and music.
        blocks: the whole recording, mono float32 at 16 kHz, streamed once.
    """
    heard = [at for at, one in enumerate(utterances) if _has_voice(one)]
    spans = [(utterances[at].start_ms, utterances[at].end_ms) for at in heard]
    backgrounds: list[float] = []
    prints = ear.prints(_listened_to(_cut(blocks, spans), backgrounds))
    lengths = [end - start for start, end in spans[: len(prints)]]
    labels = dict(zip(heard, labels_of(prints, lengths, backgrounds), strict=False))
    return tuple(replace(one, speaker=labels.get(at)) for at, one in enumerate(utterances))


def labelled(
    utterances: Sequence[Utterance], blocks: Callable[[], Iterable[Audio]]
) -> tuple[tuple[Utterance, ...], str]:
    """As `told_apart`, but where it cannot be done the utterances come back as they are, with one sentence saying why.

    Where too little was said for two people, nothing is loaded or listened to, and the sentence is empty too.
    """
    if not _long_enough(utterances):
        return tuple(utterances), ""
    try:
        ear = printer()
    except NoVoiceModel as error:
        return tuple(utterances), f"Speakers were not told apart: {error}."
    return told_apart(utterances, blocks(), ear), ""


def _long_enough(utterances: Sequence[Utterance]) -> bool:
    lengths = [one.end_ms - one.start_ms for one in utterances if _has_voice(one)]
    return len(lengths) >= 2 * LEAST_SEGMENTS and sum(lengths) >= 2 * LEAST_MS


def _has_voice(one: Utterance) -> bool:
    return one.end_ms - one.start_ms >= _NOTHING_MS and not _NO_VOICE & set(one.flags)


def labels_of(prints: Sequence[Prints], lengths_ms: Sequence[int], backgrounds_db: Sequence[float]) -> list[str | None]:
    """The label of each segment, from its voiceprints (n, 256), its length and how loud it is at its quietest.

    All None where one voice is heard.
    """
    if not prints:
        return []
    means = unit(np.stack([rows.mean(axis=0) for rows in prints]))
    weights = np.asarray(lengths_ms, dtype=np.float32)
    evidence = _Evidence(means, weights, np.asarray(backgrounds_db, dtype=np.float32))
    groups = _parted(np.flatnonzero(weights >= SHORT_MS), evidence)
    if len(groups) < 2:
        return [None] * len(prints)
    voices = np.stack([evidence.voice(group) for group in groups])
    nearest = [_nearest(rows, mean, voices) for rows, mean in zip(prints, means, strict=True)]
    order = list(dict.fromkeys(voice for voice in nearest if voice is not None))
    return [None if voice is None else f"S{order.index(voice) + 1}" for voice in nearest]


@dataclass(frozen=True, eq=False)
class _Evidence:
    """What is known of each segment: its mean print (n, 256), its length in ms, its background in dB of full scale."""

    means: Prints
    weights: NDArray[np.float32]
    backgrounds: NDArray[np.float32]

    def voice(self, group: Group) -> NDArray[np.float32]:
        return _voice(self.means[group], self.weights[group])


def _parted(group: Group, evidence: _Evidence) -> list[Group]:
    """The segments of `group` in as many groups as there are clearly different voices."""
    if len(group) < 2 * LEAST_SEGMENTS:
        return [group]
    side = _bisected(evidence.means[group], evidence.weights[group])
    if not _two_people(group, side, evidence):
        return [group]
    return [*_parted(group[~side], evidence), *_parted(group[side], evidence)]


def _bisected(means: Prints, weights: NDArray[np.float32]) -> Sides:
    """Part rows across their longest axis, then move each to the nearer side until none moves."""
    spread = (means - np.average(means, axis=0, weights=weights)) * np.sqrt(weights)[:, None]
    side: Sides = spread @ np.linalg.svd(spread, full_matrices=False)[2][0] > 0
    for _ in range(_ROUNDS):
        if side.all() or not side.any():
            break
        voices = np.stack([_voice(means[~side], weights[~side]), _voice(means[side], weights[side])])
        moved: Sides = means @ voices[1] > means @ voices[0]
        if np.array_equal(moved, side):
            break
        side = moved
    return side


def _two_people(group: Group, side: Sides, evidence: _Evidence) -> bool:
    turns = [bool(one) for one, _ in groupby(side.tolist())]
    if min(turns.count(True), turns.count(False)) < LEAST_TURNS:
        return False
    first, second = group[~side], group[side]
    if min(len(first), len(second)) < LEAST_SEGMENTS:
        return False
    if min(evidence.weights[first].sum(), evidence.weights[second].sum()) < LEAST_MS:
        return False
    between_db = np.median(evidence.backgrounds[first]) - np.median(evidence.backgrounds[second])
    if abs(float(between_db)) > BACKGROUND_DB:
        return False
    return float(evidence.voice(first) @ evidence.voice(second)) < ALIKE


def _voice(means: Prints, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    return unit(np.average(means, axis=0, weights=weights))


def _nearest(rows: Prints, mean: NDArray[np.float32], voices: NDArray[np.float32]) -> int | None:
    """The voice of a segment; None where it is not clearly nearer to one, or where a second one speaks as well."""
    closeness = voices @ mean
    best = int(closeness.argmax())
    if closeness[best] - np.delete(closeness, best).max() < CLEAR:
        return None
    others = float(np.mean((rows @ voices.T).argmax(axis=1) != best))
    return None if others > SHARED else best


def _listened_to(sounds: Iterable[Audio], backgrounds_db: list[float]) -> Iterator[Audio]:
    """The sounds as they come, with the level below which each spends a tenth of its time noted."""
    for sound in sounds:
        frames = sound[: len(sound) // _FRAME * _FRAME].reshape(-1, _FRAME)
        quiet = float(np.quantile(np.mean(np.square(frames), axis=1), 0.1))
        backgrounds_db.append(10 * math.log10(max(quiet, _SILENCE)))
        yield sound


def _cut(blocks: Iterable[Audio], spans: Sequence[tuple[int, int]]) -> Iterator[Audio]:
    """The sound of each span (start, end in ms, ordered by start), holding no more of the recording than one needs."""
    stream = iter(blocks)
    held: Audio = np.zeros(0, dtype=np.float32)
    first = 0  # sample of the recording with which `held` begins
    for start_ms, end_ms in spans:
        start, end = start_ms * SAMPLES_PER_MS, end_ms * SAMPLES_PER_MS
        while first + len(held) < end and (block := next(stream, None)) is not None:
            held = np.concatenate((held, block))
            gone = min(max(0, start - first), len(held))
            held, first = held[gone:], first + gone
        piece = held[start - first : end - first]
        if len(piece) < _NOTHING_MS * SAMPLES_PER_MS // 2:  # the recording ends before it does
            return
        yield piece
