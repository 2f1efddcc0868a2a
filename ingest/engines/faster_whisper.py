"""faster-whisper: Whisper on CTranslate2, the default because it is several times as fast on a processor.

Its own batched pipeline decodes whole recordings in memory and keeps its checkpointless loop to itself, so only the
loaded model, its feature extractor and its tokeniser are used, through the calls that pipeline itself is made of.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from ingest.engines import memory
from ingest.engines.errors import ModelUnusable
from ingest.engines.model_files import FASTER_WHISPER, ModelFiles
from ingest.engines.opened import LEAST_SAMPLES, OpenedModel
from ingest.engines.weights import named_heads, read_variables, renamed
from ingest.engines.whisper import WhisperRecogniser
from ingest.engines.window import SAMPLE_RATE, WINDOW_SAMPLES, Audio, TokenTimes, Written, padded

TOKEN_MS = 20  # one step of the encoder: two feature frames of 10 ms
FRAME_SAMPLES = SAMPLE_RATE // 100
FRAMES = WINDOW_SAMPLES // FRAME_SAMPLES
# Each window of a batch keeps its own keys and values: 37 MB with the base model on a processor, so that eight stay
# under 1.5 GB in all; 300 with a medium one and 500 with a large one, half of that on a GPU.
LARGE_BYTES = 1_000_000_000
ROUGHLY_EVERY = 3  # neighbouring steps say nearly the same: a language that is sure stays so, for a third of the work
# Eight bits would be a quarter faster on a processor, but change two or three words in a hundred.
NUMBERS = {"cuda": "float16", "cpu": "float32"}

log = logging.getLogger(__name__)


class FasterWhisper(WhisperRecogniser):
    """A CTranslate2 Whisper model.

    Attributes:
        loaded: the `faster_whisper.WhisperModel`.

    Raises:
        ModelUnusable: it cannot be loaded, or a GPU that was asked for by name cannot be used.
    """

    name = FASTER_WHISPER

    def __init__(self, files: ModelFiles, threads: int, device: str = "auto") -> None:
        self.loaded = _loaded(files, threads, device)
        on_gpu = self.loaded.model.device == "cuda"
        self.model = files.label
        self.version = f"{version('faster-whisper')} {NUMBERS[self.loaded.model.device]}"
        self.multilingual = bool(self.loaded.model.is_multilingual)
        large = (files.path / "model.bin").stat().st_size > LARGE_BYTES
        self.batch_size = 4 if large else (16 if on_gpu else 8)
        self._characters = _byte_characters()

    def known_languages(self) -> frozenset[str]:
        return frozenset(self.loaded.supported_languages)

    def _encode(self, audios: Sequence[Audio]) -> ctranslate2.StorageView:
        extractor = self.loaded.feature_extractor
        features = np.stack([extractor(padded(audio))[..., :-1] for audio in audios]).astype(np.float32, copy=False)
        if self.loaded.model.device == "cuda":
            return self.loaded.encode(features)
        # Self-attention over thirty seconds takes 72 MB a window and gains nothing from a batch on a processor.
        parts = [np.asarray(self.loaded.encode(each[np.newaxis])) for each in features]
        return ctranslate2.StorageView.from_array(np.concatenate(parts))

    def _languages(self, encoded: ctranslate2.StorageView, *, roughly: bool = False) -> list[tuple[str, float]]:
        if roughly and self.loaded.model.device == "cpu":
            encoded = ctranslate2.StorageView.from_array(np.ascontiguousarray(np.asarray(encoded)[:, ::ROUGHLY_EVERY]))
        ranked = self.loaded.model.detect_language(encoded)
        return [(best[0][0].strip("<|>"), float(best[0][1])) for best in ranked]

    def _write(self, encoded: ctranslate2.StorageView, language: str, prompt: Sequence[int]) -> list[Written]:
        tokenizer = self._tokenizer(language)
        start = [*([tokenizer.sot_prev, *prompt] if prompt else []), *tokenizer.sot_sequence, tokenizer.no_timestamps]
        results = self.loaded.model.generate(
            encoded,
            [start] * encoded.shape[0],
            beam_size=self.beam_size,
            max_length=self.longest_text,
            return_scores=True,
            return_no_speech_prob=True,
        )
        return [self._written(result, len(start), tokenizer.eot) for result in results]

    def _written(self, result: Any, start: int, end: int) -> Written:
        tokens = result.sequences_ids[0]
        count = len(tokens)
        total = result.scores[0] * count  # the score is the mean over tokens; Whisper counts the end token too
        text = [token for token in tokens if token < end]  # timestamps and other tokens that are no text come after
        return Written(text, total / (count + 1), result.no_speech_prob, start + count >= self.longest_text)

    def _place(
        self,
        encoded: ctranslate2.StorageView,
        language: str,
        texts: Sequence[Sequence[int]],
        audios: Sequence[Audio],
    ) -> list[TokenTimes]:
        frames = [max(2, -(-len(audio) // FRAME_SAMPLES)) for audio in audios]
        start = list(self._tokenizer(language).sot_sequence)
        results = self.loaded.model.align(encoded, start, [list(text) for text in texts], frames)
        return [_token_times(result, len(text)) for result, text in zip(results, texts, strict=True)]

    def _tokens(self, text: str) -> list[int]:
        return list(self.loaded.hf_tokenizer.encode(text, add_special_tokens=False).ids)

    def _bytes(self, token: int) -> bytes:
        text = self.loaded.hf_tokenizer.id_to_token(token) or ""
        return bytes(self._characters[character] for character in text if character in self._characters)

    def _tokenizer(self, language: str) -> Tokenizer:
        return Tokenizer(self.loaded.hf_tokenizer, self.multilingual, task="transcribe", language=language)


def recogniser(files: ModelFiles, threads: int, device: str) -> FasterWhisper:
    """The engine's entry point; see `ingest.engines.loader.load`."""
    return FasterWhisper(files, threads, device)


