"""Which of the voices in a recording speaks each segment, where that can be heard.

The segments' voiceprints are parted in two; the parting stands only where the two sides are clearly different voices,
each long enough and in turns, over the same background, and is tried again on each side. Wherever the evidence is thin
there is no label: a narrator past whose house motorbikes drive must not be taken for two people. A label is S1, S2, ...
in the order in which they are first heard. It is a machine's guess at voices and never says who somebody is.
docs/decisions/0013 tells what the numbers below were chosen by.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from queue import Queue
from types import TracebackType
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from archive.timing import Utterance
from ingest.engines.window import SAMPLES_PER_MS, Audio, Window
from ingest.voices.voiceprints import NoVoiceModel, Prints, printer, unit

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
_WAITING = 2 * LEAST_MS // _NOTHING_MS + 64  # sounds held at once: all that come before there is enough, and some more

Sides: TypeAlias = NDArray[np.bool_]
Group: TypeAlias = NDArray[np.intp]


class VoiceListener:
    """Listens to the voices of one recording, on a thread of its own, while the recogniser is at what comes later.

    Nothing is loaded or listened to before enough was said for two people. To be used as a context, whose end stops the
    thread; if it cannot be done, the utterances stay as they are and one sentence says why.
    """

    def __init__(self) -> None:
        self._voiced: list[bool] = []
        self._lengths: list[int] = []
        self._backgrounds: list[float] = []
        self._prints: list[Prints] = []
        self._sounds: Queue[Audio | None] = Queue(_WAITING)
        self._thread = threading.Thread(target=self._listen, name="voices", daemon=True)
        self._left = False
        self._notice = ""
        self._error: BaseException | None = None

    def hear(self, window: Window, utterances: Iterable[Utterance]) -> None:
        """Take in what was recognised in the next window.

        Flagged text is taken too, as its voice is real, except over silence and music.
        """
        for one in utterances:
            sound = window.sound(one.start_ms, one.end_ms) if _has_voice(one) else window.audio[:0]
            voiced = len(sound) >= _NOTHING_MS * SAMPLES_PER_MS // 2
            self._voiced.append(voiced)
            if voiced:
                self._lengths.append(one.end_ms - one.start_ms)
                self._sounds.put(sound)
            if not self._started and self._long_enough():
                self._thread.start()

    def labelled(self, utterances: Sequence[Utterance]) -> tuple[tuple[Utterance, ...], str]:
        """Give each utterance heard the label of its voice, or None where nobody can tell.

        Args:
            utterances: all that were taken in, in that order.

        Returns:
            The utterances, and why speakers were not told apart; empty where they were, or where too little was said.
        """
        if not self._started:
            return tuple(utterances), ""
        self._end()
        if self._error is not None:
            raise self._error
        if self._notice:
            return tuple(utterances), self._notice
        labels = iter(labels_of(self._prints, self._lengths, self._backgrounds))
        heard = zip(utterances, self._voiced, strict=True)
        return tuple(replace(one, speaker=next(labels) if voiced else None) for one, voiced in heard), ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left = True
        if self._started:
            self._end()

    @property
    def _started(self) -> bool:
        return self._thread.ident is not None

    def _long_enough(self) -> bool:
        return len(self._lengths) >= 2 * LEAST_SEGMENTS and sum(self._lengths) >= 2 * LEAST_MS

    def _end(self) -> None:
        self._sounds.put(None)
        self._thread.join()

    def _listen(self) -> None:
        sounds = self._coming()
        try:
            wanted = takewhile(lambda _: not self._left, sounds)
            self._prints = printer().prints(_listened_to(wanted, self._backgrounds))
        except NoVoiceModel as error:
            self._notice = f"Speakers were not told apart: {error}."
        except Exception as error:
            self._error = error
        finally:
            for _ in sounds:  # nobody is left waiting for room to put more
                pass

    def _coming(self) -> Iterator[Audio]:
        while (sound := self._sounds.get()) is not None:
            yield sound


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
