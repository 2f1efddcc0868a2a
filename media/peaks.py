"""The outline of a waveform, drawn by the player before a single byte of sound is fetched.

Peaks are read from the form of the recording that its listener may have: those of a redacted file are made from the
redacted file, because the outline of a name is a trace of the name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from media.decode import DEFAULT_LIMIT_MS, pcm_blocks

PER_SECOND = 20
_RATE = 8000
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


def make_peaks(path: Path, limit_ms: int = DEFAULT_LIMIT_MS) -> Peaks:
    """Read the peaks of a recording, block by block.

    Raises:
        Refused: when the file is not a recording or is longer than `limit_ms`.
    """
    window = _RATE // PER_SECOND
    values = bytearray()
    samples = 0
    for block in pcm_blocks(path, rate=_RATE, block_ms=60_000, limit_ms=limit_ms):
        samples += block.size
        padded = np.pad(np.abs(block), (0, -block.size % window))
        highest = np.clip(np.round(padded.reshape(-1, window).max(axis=1) * _FULL), 0, _FULL)
        values += highest.astype(np.uint8).tobytes()
    return Peaks(samples * 1000 // _RATE, bytes(values))
