"""What every recogniser does the same way: batches of windows in, utterances out, in order.

An engine brings a few abilities (encode sound, tell languages, write tokens, place tokens in time); the flow around
them is written once here. Both engines therefore hear the same windows with the same prompt and follow the same rules
for words, and a difference between their transcripts is a difference between the engines, not between two callers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from archive.timing import Span, Utterance
from ingest.engines.errors import UnknownLanguage

SAMPLE_RATE = 16_000
WINDOW_MS = 30_000  # Whisper hears thirty seconds at a time, no more
WINDOW_SAMPLES = WINDOW_MS * SAMPLE_RATE // 1000
SAMPLES_PER_MS = SAMPLE_RATE // 1000
ENCODED, WRITTEN = 0.45, 0.88  # how much of the work on a batch is done by then, with the base model on a processor
SURE_OF_SWITCH = 0.8  # a window is only taken for another language than the rest when the model is this sure

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
    """

    audio: Audio
    start_ms: int
    end_ms: int
    pieces: tuple[WindowPiece, ...] = ()
    speech: tuple[Span, ...] = ()
    voices: tuple[float, ...] = ()

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


@runtime_checkable
class Recogniser(Protocol):
    """A speech recogniser with its model loaded.

    Attributes:
        name: the engine's name, as in settings.
        model: what its model is called in provenance, with a fingerprint of the weights.
        version: the engine library's version and number format.
        batch_size: how many windows it likes to hear at once; a checkpoint can be as fine as this.
    """

    name: str
    model: str
    version: str
    batch_size: int

    def transcribe_windows(
        self,
        windows: Iterable[Window],
        language: str | None,
        prompt: str | None,
        usual: str | None = None,
        partly: Callable[[float], None] | None = None,
    ) -> Iterator[list[Utterance]]:
        """Each window's utterances, in order, as soon as its batch is done; times are the recording's.

        Args:
            language: ISO 639, or None to let each window tell its own.
            prompt: names, places and themes that may be said, to help with their spelling.
            usual: what a window is taken for when none is asked for and its own language is unclear.
            partly: told how much of a batch is done, 0 to 1, while it is worked on. It may raise, to stop the work.
        """
        ...

    def checked_language(self, language: str | None) -> str | None:
        """The language as the model names it (a region is dropped); raises `UnknownLanguage` for any other."""
        ...

    def detect_language(self, audio: Audio) -> tuple[str, float]:
        """The likeliest language of up to thirty seconds of sound, ISO 639, and its probability."""
        ...

    def align(self, audio: Audio, texts: Sequence[str], language: str) -> list[Placed]:
        """Force texts that are known to be said, in order, onto at most thirty seconds of sound."""
        ...

    def token_count(self, text: str) -> int:
        """How many tokens the text takes; `align` takes at most `max_text_tokens` in all."""
        ...

    @property
    def max_text_tokens(self) -> int: ...


