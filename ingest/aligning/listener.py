"""What a Whisper model makes of a sound and of words that may be in it.

The decoder is fed words that are known, not asked for words: for every token it then tells where in the sound it looks
(cross-attention) and how much it would have expected that token. Its own decoding loop is for writing one text after
another; here hundreds of short texts are tried against one sound, so they go through the network together, each seeing
the common beginning and itself only. The modules and weights are openai-whisper's; the weights of a CTranslate2 folder
are brought into that form by `ingest.engines.weights`, so both recognisers' models serve.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
import whisper
from numpy.typing import NDArray
from whisper.model import Whisper
from whisper.tokenizer import LANGUAGES, TO_LANGUAGE_CODE, Tokenizer, get_tokenizer

from ingest.engines.errors import UnknownLanguage

SAMPLE_RATE = 16_000
FRAME_MS = 20  # the encoder's step: one column of attention
FRAMES = 1500  # columns in a window of thirty seconds
PACK_TOKENS = 384  # tokens that go through the decoder together, to bound memory
_LEAST_SAMPLES = 400  # the spectrogram's window; silence after the end, so that even a click has one
_SPECTRUM_STEPS = 2  # spectrogram columns per encoder frame

Floats: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class HeadRow:
    """One reading of where a token sounds: a head of the decoder's cross-attention, and the moment it is asked.

    Attributes:
        layer, head: which one.
        ahead: asked one token before (it looks for what comes next) or at the token itself.
    """

    layer: int
    head: int
    ahead: bool


@dataclass(frozen=True, slots=True)
class Attended:
    """One text tried against one window.

    Attributes:
        readings: shape (head rows, tokens, FRAMES), each row adding up to 1: where each token is looked for.
        log_probabilities: shape (tokens,), natural logarithms of how much each token was expected.
    """

    readings: Floats
    log_probabilities: Floats


@dataclass(frozen=True, slots=True)
class HeardWindow:
    """Thirty seconds of sound, encoded. `first_frame` may be negative: silence is put before the recording."""

    first_frame: int
    encoded: torch.Tensor


class Listener:
    """A Whisper model that is shown known words.

    Args:
        model: loaded, in evaluation mode.
        threads: processor cores to use.
    """

    def __init__(self, model: Whisper, threads: int | None = None) -> None:
        self.model = model
        if threads:
            torch.set_num_threads(threads)

    def tokenizer(self, language: str) -> Tokenizer:
        """The tokenizer for a language, named by its code (a region is dropped).

        Raises:
            UnknownLanguage: the model has no such language.
        """
        code = language.lower().replace("_", "-").split("-")[0]
        code = TO_LANGUAGE_CODE.get(code, code)
        if not self.model.is_multilingual:
            return get_tokenizer(False)
        if code not in list(LANGUAGES)[: self.model.num_languages]:
            raise UnknownLanguage(f"{language!r} is no language this model knows: give a code such as km or en.")
        return get_tokenizer(True, num_languages=self.model.num_languages, language=code, task="transcribe")

    def windows(self, audio: Floats, starts: Sequence[int]) -> Iterator[HeardWindow]:
        """Encode thirty seconds from each start, an encoder frame counted from the recording's beginning.

        The spectrogram is made once, so that loudness is judged against the loudest moment of the whole recording.
        """
        sound = torch.from_numpy(np.ascontiguousarray(audio, dtype=np.float32))
        mel = whisper.log_mel_spectrogram(sound, self.model.dims.n_mels, padding=_LEAST_SAMPLES)
        lead = max(0, -min(starts, default=0)) * _SPECTRUM_STEPS
        tail = FRAMES * _SPECTRUM_STEPS
        mel = torch.nn.functional.pad(mel, (lead, tail), value=float(mel.min()))
        for start in starts:
            at = lead + start * _SPECTRUM_STEPS
            part = mel[:, at : at + FRAMES * _SPECTRUM_STEPS]
            part = torch.nn.functional.pad(part, (0, tail - part.shape[-1]), value=float(mel.min()))
            with torch.no_grad():
                encoded = self.model.encoder(part[None].to(self.model.device))
            yield HeardWindow(start, encoded)

    def attend(
        self, window: HeardWindow, prefix: Sequence[int], texts: Sequence[Sequence[int]], rows: Sequence[HeadRow]
    ) -> list[Attended]:
        """Try each text, on its own after `prefix`, against the window.

        Args:
            prefix: tokens every text follows: language, task and no timestamps.
            texts: tokens; with the prefix no longer than the model's context.
        """
        sound = [_keys_and_values(block.cross_attn, window.encoded) for block in self.model.decoder.blocks]
        found: list[Attended] = []
        for pack in _packs(texts):
            found.extend(self._attend_pack(sound, prefix, pack, rows))
        return found

    @torch.no_grad()
    def _attend_pack(
        self,
        sound: Sequence[tuple[torch.Tensor, torch.Tensor]],
        prefix: Sequence[int],
        texts: Sequence[Sequence[int]],
        rows: Sequence[HeadRow],
    ) -> list[Attended]:
        decoder = self.model.decoder
        tokens, positions, mask, slices = _laid_out(prefix, texts)
        device = self.model.device
        tokens, positions, mask = tokens.to(device), positions.to(device), mask.to(device)
        state = (decoder.token_embedding(tokens) + decoder.positional_embedding[positions]).to(sound[0][0].dtype)
        looked: dict[int, torch.Tensor] = {}
        for layer, block in enumerate(decoder.blocks):
            state = state + _self_attention(block.attn, block.attn_ln(state), mask)
            change, weights = _cross_attention(block.cross_attn, block.cross_attn_ln(state), *sound[layer])
            state = state + change
            state = state + block.mlp(block.mlp_ln(state))
            looked[layer] = weights
        chances = decoder.ln(state)
        return [
            Attended(
                torch.stack([looked[row.layer][row.head, _asked(row, part, len(prefix))] for row in rows])
                .float()
                .cpu()
                .numpy(),
                _expected(chances[_asked_before(part, len(prefix))], tokens[part], decoder.token_embedding.weight),
            )
            for part in slices
        ]


def _packs(texts: Sequence[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
    pack: list[Sequence[int]] = []
    size = 0
    for text in texts:
        if pack and size + len(text) > PACK_TOKENS:
            yield pack
            pack, size = [], 0
        pack.append(text)
        size += len(text)
    if pack:
        yield pack


def _laid_out(
    prefix: Sequence[int], texts: Sequence[Sequence[int]]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, list[slice]]:
    """Tokens one after another, their positions as if each text were alone, who may see whom, and each text's place."""
    tokens, positions, owners = list(prefix), list(range(len(prefix))), [-1] * len(prefix)
    slices = []
    for owner, text in enumerate(texts):
        slices.append(slice(len(tokens), len(tokens) + len(text)))
        tokens += text
        positions += range(len(prefix), len(prefix) + len(text))
        owners += [owner] * len(text)
    owner_of, order = torch.tensor(owners), torch.arange(len(tokens))
    own = (owner_of[:, None] == owner_of[None]) | (owner_of[None] == -1)
    return torch.tensor(tokens), torch.tensor(positions), own & (order[None] <= order[:, None]), slices


