"""How a voice sounds, as a direction in 256 dimensions: voices of one person point nearly the same way.

The weights are those of GE2E (Wan and others, "Generalized end-to-end loss for speaker verification", 2018) that the
package Resemblyzer carries. Only its file of weights is used: the front end and the network are written here from the
paper, so that none of the package's own dependencies is needed. A voiceprint tells who somebody is. It lives in
memory while one recording is worked on, and is never written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from itertools import groupby, islice
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from ingest.engines.window import SAMPLE_RATE, Audio
from ingest.voices.voice_weights import Weights, WeightsUnreadable, read_weights

SIZE = 256
Prints: TypeAlias = NDArray[np.float32]

_PACKAGE, _FILE = "resemblyzer", "pretrained.pt"
_WINDOW, _HOP, _BANDS = 400, 160, 40  # 25 ms of sound every 10 ms, in 40 mel bands
_FRAMES, _STEP = 160, 80  # the network hears 1.6 s at a time; two such parts share their half
_LOUDNESS = 10 ** (-30 / 20)  # root mean square, where full scale is 1
_QUIET = 0.1  # of the loudest part's power: less is mostly pause
_BATCH = 64
_AT_ONCE = 20


class NoVoiceModel(RuntimeError):
    """The weights are not installed or cannot be read; the sentence says which."""


class VoicePrinter:
    """The network with its weights, on one thread: it is small, and the recogniser has need of the others.

    Raises:
        NoVoiceModel: the weights are not installed or cannot be read.
    """

    def __init__(self) -> None:
        weights = _weights()
        try:
            self._layers = [_layer(weights, number, bands) for number, bands in enumerate((_BANDS, SIZE, SIZE))]
            self._out, self._bias = (
                _shaped(weights["linear.weight"], SIZE, SIZE).T,
                _shaped(weights["linear.bias"], SIZE),
            )
        except (ValueError, KeyError):
            raise NoVoiceModel("the weights of the voice model are not those expected") from None
        self._libraries = ThreadpoolController()

    def prints(self, sounds: Iterable[Audio]) -> list[Prints]:
        """Voiceprints of each sound, one for about every second of it.

        Args:
            sounds: mono float32 at 16 kHz, each at least 25 ms; only `_BATCH` parts are held at a time.

        Returns:
            For each sound an array of shape (n, SIZE), n >= 1, each row of length 1.
        """
        parts = ((number, part) for number, sound in enumerate(sounds) for part in _parts(sound))
        found: list[tuple[int, Prints]] = []
        while batch := list(islice(parts, _BATCH)):
            rows = self._heard([part for _, part in batch])
            found += [(number, row) for (number, _), row in zip(batch, rows, strict=True)]
        return [np.stack([row for _, row in rows]) for _, rows in groupby(found, key=lambda each: each[0])]

    def _heard(self, parts: Sequence[NDArray[np.float32]]) -> Prints:
        with self._libraries.limit(limits=1, user_api="blas"):
            states = np.stack(parts, axis=1)
            for layer in self._layers:
                states = layer.states(states)
            raw = np.maximum(states[-1] @ self._out + self._bias, 0)
        return unit(raw)


@dataclass(frozen=True, eq=False)
class _Layer:
    """One layer of long short-term memory (Hochreiter and Schmidhuber, 1997).

    The columns are its input, forget and output gates and its new content, each SIZE wide. The gates' are halved, since
    the logistic function of x is half of 1 + tanh(x / 2): one call of tanh then serves all four.

    Attributes:
        heard: shape (width of the input, 4 * SIZE).
        kept: shape (SIZE, 4 * SIZE).
        bias: shape (4 * SIZE,).
    """

    heard: NDArray[np.float32]
    kept: NDArray[np.float32]
    bias: NDArray[np.float32]

    def states(self, heard: NDArray[np.float32]) -> NDArray[np.float32]:
        """What comes out at each step; shape (steps, sounds, width) to (steps, sounds, SIZE)."""
        steps, sounds, _ = heard.shape
        state, content = (np.zeros((sounds, SIZE), np.float32) for _ in range(2))
        found = np.empty((steps, sounds, SIZE), np.float32)
        for step, given in enumerate(self._given(heard)):
            gates = np.add(given, state @ self.kept, out=given)
            np.tanh(gates, out=gates)
            open_ = gates[:, : 3 * SIZE]
            open_ += 1
            open_ *= 0.5
            content *= open_[:, SIZE : 2 * SIZE]
            content += open_[:, :SIZE] * gates[:, 3 * SIZE :]
            state = np.multiply(open_[:, 2 * SIZE :], np.tanh(content), out=found[step])
        return found

    def _given(self, heard: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
        """What each step's input adds to the columns; several steps go through one product, which is faster."""
        for first in range(0, len(heard), _AT_ONCE):
            some = heard[first : first + _AT_ONCE]
            given = some.reshape(-1, some.shape[-1]) @ self.heard
            given += self.bias
            yield from given.reshape(*some.shape[:2], -1)