class WhisperRecogniser(ABC):
    """The flow both Whisper engines share. `Encoded` is whatever the engine's encoder gives for a batch."""

    name: str
    model: str
    version: str
    batch_size: int = 8
    beam_size: int = 2  # as right as five where speech is clear, and much faster; docs/decisions/0014
    context_tokens: int = 448
    multilingual: bool = True

    @abstractmethod
    def _encode(self, audios: Sequence[Audio]) -> Any:
        """Encode a batch of sounds, each padded with silence to thirty seconds."""

    @abstractmethod
    def _languages(self, encoded: Any, *, roughly: bool = False) -> list[tuple[str, float]]:
        """The likeliest language of each sound and its probability; only asked of a multilingual model.

        Args:
            roughly: it is only to be noticed whether another language is spoken than the one that was asked for.
        """

    @abstractmethod
    def _write(self, encoded: Any, language: str, prompt: Sequence[int]) -> list[Written]:
        """Write each sound's text as tokens, without timestamps, never conditioned on other windows."""

    @abstractmethod
    def _place(
        self, encoded: Any, language: str, texts: Sequence[Sequence[int]], audios: Sequence[Audio]
    ) -> list[TokenTimes]:
        """When each token of each text sounds in its sound."""

    @abstractmethod
    def _tokens(self, text: str) -> list[int]:
        """A text as tokens."""

    @abstractmethod
    def _bytes(self, token: int) -> bytes:
        """A token as UTF-8 bytes."""

    @abstractmethod
    def known_languages(self) -> frozenset[str]:
        """The languages the model can be asked for, ISO 639."""

    @property
    def max_text_tokens(self) -> int:
        return self.context_tokens - 8

    @property
    def longest_text(self) -> int:
        """Where writing stops: room is left for the marks that `_place` puts around a text."""
        return self.context_tokens - 2

    def token_count(self, text: str) -> int:
        return len(self._tokens(text))

    def detect_language(self, audio: Audio) -> tuple[str, float]:
        if not self.multilingual:
            return "en", 1.0
        return self._languages(self._encode([audio[:WINDOW_SAMPLES]]))[0]

    def transcribe_windows(
        self,
        windows: Iterable[Window],
        language: str | None,
        prompt: str | None,
        usual: str | None = None,
        partly: Callable[[float], None] | None = None,
    ) -> Iterator[list[Utterance]]:
        """Recognise windows batch by batch, in order; see `Recogniser.transcribe_windows`.

        Raises:
            UnknownLanguage: the model has no such language.
        """
        from ingest.engines.utterances import utterances

        asked = self.checked_language(language)
        hint = self._tokens(" " + prompt.strip())[-(self.context_tokens // 2 - 1) :] if prompt else []
        waiting = iter(windows)
        while batch := list(islice(waiting, self.batch_size)):
            for heard in self._hear_batch(batch, asked, hint, usual, partly or _untold):
                yield utterances(heard)

    def checked_language(self, language: str | None) -> str | None:
        """The language as the model names it; None stays None unless the model knows English only."""
        if not self.multilingual:
            return "en"
        if language is None:
            return None
        code = language.lower().replace("_", "-").split("-")[0]
        if code not in self.known_languages():
            raise UnknownLanguage(f"{language!r} is no language this model knows: give a code such as km or en.")
        return code

    def _hear_batch(
        self,
        batch: list[Window],
        asked: str | None,
        prompt: Sequence[int],
        usual: str | None,
        partly: Callable[[float], None],
    ) -> Iterator[Heard]:
        encoded = self._encode([window.audio for window in batch])
        partly(ENCODED)
        known = [("en", 1.0)] * len(batch)
        guesses = self._languages(encoded, roughly=asked is not None) if self.multilingual else known
        chosen = [asked or (guess if chance >= SURE_OF_SWITCH else usual or guess) for guess, chance in guesses]
        heard: dict[int, Heard] = {}
        for language in sorted(set(chosen)):
            members = [index for index, own in enumerate(chosen) if own == language]
            audios = [batch[index].audio for index in members]
            sound = encoded if len(members) == len(batch) else self._encode(audios)
            written = self._write(sound, language, prompt)
            if len(members) == len(batch):
                partly(WRITTEN)
            times = self._place(sound, language, [text.tokens for text in written], audios)
            for index, text, placed in zip(members, written, times, strict=True):
                heard[index] = Heard(
                    batch[index],
                    language,
                    *guesses[index],
                    [self._bytes(token) for token in text.tokens],
                    placed,
                    text.log_probability,
                    text.no_speech,
                    text.cut_short,
                )
        for index in range(len(batch)):
            yield heard[index]

    def align(self, audio: Audio, texts: Sequence[str], language: str) -> list[Placed]:
        """Force texts that are known to be said, in order, onto at most thirty seconds of sound.

        Args:
            audio: mono float32 at 16 kHz, shape (n,), n <= WINDOW_SAMPLES.
            texts: words or parts of words; give the space before a word where its script writes one (" word").
            language: ISO 639.

        Returns:
            One `Placed` per text. A text without tokens sits at the end of the one before it, with probability 0.

        Raises:
            ValueError: the sound is longer than a window, or the texts take more than `max_text_tokens`.
            UnknownLanguage: the model has no such language.
        """
        tokens = [self._tokens(text) for text in texts]
        flat = [token for part in tokens for token in part]
        if len(audio) > WINDOW_SAMPLES or len(flat) > self.max_text_tokens:
            raise ValueError(f"too much to align at once: {len(audio)} samples, {len(flat)} tokens")
        known = self.checked_language(language) or "en"
        times = self._place(self._encode([audio]), known, [flat], [audio])[0]
        placed, at = [], 0
        for text, part in zip(texts, tokens, strict=True):
            inside = times.probabilities[at : at + len(part)]
            start, end = times.starts_ms[at], times.starts_ms[at + len(part)]
            placed.append(Placed(text, start, end, float(np.mean(inside)) if len(part) else 0.0))
            at += len(part)
        return placed


def _untold(_: float) -> None:
    pass


def padded(audio: Audio) -> Audio:
    """The sound with silence after it, exactly one window long: what Whisper was trained to hear."""
    return np.pad(audio[:WINDOW_SAMPLES], (0, max(0, WINDOW_SAMPLES - len(audio))))