def _asked_before(part: slice, prefix: int) -> list[int]:
    """The row before each token; a text's first token comes right after the prefix."""
    return [prefix - 1, *range(part.start, part.stop - 1)]


def _asked(row: HeadRow, part: slice, prefix: int) -> list[int]:
    return _asked_before(part, prefix) if row.ahead else list(range(part.start, part.stop))


def _expected(states: torch.Tensor, tokens: torch.Tensor, embedding: torch.Tensor) -> Floats:
    logits = (states @ embedding.to(states.dtype).T).float()
    chosen = logits.gather(1, tokens[:, None])[:, 0] - logits.logsumexp(dim=1)
    result: Floats = chosen.cpu().numpy()
    return result


def _heads(states: torch.Tensor, count: int) -> torch.Tensor:
    """Shape (tokens, width) to (heads, tokens, width / heads)."""
    return states.view(len(states), count, -1).transpose(0, 1)


def _self_attention(attention: Any, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    query, key, value = (
        _heads(part(states), attention.n_head) for part in (attention.query, attention.key, attention.value)
    )
    mixed = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    out: torch.Tensor = attention.out(mixed.transpose(0, 1).reshape(len(states), -1))
    return out


@torch.no_grad()
def _keys_and_values(attention: Any, encoded: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    key = _heads(attention.key(encoded)[0], attention.n_head).transpose(1, 2).contiguous()
    return key, _heads(attention.value(encoded)[0], attention.n_head).contiguous()


def _cross_attention(
    attention: Any, states: torch.Tensor, key: torch.Tensor, value: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    query = _heads(attention.query(states), attention.n_head)
    weights = torch.softmax((query * query.shape[-1] ** -0.5) @ key, dim=-1)
    return attention.out((weights @ value).transpose(0, 1).reshape(len(states), -1)), weights
