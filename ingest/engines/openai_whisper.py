"""openai-whisper: the reference implementation in PyTorch, for its own checkpoints and for models fine-tuned with it.

Only arrays are ever given to it: its file loader hands whatever it gets to ffmpeg, and a playlist renamed to .mp3 would
play out another recording. Windows are decoded in batches through its public `decode`. Its word timing encodes every
sound a second time and compiles code on first use, so tokens are placed here, from the encoding already made.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
import whisper
from numpy.typing import NDArray
from whisper.decoding import DecodingTask
from whisper.model import ModelDimensions, Whisper, disable_sdpa
from whisper.timing import median_filter
from whisper.tokenizer import LANGUAGES, Tokenizer, get_tokenizer

from ingest.engines.dtw import path
from ingest.engines.errors import ModelUnusable
from ingest.engines.model_files import OPENAI_WHISPER, ModelFiles
from ingest.engines.opened import LEAST_SAMPLES, OpenedModel
from ingest.engines.whisper import WhisperRecogniser
from ingest.engines.window import SAMPLE_RATE, Audio, TokenTimes, Written, padded

TOKEN_MS = 20
TOKEN_SAMPLES = SAMPLE_RATE // 50
FILTER_WIDTH = 7  # steps of the encoder over which attention is smoothed before the path is sought


class OpenAIWhisper(WhisperRecogniser):
    """An openai-whisper checkpoint.

    Attributes:
        loaded: the `whisper.model.Whisper`.

    Raises:
        ModelUnusable: it cannot be loaded, or a GPU is asked for by name and there is none.
    """

    name = OPENAI_WHISPER

    def __init__(self, files: ModelFiles, threads: int, device: str = "auto") -> None:
        if device == "cuda" and not torch.cuda.is_available():
            raise ModelUnusable("torch finds no GPU that it can use: set MESSENGER_DEVICE to auto or cpu.")
        on_gpu = device != "cpu" and torch.cuda.is_available()
        self.loaded = load_checkpoint(files, "cuda" if on_gpu else "cpu")
        self.half = on_gpu
        self.threads = threads
        self.model = files.label
        self.version = f"{version('openai-whisper')} {'float16' if on_gpu else 'float32'}"
        self.multilingual = bool(self.loaded.is_multilingual)
        self.context_tokens = int(self.loaded.dims.n_text_ctx)
        # Every beam of every window keeps its own keys and values: 37 MB each with the base model.
        self.batch_size = 16 if on_gpu else 2

    def known_languages(self) -> frozenset[str]:
        return frozenset(list(LANGUAGES)[: self.loaded.num_languages])

    def _encode(self, audios: Sequence[Audio]) -> torch.Tensor:
        torch.set_num_threads(self.threads)  # whoever loaded the model may have been another thread, which has its own
        batch = torch.from_numpy(np.stack([padded(audio) for audio in audios]))
        with torch.no_grad():
            # One sound at a time: the spectrogram is clipped against the loudest point of what it is given.
            features = torch.stack([whisper.log_mel_spectrogram(sound, self.loaded.dims.n_mels) for sound in batch])
            features = features.to(self.loaded.device)
            encoded: torch.Tensor = self.loaded.encoder(features.half() if self.half else features)
            return encoded

    def _languages(self, encoded: torch.Tensor, *, roughly: bool = False) -> list[tuple[str, float]]:
        _, each = whisper.detect_language(self.loaded, encoded, self._tokenizer(None))
        return [max(probabilities.items(), key=lambda item: item[1]) for probabilities in each]

    def _write(self, encoded: torch.Tensor, language: str, prompt: Sequence[int]) -> list[Written]:
        start = len(self._tokenizer(language).sot_sequence) + 1 + (len(prompt) + 1 if prompt else 0)
        limit, never = self.longest_text - start, self.loaded.never_written
        options = whisper.DecodingOptions(
            language=language,
            beam_size=self.beam_size,
            prompt=list(prompt) or None,
            sample_len=limit,
            without_timestamps=True,
            suppress_tokens=never if isinstance(never, str) else list(never),  # it is added to
            fp16=self.half,
        )
        results = _BeamsOverBatch(self.loaded, options).run(encoded)
        end = self._tokenizer(language).eot  # timestamps and other tokens that are no text come after it
        return [
            Written(
                [token for token in result.tokens if token < end],
                result.avg_logprob,
                result.no_speech_prob,
                len(result.tokens) >= limit,
            )
            for result in results
        ]

    def _place(
        self,
        encoded: torch.Tensor,
        language: str,
        texts: Sequence[Sequence[int]],
        audios: Sequence[Audio],
    ) -> list[TokenTimes]:
        return [
            self._place_one(encoded[index : index + 1], language, list(text), len(audios[index]))
            for index, text in enumerate(texts)
        ]

    def _place_one(self, encoded: torch.Tensor, language: str, text: list[int], samples: int) -> TokenTimes:
        """Follow the attention of the heads known to track the sound, token by token."""
        if not text:
            return TokenTimes((0,), ())
        tokenizer = self._tokenizer(language)
        lead = len(tokenizer.sot_sequence)
        tokens = torch.tensor([[*tokenizer.sot_sequence, tokenizer.no_timestamps, *text, tokenizer.eot]])
        attention: dict[int, torch.Tensor] = {}

        def keep(layer: int) -> Any:
            return lambda _module, _given, result: attention.__setitem__(layer, result[-1][0])

        hooks = [
            block.cross_attn.register_forward_hook(keep(layer))
            for layer, block in enumerate(self.loaded.decoder.blocks)
        ]
        try:
            with torch.no_grad(), disable_sdpa():
                logits = self.loaded.decoder(tokens.to(self.loaded.device), encoded)[0]
        finally:
            for hook in hooks:
                hook.remove()
        chances = logits[lead : lead + len(text), : tokenizer.eot].softmax(dim=-1)
        probabilities = chances[torch.arange(len(text)), torch.tensor(text)].tolist()
        steps = max(1, -(-samples // TOKEN_SAMPLES))
        heads = self.loaded.alignment_heads.indices().T.tolist()
        weights = torch.stack([attention[layer][head] for layer, head in heads])[:, :, :steps].float().softmax(dim=-1)
        spread, mean = torch.std_mean(weights, dim=-2, keepdim=True, unbiased=False)
        smooth = median_filter((weights - mean) / spread.clamp_min(1e-8), FILTER_WIDTH).mean(dim=0)
        rows, columns = path(_cost(smooth[lead:-1]))
        reached = np.searchsorted(rows, np.arange(len(text) + 1))
        return TokenTimes([int(step) * TOKEN_MS for step in columns[reached]], probabilities)

    def _tokens(self, text: str) -> list[int]:
        return list(self._tokenizer("en").encoding.encode_ordinary(text))

    def _bytes(self, token: int) -> bytes:
        encoding = self._tokenizer("en").encoding
        return encoding.decode_single_token_bytes(token) if token < self._tokenizer("en").eot else b""

    def _tokenizer(self, language: str | None) -> Tokenizer:
        return get_tokenizer(
            self.multilingual,
            num_languages=self.loaded.num_languages,
            language=language if self.multilingual else None,
            task="transcribe" if self.multilingual else None,
        )


class _BeamsOverBatch(DecodingTask):  # type: ignore[misc]
    """Whisper's decoding, with each sound repeated for each of its beams.

    Release 20250625 repeats the tokens but not the sounds, so beam search over more than one sound at a time fails.
    """

    def _get_audio_features(self, mel: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = super()._get_audio_features(mel)
        return features.repeat_interleave(self.n_group, dim=0)

    def _detect_language(self, audio_features: torch.Tensor, tokens: torch.Tensor) -> Any:
        return super()._detect_language(audio_features[:: self.n_group], tokens)


def recogniser(files: ModelFiles, threads: int, device: str) -> OpenAIWhisper:
    """The engine's entry point; see `ingest.engines.loader.load`."""
    return OpenAIWhisper(files, threads, device)


