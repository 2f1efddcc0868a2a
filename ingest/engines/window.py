"""What a recogniser is given and what it heard: at most thirty seconds of sound, and the words in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from archive.timing import Span

SAMPLE_RATE = 16_000
WINDOW_MS = 30_000  # Whisper hears thirty seconds at a time, no more
WINDOW_SAMPLES = WINDOW_MS * SAMPLE_RATE // 1000
SAMPLES_PER_MS = SAMPLE_RATE // 1000

Audio: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class WindowPiece:
    """One stretch of the recording inside a window: it begins `offset_ms` into the window's sound."""

    offset_ms: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, eq=False)
class Window:
    """At most thirty seconds of sound to recognise at once.

    Attributes:
        audio: mono float32 samples at 16 kHz, shape (n,), -1 to 1, n <= WINDOW_SAMPLES.
        start_ms, end_ms: where the first sample and the end of the last lie in the recording.
        pieces: the stretches the sound was put together from, in order; long silences between them were left out.
            Empty when the sound is one unbroken stretch.
        speech: where in the recording a voice was heard, if voice activity was looked for.
        voices: for each span of `speech`, the mean probability that it is a voice, 0 to 1.
        side: the channel it was heard on, 0 for the left one, where each person has one; else None.
    """

    audio: Audio
    start_ms: int
    end_ms: int
    pieces: tuple[WindowPiece, ...] = ()
    speech: tuple[Span, ...] = ()
    voices: tuple[float, ...] = ()
    side: int | None = None

    def voice(self, start_ms: int, end_ms: int) -> float:
        """How probable it is that a voice sounds in a span of the recording; 1 where it was not looked for."""
        around = Span(max(0, start_ms - 1), end_ms + 1)
        told = [(s.duration_ms, p) for s, p in zip(self.speech, self.voices, strict=True) if s.overlaps(around)]
        weight = sum(length for length, _ in told)
        return sum(length * chance for length, chance in told) / weight if weight else float(not self.speech)

    def sound(self, start_ms: int, end_ms: int) -> Audio:
        """The window's sound of a span of the recording, without the silences that were left out of it."""
        found = [self.audio[:0]]
        for piece in self.pieces or (WindowPiece(0, self.start_ms, self.end_ms),):
            shift = piece.offset_ms - piece.start_ms
            first, last = max(start_ms, piece.start_ms), min(end_ms, piece.end_ms)
            if first < last:
                found.append(self.audio[(first + shift) * SAMPLES_PER_MS : (last + shift) * SAMPLES_PER_MS])
        return np.concatenate(found)

    def in_recording(self, start_ms: int, end_ms: int) -> Span:
        """The span of the recording for a span of the window's own sound.

        A word is never spread over silence that was left out: it belongs to the piece that holds its middle.
        """
        pieces = self.pieces or (WindowPiece(0, self.start_ms, self.end_ms),)
        middle = (start_ms + end_ms) // 2
        held = [piece for piece in pieces if piece.offset_ms <= middle] or [pieces[0]]
        shift = held[-1].start_ms - held[-1].offset_ms
        first, last = held[-1].start_ms, held[-1].end_ms
        start = min(max(start_ms + shift, first), last)
        return Span(start, min(max(end_ms + shift, start), last))


@dataclass(frozen=True, slots=True)
class Placed:
    """Some text forced onto a sound: when it sounds, in ms from the sound's start, and how probable it is."""

    text: str
    start_ms: int
    end_ms: int
    probability: float


@dataclass(frozen=True, slots=True)
class TokenTimes:
    """When each token of a text begins, in ms from the sound's start; one entry more, for where the last one ends."""

    starts_ms: Sequence[int]
    probabilities: Sequence[float]


@dataclass(frozen=True, slots=True)
class Written:
    """The tokens an engine wrote for one window, and what it thought of them and of the sound."""

    tokens: Sequence[int]
    log_probability: float
    no_speech: float
    cut_short: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything known about one window once it was recognised; `ingest.engines.utterances` makes utterances of it.

    Attributes:
        window: the window heard.
        language: what it was written in, ISO 639.
        heard_language, heard_probability: what the model itself took the language for, and how surely (0 to 1).
        tokens: the bytes of each token written. A Khmer letter takes several tokens, so a token need not be text alone.
        times: when each token sounds, in ms from the window's start.
        log_probability: mean log probability of the tokens.
        no_speech: the model's probability that nobody speaks here.
        cut_short: the text ran into the model's limit of length.
    """

    window: Window
    language: str
    heard_language: str
    heard_probability: float
    tokens: Sequence[bytes]
    times: TokenTimes
    log_probability: float
    no_speech: float
    cut_short: bool


def padded(audio: Audio) -> Audio:
    """The sound with silence after it, exactly one window long: what Whisper was trained to hear."""
    return np.pad(audio[:WINDOW_SAMPLES], (0, max(0, WINDOW_SAMPLES - len(audio))))
