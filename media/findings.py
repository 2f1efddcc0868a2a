"""What ails a recording, found by listening through it once: said to people, and mended in the listening copy alone.

Two channels may be one microphone and its mirror image, which become silence when they are mixed; one may be dead; or
each may belong to one person. Beside that a recording may be clipped, very quiet, hum, come from a telephone line or
begin with a long silence. Every number below was tried on sounds made for it in `tests/media/test_findings.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.channels import RATE, SILENT_DB, WINDOW, Stereo, by_turns, decibels, energies, stereo_blocks
from media.decode import DEFAULT_LIMIT_MS

CODES: Final = (
    "inverted", "dead-left", "dead-right", "one-each", "clipped", "quiet", "hum", "telephone", "late"
)  # fmt: skip
MIXES: Final = {
    "inverted": "pan=mono|c0=0.5*c0-0.5*c1",
    "dead-left": "pan=mono|c0=c1",
    "dead-right": "pan=mono|c0=c0",
}
"""How two channels that are one are made one, as ffmpeg's filter; time and length stay."""

_FULL, _RUN = 0.985, 3
_SPECTRUM = 8192
_FLOOR = 1e-10
_MIRROR, _ALIKE = -0.9, 0.5
_DEAD_DB = 40.0
_CLIPPED_SHARE = 0.01
_QUIET_DB = -45.0
_HUM_DB, _HUM_SHARE = 20.0, 0.05
_LATE_S = 30
_MAINS = (50, 60)


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, as codes of `CODES` in their order."""

    codes: tuple[str, ...] = ()

    @property
    def mix(self) -> str:
        """The filter that makes one channel of two, empty where both are as they should be."""
        return next((MIXES[code] for code in self.codes if code in MIXES), "")


def examine(path: Path, channels: int, rate: int, *, limit_ms: int = DEFAULT_LIMIT_MS) -> Findings:
    """Listen through a recording of so many channels and samples a second.

    Raises:
        FfmpegStalled: it takes longer than any recording should; probe uploads first.
    """
    heard = _Heard(2 if channels > 1 else 1)
    for block in stereo_blocks(path, heard.channels, limit_ms):
        heard.add(block)
    return Findings(tuple(code for code in CODES if code in heard.found(rate)))


class _Heard:
    """What is counted while a recording goes by; it grows with its length by a number for each window."""

    def __init__(self, channels: int) -> None:
        self.channels = channels
        self._energy: list[NDArray[np.float64]] = []
        self._clipped: list[NDArray[np.bool_]] = []
        self._product = 0.0
        self._spectrum = np.zeros(_SPECTRUM // 2 + 1)
        self._taper = np.hanning(_SPECTRUM)[:, np.newaxis]

    def add(self, block: Stereo) -> None:
        self._energy.append(energies(block))
        if self.channels == 2:
            self._product += float(np.dot(block[:, 0].astype(np.float64), block[:, 1].astype(np.float64)))
        full = np.abs(block) >= _FULL
        runs = full[: -_RUN + 1].copy()
        for step in range(1, _RUN):
            runs &= full[step : len(full) - _RUN + 1 + step]
        padded = np.zeros(len(block), dtype=bool)
        padded[: len(runs)] = runs.any(axis=1)
        self._clipped.append(np.asarray(padded.reshape(-1, WINDOW).any(axis=1), dtype=np.bool_))
        for at in range(0, len(block) - _SPECTRUM + 1, _SPECTRUM):
            shape = np.fft.rfft(block[at : at + _SPECTRUM] * self._taper, axis=0)
            self._spectrum += (np.abs(shape) ** 2).max(axis=1)

    def found(self, rate: int) -> set[str]:
        if not self._energy:
            return set()
        energy = np.concatenate(self._energy)
        level = decibels(energy.max(axis=1))
        loud = float(np.percentile(level, 95))
        if loud < SILENT_DB:
            return {"quiet"}
        found = self._of_channels(energy) if self.channels == 2 else set()
        spoken = level > loud - 25
        if float(np.concatenate(self._clipped).sum()) > _CLIPPED_SHARE * float(spoken.sum()):
            found.add("clipped")
        if loud < _QUIET_DB:
            found.add("quiet")
        if int(np.argmax(level > max(SILENT_DB, loud - 30))) * WINDOW > _LATE_S * RATE:
            found.add("late")
        if self._hums():
            found.add("hum")
        if rate <= 8000 or self._narrow():
            found.add("telephone")
        return found

    def _of_channels(self, energy: NDArray[np.float64]) -> set[str]:
        left, right = (float(side) for side in energy.mean(axis=0))
        if abs(float(decibels(np.array(left)) - decibels(np.array(right)))) > _DEAD_DB:
            return {"dead-left" if left < right else "dead-right"}
        alike = self._product / max(_FLOOR, float(np.sqrt(left * right)) * len(energy) * WINDOW)
        if alike < _MIRROR:
            return {"inverted"}
        return {"one-each"} if alike < _ALIKE and by_turns(decibels(energy)) else set()

    def _hums(self) -> bool:
        """Whether the mains' frequency and its double stand out of what lies beside them, and are much of the sound."""
        bin_hz = RATE / _SPECTRUM
        whole = float(self._spectrum.sum()) + _FLOOR
        for mains in _MAINS:
            peaks = []
            for tone in (mains, 2 * mains):
                at = round(tone / bin_hz)
                beside = np.concatenate([self._spectrum[at - 9 : at - 4], self._spectrum[at + 5 : at + 10]])
                peaks.append((float(self._spectrum[at - 2 : at + 3].max()), float(np.median(beside)) + _FLOOR))
            stands = any(10 * np.log10(peak / around) > _HUM_DB for peak, around in peaks)
            share = sum(
                float(self._spectrum[round(tone / bin_hz) - 2 : round(tone / bin_hz) + 3].sum())
                for tone in (mains, 2 * mains, 3 * mains)
            )
            if stands and share > _HUM_SHARE * whole:
                return True
        return False

    def _narrow(self) -> bool:
        """Whether there is nothing above 4 kHz, as on a telephone line."""
        above = round(4200 * _SPECTRUM / RATE)
        upper = float(self._spectrum[above:].mean())
        lower = float(self._spectrum[:above].mean())
        return float(decibels(np.array(upper)) - decibels(np.array(lower))) < -60
