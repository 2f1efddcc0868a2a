"""Whether a sound is music: notes stay where they are, a speaking voice glides.

Only asked where the voice itself is in doubt, so it has to name the doubt rather than to find it.
"""

from __future__ import annotations

import numpy as np

from ingest.engines.window import SAMPLE_RATE, Audio

_FRAME = 1024  # 64 ms: bins of 15.6 Hz, narrow enough to tell neighbouring notes apart
_HOP = 256
_LOWEST, _HIGHEST = 80, 4000  # Hz: where fundamentals and their first harmonics lie
_HELD = 8  # hops, 128 ms, that a peak must stay in its bin
_STANDS_OUT = 20.0  # times the frame's median power


def held_notes(audio: Audio) -> float:
    """The share of a sound's louder frames in which a spectral peak holds its pitch; music scores high, 0 to 1."""
    if len(audio) < _FRAME + _HELD * _HOP:
        return 0.0
    frames = np.lib.stride_tricks.sliding_window_view(audio, _FRAME)[::_HOP] * np.hanning(_FRAME).astype(np.float32)
    power = np.abs(np.fft.rfft(frames)) ** 2
    band = power[:, _LOWEST * _FRAME // SAMPLE_RATE : _HIGHEST * _FRAME // SAMPLE_RATE]
    loud = band.sum(axis=1)
    heard = loud > np.quantile(loud, 0.5) * 0.1
    inner = band[:, 1:-1]
    peaks = (inner > band[:, :-2]) & (inner >= band[:, 2:])
    peaks &= inner > _STANDS_OUT * np.median(band, axis=1, keepdims=True)
    held = np.ones((len(peaks) - _HELD + 1, peaks.shape[1]), dtype=bool)
    for step in range(_HELD):
        held &= peaks[step : step + len(held)]
    held_in = np.any(held, axis=1)[heard[: len(held)]]
    return float(np.mean(held_in)) if len(held_in) else 0.0