def _layer(weights: Weights, number: int, bands: int) -> _Layer:
    """PyTorch keeps a row for each column here, in the order input, forget, content, output."""

    def columns(kind: str, *width: int) -> NDArray[np.float32]:
        rows = _shaped(weights[f"lstm.{kind}_l{number}"], 4 * SIZE, *width)
        gate_in, forget, content, gate_out = np.split(rows, 4)
        return np.ascontiguousarray(np.concatenate([gate_in / 2, forget / 2, gate_out / 2, content]).T)

    return _Layer(columns("weight_ih", bands), columns("weight_hh", SIZE), columns("bias_ih") + columns("bias_hh"))


def _shaped(array: NDArray[np.float32], *shape: int) -> NDArray[np.float32]:
    if array.shape != shape:
        raise ValueError("weights of another shape")
    return array


@lru_cache(maxsize=1)
def printer() -> VoicePrinter:
    """The one network of this process, loaded when it is first needed. Raises NoVoiceModel."""
    return VoicePrinter()


def unit(rows: NDArray[np.float32]) -> Prints:
    """Rows brought to length 1; a row of nothing stays nothing."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), dtype=np.float32)


def _weights() -> Weights:
    spec = find_spec(_PACKAGE)  # looks for the package and runs nothing of it
    if spec is None or spec.origin is None:
        raise NoVoiceModel("the voice model is not installed")
    try:
        return read_weights(Path(spec.origin).parent / _FILE, "model_state")
    except (OSError, WeightsUnreadable) as error:
        raise NoVoiceModel("the weights of the voice model cannot be read") from error


def _parts(sound: Audio) -> list[NDArray[np.float32]]:
    """Mel spectra of a sound in parts of shape (_FRAMES, _BANDS), those that are mostly pause left out."""
    loudness = float(np.sqrt(np.mean(np.square(sound)))) + 1e-9
    mel = _mel(sound * np.float32(_LOUDNESS / loudness))
    mel = np.pad(mel, ((0, max(0, _FRAMES - len(mel))), (0, 0)))
    starts = list(range(0, len(mel) - _FRAMES + 1, _STEP))
    if len(mel) - _FRAMES - starts[-1] >= _STEP // 2:
        starts.append(len(mel) - _FRAMES)
    parts = [mel[start : start + _FRAMES] for start in starts]
    powers = [float(part.sum()) for part in parts]
    return [part for part, power in zip(parts, powers, strict=True) if power >= _QUIET * max(powers)]


def _mel(sound: Audio) -> NDArray[np.float32]:
    padded = np.pad(sound, _WINDOW // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP] * _hann()
    power = np.square(np.abs(np.fft.rfft(frames))).astype(np.float32)
    return np.asarray(power @ _filters().T, dtype=np.float32)


@lru_cache(maxsize=1)
def _hann() -> NDArray[np.float32]:
    return np.hanning(_WINDOW + 1)[:-1].astype(np.float32)


@lru_cache(maxsize=1)
def _filters() -> NDArray[np.float32]:
    """Slaney's mel filters, shape (_BANDS, 201): triangles of equal area, linear below 1 kHz and logarithmic above."""
    knee, per_mel, ratio = 15.0, 200 / 3, np.log(6.4) / 27
    highest = knee + np.log(SAMPLE_RATE / 2 / 1000) / ratio
    mels = np.linspace(0, highest, _BANDS + 2)
    edges = np.where(mels < knee, mels * per_mel, 1000 * np.exp(ratio * (mels - knee)))
    low, middle, high = (edges[at : at + _BANDS, None] for at in range(3))
    bins = np.arange(_WINDOW // 2 + 1) * SAMPLE_RATE / _WINDOW
    triangles = np.maximum(0, np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle)))
    return np.asarray(triangles * 2 / (high - low), dtype=np.float32)
