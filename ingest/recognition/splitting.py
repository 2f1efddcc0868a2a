"""A recording cut at its silences into windows of at most thirty seconds, while it streams past.

Whisper hears thirty seconds at a time whether they hold speech or not, so phrases are packed until a window is full and
long silences are left out: that is where most of the time goes on an interview, and a model that is given no silence
has none to fill with invented words. Only the phrases waiting for their window are kept in memory.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from archive.timing import Span
from ingest.engines.window import SAMPLES_PER_MS, WINDOW_MS, Audio, Window, WindowPiece
from ingest.voices.activity import FRAME_MS, FRAME_SAMPLES, Probabilities, VoiceActivity

VOICE_ON = 0.5
VOICE_OFF = 0.35
PAUSE_MS = 160
PAD_MS = 256
SHORTEST_MS = 96

# Scripts whose letters take two or three tokens each fill Whisper's 448 tokens long before thirty seconds are over.
_WINDOW_MS = {"km": 12_000, "lo": 12_000, "my": 12_000, "th": 16_000, "bo": 12_000, "si": 12_000, "ta": 16_000}


def window_ms(language: str | None) -> int:
    """The longest window in which speech of a language still fits the model's output."""
    return _WINDOW_MS.get((language or "").split("-")[0].lower(), WINDOW_MS)


@dataclass(frozen=True, eq=False)
class SpeechPhrase:
    """Speech between two pauses, with the sound around it.

    Attributes:
        audio: its samples at 16 kHz, with up to PAD_MS of what lies before and after the voice.
        start_ms, end_ms: where those samples lie in the recording.
        speech: where the voice itself lies.
        voice: mean probability of voice where it lies.
    """

    audio: Audio
    start_ms: int
    end_ms: int
    speech: Span
    voice: float


