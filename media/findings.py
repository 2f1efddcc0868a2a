"""What ails a recording, found by listening through it once: said to people, and mended in the listening copy alone.

Two channels may be one microphone and its mirror image, which become silence when they are mixed; one may be dead; or
each may belong to one person. Beside that a recording may be clipped, very quiet, hum, come from a telephone line or
begin with a long silence. Every number below was tried on sounds made for it in `tests/media/test_findings.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media import ffmpeg
from media.decode import DEFAULT_LIMIT_MS, numbers
from media.sniff import demuxer_of

CODES: Final = (
    "inverted", "dead-left", "dead-right", "one-each", "clipped", "quiet", "hum", "telephone", "late"
)  # fmt: skip
MIXES: Final = {
    "inverted": "pan=mono|c0=0.5*c0-0.5*c1",
    "dead-left": "pan=mono|c0=c1",
    "dead-right": "pan=mono|c0=c0",
}
"""How two channels that are one are made one, as ffmpeg's filter; time and length stay."""

_RATE = 16_000
_WINDOW = 800  # 50 ms
_FULL, _RUN = 0.985, 3
_SPECTRUM = 8192
_FLOOR = 1e-10
_MIRROR, _ALIKE = -0.9, 0.5
_DEAD_DB, _APART_DB = 40.0, 10.0
_MOSTLY, _BOTH = 0.6, 0.1
_CLIPPED_SHARE = 0.01
_QUIET_DB, _SILENT_DB = -45.0, -60.0
_HUM_DB, _HUM_SHARE = 20.0, 0.05
_LATE_S = 30
_MAINS = (50, 60)

Stereo = NDArray[np.float32]


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
    for block in _blocks(path, heard.channels, limit_ms):
        heard.add(block)
    return Findings(tuple(code for code in CODES if code in heard.found(rate)))


def louder_side(path: Path, spans: list[tuple[int, int]], *, limit_ms: int = DEFAULT_LIMIT_MS) -> list[int | None]:
    """For each span in milliseconds the channel, 0 or 1, that is clearly louder in it; None where neither is."""
    energy = [np.zeros((0, 2))]
    for block in _blocks(path, 2, limit_ms):
        energy.append(_energies(block))
    windows = np.concatenate(energy)
    sums = np.concatenate([np.zeros((1, 2)), np.cumsum(windows, axis=0)])
    found: list[int | None] = []
    for start, end in spans:
        first, last = (min(at * _RATE // 1000 // _WINDOW, len(windows)) for at in (start, end))
        left, right = sums[max(last, min(first + 1, len(windows)))] - sums[first]
        apart = 10 * np.log10((left + _FLOOR) / (right + _FLOOR))
        found.append(None if abs(apart) < _APART_DB / 3 else int(apart < 0))
    return found


def _blocks(path: Path, channels: int, limit_ms: int) -> Iterator[Stereo]:
    """Whole windows of shape (frames, channels); what is left of the last is dropped."""
    source = ffmpeg.untrusted_input(path, demuxer_of(path))
    shape = ["-map", "0:a:0", "-ac", str(channels), "-ar", str(_RATE), "-f", "f32le", "pipe:1"]
    size = _SPECTRUM * 25 // _WINDOW * _WINDOW * 4 * channels
    held = bytearray()
    with ffmpeg.Process([*source, *shape], limits=ffmpeg.reading(limit_ms)) as process:
        for piece in process.pieces():
            held += piece
            while len(held) >= size:
                yield _frames(held[:size], channels)
                del held[:size]
    if rest := len(held) // (4 * channels) // _WINDOW * _WINDOW:
        yield _frames(held[: rest * 4 * channels], channels)


def _frames(data: bytearray, channels: int) -> Stereo:
    return numbers(np.frombuffer(bytes(data), dtype="<f4")).reshape(-1, channels)


def _energies(block: Stereo) -> NDArray[np.float64]:
    """Mean power of each window and channel."""
    squares = block.astype(np.float64) ** 2
    means: NDArray[np.float64] = squares.reshape(-1, _WINDOW, block.shape[1]).mean(axis=1)
    return means


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
        self._energy.append(_energies(block))
        if self.channels == 2:
            self._product += float(np.dot(block[:, 0].astype(np.float64), block[:, 1].astype(np.float64)))
        full = np.abs(block) >= _FULL
        runs = full[: -_RUN + 1].copy()
        for step in range(1, _RUN):
            runs &= full[step : len(full) - _RUN + 1 + step]
        padded = np.zeros(len(block), dtype=bool)
        padded[: len(runs)] = runs.any(axis=1)
        self._clipped.append(np.asarray(padded.reshape(-1, _WINDOW).any(axis=1), dtype=np.bool_))
        for at in range(0, len(block) - _SPECTRUM + 1, _SPECTRUM):
            shape = np.fft.rfft(block[at : at + _SPECTRUM] * self._taper, axis=0)
            self._spectrum += (np.abs(shape) ** 2).max(axis=1)

    def found(self, rate: int) -> set[str]:
        if not self._energy:
            return set()
        energy = np.concatenate(self._energy)
        level = _db(energy.max(axis=1))
        loud = float(np.percentile(level, 95))
        if loud < _SILENT_DB:
            return {"quiet"}
        found = self._of_channels(energy, level > max(_SILENT_DB, loud - 25)) if self.channels == 2 else set()
        spoken = level > loud - 25
        if float(np.concatenate(self._clipped).sum()) > _CLIPPED_SHARE * float(spoken.sum()):
            found.add("clipped")
        if loud < _QUIET_DB:
            found.add("quiet")
        if int(np.argmax(level > max(_SILENT_DB, loud - 30))) * _WINDOW > _LATE_S * _RATE:
            found.add("late")
        if self._hums():
            found.add("hum")
        if rate <= 8000 or self._narrow():
            found.add("telephone")
        return found

    def _of_channels(self, energy: NDArray[np.float64], active: NDArray[np.bool_]) -> set[str]:
        left, right = (float(side) for side in energy.mean(axis=0))
        if abs(float(_db(np.array(left)) - _db(np.array(right)))) > _DEAD_DB:
            return {"dead-left" if left < right else "dead-right"}
        alike = self._product / max(_FLOOR, float(np.sqrt(left * right)) * len(energy) * _WINDOW)
        if alike < _MIRROR:
            return {"inverted"}
        apart = (_db(energy[:, 0]) - _db(energy[:, 1]))[active]
        first, second = (float(np.mean(side)) if len(side) else 0.0 for side in (apart > _APART_DB, apart < -_APART_DB))
        each = alike < _ALIKE and first + second > _MOSTLY and min(first, second) > _BOTH
        return {"one-each"} if each else set()

    def _hums(self) -> bool:
        """Whether the mains' frequency and its double stand out of what lies beside them, and are much of the sound."""
        bin_hz = _RATE / _SPECTRUM
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
        above = round(4200 * _SPECTRUM / _RATE)
        upper = float(self._spectrum[above:].mean())
        lower = float(self._spectrum[:above].mean())
        return float(_db(np.array(upper)) - _db(np.array(lower))) < -60


def _db(power: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = 10 * np.log10(power + _FLOOR)
    return found