def opened(files: ModelFiles, threads: int) -> OpenedModel:
    """A checkpoint opened up for aligning: encoded by PyTorch, read by its decoder's own numbers.

    Raises:
        ModelUnusable: it cannot be loaded.
    """
    loaded = load_checkpoint(files, "cpu")

    def encode(part: NDArray[np.float32]) -> NDArray[np.float32]:
        torch.set_num_threads(threads)
        with torch.no_grad():
            return np.asarray(loaded.encoder(torch.from_numpy(np.ascontiguousarray(part[np.newaxis])))[0])

    def spectrogram(audio: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(
            whisper.log_mel_spectrogram(torch.from_numpy(audio), loaded.dims.n_mels, padding=LEAST_SAMPLES)
        )

    def tokenizer(language: str | None) -> Tokenizer:
        task = "transcribe" if language else None
        return get_tokenizer(language is not None, num_languages=loaded.num_languages, language=language, task=task)

    return OpenedModel(
        {name: np.asarray(tensor.float()) for name, tensor in loaded.decoder.state_dict().items()},
        int(loaded.dims.n_text_head),
        tuple((layer, head) for layer, head in loaded.alignment_heads.indices().T.tolist()),
        spectrogram,
        encode,
        tokenizer,
        frozenset(list(LANGUAGES)[: loaded.num_languages] if loaded.is_multilingual else ()),
    )


def load_checkpoint(files: ModelFiles, device: str) -> Whisper:
    """A Whisper model from a checkpoint file, with the attention heads that track time where they are known.

    Only tensors and plain values are unpickled: a checkpoint comes from anywhere, and a pickle can run code.

    Raises:
        ModelUnusable: the file is no openai-whisper checkpoint.
    """
    try:
        checkpoint = torch.load(files.path, map_location=device, weights_only=True)
        model = Whisper(ModelDimensions(**checkpoint["dims"]))
        model.load_state_dict(checkpoint["model_state_dict"])
    except Exception as error:  # unpickling foreign bytes can raise anything
        raise ModelUnusable(f"{files.path} is not an openai-whisper checkpoint.") from error
    if files.named in whisper._ALIGNMENT_HEADS:
        model.set_alignment_heads(whisper._ALIGNMENT_HEADS[files.named])
    elif pairs := checkpoint.get("alignment_heads"):
        mask = torch.zeros(model.dims.n_text_layer, model.dims.n_text_head, dtype=torch.bool)
        mask[tuple(torch.tensor(pairs).T)] = True
        model.register_buffer("alignment_heads", mask.to_sparse(), persistent=False)
    never = checkpoint.get("suppress_tokens")
    model.never_written = [int(token) for token in never] if isinstance(never, list) else "-1"  # whisper's own list
    return model.to(device).eval()


def _cost(likeness: torch.Tensor) -> NDArray[np.float64]:
    return -likeness.double().cpu().numpy()