def phrases(blocks: Iterable[Audio], longest_ms: int = WINDOW_MS) -> Iterator[SpeechPhrase]:
    """Cut a stream of mono float32 blocks at 16 kHz into phrases, in order, none longer than `longest_ms`.

    Pauses shorter than twice PAD_MS are shared between the phrases around them; of longer ones the middle is left out.
    """
    ear, tape, listener = VoiceActivity(), _Tape(), _Listener(longest_ms // FRAME_MS)
    for block in blocks:
        tape.add(block, ear.feed(block))
        yield from map(tape.phrase, listener.hear(tape.fresh()))
        tape.forget(listener.needed_from())
    tape.add(np.zeros(0, dtype=np.float32), ear.finish())
    yield from map(tape.phrase, listener.hear(tape.fresh()))
    yield from map(tape.phrase, listener.finish(tape.frames))


def windows(found: Iterable[SpeechPhrase], longest_ms: int = WINDOW_MS) -> Generator[Window, None, None]:
    """Pack phrases into windows of at most `longest_ms`, in order."""
    held: list[SpeechPhrase] = []
    length = 0
    for phrase in found:
        size = len(phrase.audio)
        if held and length + size > longest_ms * SAMPLES_PER_MS:
            yield _packed(held)
            held, length = [], 0
        held.append(phrase)
        length += size
    if held:
        yield _packed(held)


def _packed(held: list[SpeechPhrase]) -> Window:
    pieces: list[WindowPiece] = []
    offset = 0
    for phrase in held:
        if pieces and pieces[-1].end_ms == phrase.start_ms:
            pieces[-1] = WindowPiece(pieces[-1].offset_ms, pieces[-1].start_ms, phrase.end_ms)
        else:
            pieces.append(WindowPiece(offset // SAMPLES_PER_MS, phrase.start_ms, phrase.end_ms))
        offset += len(phrase.audio)
    return Window(
        audio=np.concatenate([phrase.audio for phrase in held]),
        start_ms=held[0].start_ms,
        end_ms=held[-1].end_ms,
        pieces=tuple(pieces),
        speech=tuple(phrase.speech for phrase in held),
        voices=tuple(phrase.voice for phrase in held),
    )


_Found: TypeAlias = tuple[int, int, tuple[int, int]]
"""A phrase in frames: its first, the one after its last, and the same of the voice inside it."""


class _Tape:
    """The stretch of sound and voice probabilities that may still be needed, addressed by absolute frame."""

    def __init__(self) -> None:
        self._joined: Audio = np.zeros(0, dtype=np.float32)
        self._voice: Probabilities = np.zeros(0, dtype=np.float32)
        self._first = 0
        self._told = 0

    @property
    def frames(self) -> int:
        return self._first + len(self._voice)

    def add(self, block: Audio, voice: Probabilities) -> None:
        self._joined = np.concatenate((self._joined, block))
        self._voice = np.concatenate((self._voice, voice))

    def fresh(self) -> Iterator[tuple[int, float]]:
        """Frames not told of yet, each with its probability."""
        while self._told < self.frames:
            self._told += 1
            yield self._told - 1, float(self._voice[self._told - 1 - self._first])

    def forget(self, before: int) -> None:
        gone = max(0, min(before, self.frames) - self._first)
        self._voice = self._voice[gone:]
        self._joined = self._joined[gone * FRAME_SAMPLES :]
        self._first += gone

    def phrase(self, found: _Found) -> SpeechPhrase:
        start, end, voice = found
        sound = self._joined[(start - self._first) * FRAME_SAMPLES : (end - self._first) * FRAME_SAMPLES]
        start_ms = start * FRAME_MS
        return SpeechPhrase(
            audio=sound,
            start_ms=start_ms,
            end_ms=start_ms + -(-len(sound) // SAMPLES_PER_MS),
            speech=Span(voice[0] * FRAME_MS, voice[1] * FRAME_MS),
            voice=float(np.mean(self._voice[voice[0] - self._first : voice[1] - self._first])),
        )


class _Listener:
    """Turns probabilities into phrases, each at most `most` frames with its padding."""

    def __init__(self, most: int) -> None:
        self._pad = PAD_MS // FRAME_MS
        self._pause = PAUSE_MS // FRAME_MS
        self._most = most - 2 * self._pad
        self._began: int | None = None  # first frame of the voice being heard
        self._faded: int | None = None  # first frame after it, while a pause may be only a breath
        self._likely: list[float] = []  # probabilities since `_began`
        self._waiting: tuple[int, tuple[int, int]] | None = None  # a phrase whose end depends on the next one's start
        self._free = 0  # first frame that belongs to no phrase yet
        self._now = 0

    def hear(self, frames: Iterable[tuple[int, float]]) -> Iterator[_Found]:
        for frame, probability in frames:
            self._now = frame + 1
            if self._began is not None:
                self._likely.append(probability)
            if probability >= VOICE_ON:
                self._faded = None
                if self._began is None:
                    self._began, self._likely = frame, [probability]
            elif self._began is not None and probability < VOICE_OFF:
                self._faded = frame if self._faded is None else self._faded
                if frame - self._faded >= self._pause:
                    yield from self._ended(self._began, self._faded)
                    self._began = self._faded = None
            if self._began is not None and self._now - self._began >= self._most:
                yield from self._cut(self._began)
            if self._began is None and self._waiting and frame - self._waiting[1][1] >= 2 * self._pad:
                yield self._release(self._waiting[1][1] + self._pad)

    def finish(self, frames: int) -> Iterator[_Found]:
        if self._began is not None:
            yield from self._ended(self._began, frames if self._faded is None else self._faded)
        if self._waiting:
            yield self._release(min(self._waiting[1][1] + self._pad, frames))

    def needed_from(self) -> int:
        """The earliest frame that may still become part of a phrase."""
        if self._waiting:
            return self._waiting[0]
        since = self._began if self._began is not None else self._now
        return max(self._free, since - self._pad)

    def _cut(self, began: int) -> Iterator[_Found]:
        """Cut speech without a pause where the voice is weakest, so that nobody who never stops fills the memory."""
        half = self._most // 2
        at = began + half + min(range(len(self._likely) - half), key=lambda index: self._likely[half + index])
        yield from self._ended(began, at)
        if self._waiting:
            yield self._release(at)
        self._likely = self._likely[at - began :]
        self._began, self._faded = at, None if self._faded is None else max(self._faded, at)

    def _ended(self, began: int, faded: int) -> Iterator[_Found]:
        if (faded - began) * FRAME_MS < SHORTEST_MS:
            return
        start = max(self._free, began - self._pad)
        if self._waiting:
            last = self._waiting[1][1]
            shared = last + self._pad if began - last >= 2 * self._pad else (last + began) // 2
            yield self._release(shared)
            start = max(shared, began - self._pad)
        self._waiting = (start, (began, faded))

    def _release(self, end: int) -> _Found:
        assert self._waiting is not None
        start, voice = self._waiting
        self._waiting, self._free = None, end
        return start, end, voice
