"""The outline of a waveform, drawn by the player before a single byte of sound is fetched.

An outline is taken of the very sound that is written into a listening file, after the redaction: the outline of a
name is a trace of the name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PER_SECOND = 20
_FULL = 100


@dataclass(frozen=True, slots=True)
class Peaks:
    """The largest excursion in each twentieth of a second, 0 to 100, with the length in milliseconds."""

    duration_ms: int
    values: bytes
    per_second: int = PER_SECOND

    def to_json(self) -> str:
        """`{"version":1,"duration_ms":…,"per_second":20,"peaks":[0…100]}` without spaces."""
        document = {
            "version": 1,
            "duration_ms": self.duration_ms,
            "per_second": self.per_second,
            "peaks": list(self.values),
        }
        return json.dumps(document, separators=(",", ":"))


class Outline:
    """Peaks being taken of a sound that streams past.

    Args:
        rate: of its frames, in Hz; a multiple of `PER_SECOND`.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._window = rate // PER_SECOND
        self._rest: npt.NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._values = bytearray()
        self._frames = 0

    @property
    def duration_ms(self) -> int:
        return self._frames * 1000 // self._rate

    def add(self, frames: npt.NDArray[np.float32]) -> None:
        """Look at more frames, shape (n, channels), -1 to 1: the outline is that of their mix."""
        self._frames += len(frames)
        sound = np.concatenate((self._rest, frames.mean(axis=1, dtype=np.float32)))
        whole = len(sound) // self._window * self._window
        self._rest = sound[whole:]
        self._values += _highest(sound[:whole].reshape(-1, self._window))

    def peaks(self) -> Peaks:
        """The outline of what was added; the last value may stand for less than a twentieth of a second."""
        last = _highest(self._rest[np.newaxis]) if len(self._rest) else b""
        return Peaks(self.duration_ms, bytes(self._values) + last)


def _highest(rows: npt.NDArray[np.float32]) -> bytes:
    excursions = np.abs(rows).max(axis=1)
    return bytes(np.clip(np.round(excursions * _FULL), 0, _FULL).astype(np.uint8))
