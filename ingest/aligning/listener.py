"""What a Whisper model makes of a sound and of words that may be in it.

The decoder is fed words that are known, not asked for words: for every token it then tells where in the sound it looks
(cross-attention) and how much it would have expected that token. Its own decoding loop is for writing one text after
another; here hundreds of short texts are tried against one sound, so they go through the network together, each seeing
the common beginning and itself only. The weights of either recogniser serve: see `ingest.engines.opened`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from ingest.aligning.decoder import Decoder, Ints, Sound
from ingest.engines.opened import Floats, OpenedModel

SAMPLE_RATE = 16_000
FRAME_MS = 20  # the encoder's step: one column of attention
FRAMES = 1500  # columns in a window of thirty seconds
PACK_TOKENS = 384  # tokens that go through the decoder together, to bound memory
_SPECTRUM_STEPS = 2  # spectrogram columns per encoder frame


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
    encoded: Floats


class Listener:
    """A Whisper model that is shown known words.

    Args:
        model: opened, so that its decoder can be looked into.
        threads: processor cores to use; all there are when None.
    """

    def __init__(self, model: OpenedModel, threads: int | None = None) -> None:
        self.model = model
        self._decoder = Decoder(model.decoder, model.layers, model.heads)
        self._threads = threads
        self._libraries = ThreadpoolController()

    def windows(self, audio: Floats, starts: Sequence[int]) -> Iterator[HeardWindow]:
        """Encode thirty seconds from each start, an encoder frame counted from the recording's beginning.

        The spectrogram is made once, so that loudness is judged against the loudest moment of the whole recording.
        """
        mel = self.model.spectrogram(np.ascontiguousarray(audio, dtype=np.float32))
        silence = float(mel.min())
        lead = max(0, -min(starts, default=0)) * _SPECTRUM_STEPS
        steps = FRAMES * _SPECTRUM_STEPS
        mel = np.pad(mel, ((0, 0), (lead, steps)), constant_values=silence)
        for start in starts:
            at = lead + start * _SPECTRUM_STEPS
            part = mel[:, at : at + steps]
            part = np.pad(part, ((0, 0), (0, steps - part.shape[1])), constant_values=silence)
            yield HeardWindow(start, self.model.encode(part))

    def attend(
        self, window: HeardWindow, prefix: Sequence[int], texts: Sequence[Sequence[int]], rows: Sequence[HeadRow]
    ) -> list[Attended]:
        """Try each text, on its own after `prefix`, against the window.

        Args:
            prefix: tokens every text follows: language, task and no timestamps.
            texts: tokens; with the prefix no longer than the model's context.
        """
        with self._libraries.limit(limits=self._threads, user_api="blas"):
            sound = self._decoder.sound(window.encoded)
            found: list[Attended] = []
            for pack in _packs(texts):
                found.extend(self._attend_pack(sound, prefix, pack, rows))
            return found

    def _attend_pack(
        self, sound: Sound, prefix: Sequence[int], texts: Sequence[Sequence[int]], rows: Sequence[HeadRow]
    ) -> list[Attended]:
        tokens, positions, seen, slices = _laid_out(prefix, texts)
        watched = {(row.layer, row.head) for row in rows}
        states, looked = self._decoder.read(tokens, positions, seen, sound, watched)
        before = np.concatenate([_asked_before(part, len(prefix)) for part in slices])
        expected = self._decoder.log_chances(states[before], tokens[len(prefix) :])
        return [
            Attended(
                np.stack([looked[row.layer, row.head][_asked(row, part, len(prefix))] for row in rows]),
                expected[part.start - len(prefix) : part.stop - len(prefix)],
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
) -> tuple[Ints, Ints, NDArray[np.bool_], list[slice]]:
    """Tokens one after another, their positions as if each text were alone, who may see whom, and each text's place."""
    tokens, positions, owners = list(prefix), list(range(len(prefix))), [-1] * len(prefix)
    slices = []
    for owner, text in enumerate(texts):
        slices.append(slice(len(tokens), len(tokens) + len(text)))
        tokens += text
        positions += range(len(prefix), len(prefix) + len(text))
        owners += [owner] * len(text)
    owner_of, order = np.array(owners), np.arange(len(tokens))
    own = (owner_of[:, None] == owner_of[None]) | (owner_of[None] == -1)
    return np.array(tokens), np.array(positions), own & (order[None] <= order[:, None]), slices


def _asked_before(part: slice, prefix: int) -> list[int]:
    """The row before each token; a text's first token comes right after the prefix."""
    return [prefix - 1, *range(part.start, part.stop - 1)]


def _asked(row: HeadRow, part: slice, prefix: int) -> list[int]:
    return _asked_before(part, prefix) if row.ahead else list(range(part.start, part.stop))