def opened(files: ModelFiles, threads: int) -> OpenedModel:
    """A CTranslate2 folder opened up for aligning: encoded by CTranslate2, read by its decoder's own numbers.

    Raises:
        ModelUnusable: it cannot be loaded, or is neither in float32 nor in float16.
    """
    variables = read_variables(files.path / "model.bin")
    decoder = {
        name.removeprefix("decoder."): np.array(array, dtype=np.float32)
        for name, array in renamed(variables).items()
        if name.startswith("decoder.")
    }
    loaded = _loaded(files, threads, "cpu")

    def tokenizer(language: str | None) -> Tokenizer:
        return Tokenizer(loaded.hf_tokenizer, language is not None, task="transcribe", language=language)

    return OpenedModel(
        decoder,
        int(variables["decoder/num_heads"].item()),
        tuple((layer, head) for layer, head in named_heads(files.path) or ()),
        lambda audio: np.asarray(loaded.feature_extractor(audio, padding=LEAST_SAMPLES), dtype=np.float32),
        lambda part: np.asarray(loaded.encode(np.ascontiguousarray(part[np.newaxis])))[0],
        tokenizer,
        frozenset(loaded.supported_languages if loaded.model.is_multilingual else ()),
    )


def _loaded(files: ModelFiles, threads: int, device: str) -> WhisperModel:
    """The model on the GPU, where one is asked for or found and works, else on the processor."""
    if device == "cuda" or (device == "auto" and ctranslate2.get_cuda_device_count() > 0):
        try:
            return _tried(WhisperModel(os.fspath(files.path), device="cuda", compute_type=NUMBERS["cuda"]))
        except (RuntimeError, ValueError, OSError) as error:
            if device == "cuda":
                raise ModelUnusable(f"{files.path} cannot be used on the GPU ({error}).") from error
            log.warning("the GPU is left alone, since it cannot be used: %s", error)
    memory.keep_for_reuse()
    try:
        return WhisperModel(os.fspath(files.path), device="cpu", compute_type=NUMBERS["cpu"], cpu_threads=threads)
    except (RuntimeError, ValueError, OSError) as error:
        raise ModelUnusable(f"{files.path} is not a CTranslate2 Whisper model that can be loaded.") from error


def _tried(loaded: WhisperModel) -> WhisperModel:
    """The same model, after it has heard some silence: a library of CUDA that is missing shows only at work."""
    loaded.encode(np.zeros((loaded.feature_extractor.mel_filters.shape[0], FRAMES), dtype=np.float32))
    return loaded


def _token_times(result: Any, count: int) -> TokenTimes:
    """The first step of the path at which each token is reached; the entry after the last is where the text ends."""
    if count == 0:
        return TokenTimes((0,), ())
    pairs = np.asarray(result.alignments, dtype=np.int64)
    reached = np.searchsorted(pairs[:, 0], np.arange(count + 1))
    steps = pairs[np.minimum(reached, len(pairs) - 1), 1]
    return TokenTimes([int(step) * TOKEN_MS for step in steps], [float(p) for p in result.text_token_probs[:count]])


def _byte_characters() -> dict[str, int]:
    """Byte-level BPE writes bytes that are no printable Latin-1 character as characters from U+0100 on (GPT-2)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + n): byte for n, byte in enumerate(others)}
