"""What every recogniser does the same way: batches of windows in, utterances out, in order.

An engine brings a few abilities (encode sound, tell languages, write tokens, place tokens in time); the flow around
them is written once here. Both engines therefore hear the same windows with the same prompt and follow the same rules
for words, and a difference between their transcripts is a difference between the engines, not between two callers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from archive.timing import Utterance
from ingest.engines.errors import UnknownLanguage
from ingest.engines.flags import SURE_OF_SWITCH
from ingest.engines.utterances import utterances
from ingest.engines.window import WINDOW_SAMPLES, Audio, Heard, Placed, TokenTimes, Window, Written

ENCODED, WRITTEN = 0.45, 0.88  # how much of the work on a batch is done by then, with the base model on a processor


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
