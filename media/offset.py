"""Where one recording lies in the time of another: the band's instrumental beside the vocal.

Both hold the same accompaniment, so their spectra agree at one delay and nowhere else. The delay is found coarsely
from how energy changes in a few bands, then to the sample by correlating the sound itself (phase transform: G. C.
Carter and C. H. Knapp, 1976) in windows along the whole length. Windows that disagree mean a drift or a different
take, and are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media.decode import Samples, pcm_blocks, read_mono

TOLERANCE_MS = 20
_RATE = 8000
_HOP = 160
_WINDOW_MS = 6000
_CLEAR = 3.0
_STEP_MS = 30  # between neighbouring windows: a drift or a cut; windows that jump about more are another song's
_SILENT = 0.05  # of the loudest window: what an encoder leaves in silence agrees with itself and means nothing
Features = npt.NDArray[np.float32]


class NoCommonSound(ValueError):
    """The two recordings share no accompaniment that could be found."""


@dataclass(frozen=True, slots=True)
class Window:
    """The offset found around one moment of the reference, how clear it is (1: not at all), and how loud."""

    at_ms: int
    offset_ms: float
    clarity: float
    level: float = 1.0


@dataclass(frozen=True, slots=True)
class Offset:
    """How two recordings lie to each other.

    Attributes:
        offset_ms: a moment t of the reference is t + offset_ms in the other recording.
        drift_ppm: by how much the other runs slower (positive) or faster, in millionths.
        spread_ms: the furthest that a clear window lies from `offset_ms`.
        windows: what was found along the reference.
    """

    offset_ms: int
    drift_ppm: float
    spread_ms: float
    windows: tuple[Window, ...]

    @property
    def clear(self) -> tuple[Window, ...]:
        """The windows in which one delay stands out; the others (silence, a voice alone) say nothing."""
        return _clear(self.windows)

    @property
    def heard(self) -> bool:
        """Whether clear windows reach from the first third to the last, so that the whole length is spoken for."""
        sounding = [window.at_ms for window in _sounding(self.windows)]
        if not self.clear or not sounding:
            return False
        first, third = sounding[0], (sounding[-1] - sounding[0]) / 3
        return self.clear[0].at_ms <= first + third and self.clear[-1].at_ms >= first + 2 * third

    @property
    def in_step(self) -> bool:
        """Whether one number keeps the two together to `TOLERANCE_MS` over the whole length."""
        return self.heard and self.spread_ms <= TOLERANCE_MS


def find_offset(
    reference: Path, other: Path, *, most_ms: int = 60_000, progress: Callable[[float], None] | None = None
) -> Offset:
    """Find by how much `other` is later than `reference`.

    Args:
        most_ms: the largest offset looked for, to either side.
        progress: called now and then with how much is done, 0 to 1.

    Raises:
        NoCommonSound: when no delay stands out.
        Refused: when a file is no recording.
    """
    features = _features(reference)
    coarse = _coarse(features, _features(other), most_ms * _RATE // (_HOP * 1000)) * _HOP * 1000 / _RATE
    whole_ms = max(1, len(features) * _HOP * 1000 // _RATE)
    windows = []
    for window in _windows(reference, other, round(coarse)):
        windows.append(window)
        if progress is not None:
            progress(min(1.0, window.at_ms / whole_ms))
    clear = _clear(windows)
    if not clear or len(clear) * 4 < len(windows) or not _steady(clear):
        raise NoCommonSound("The two recordings have no accompaniment in common.")
    offset = round(float(np.median([window.offset_ms for window in clear])))
    spread = max(abs(window.offset_ms - offset) for window in clear)
    times = np.array([window.at_ms for window in clear], dtype=np.float64)
    found = np.array([window.offset_ms for window in clear])
    drift = float(np.polyfit(times, found, 1)[0]) * 1e6 if len(clear) > 2 else 0.0
    return Offset(offset, drift, spread, tuple(windows))


def _sounding(windows: Sequence[Window]) -> tuple[Window, ...]:
    loudest = max((window.level for window in windows), default=0.0)
    return tuple(window for window in windows if window.level > loudest * _SILENT)


def _clear(windows: Sequence[Window]) -> tuple[Window, ...]:
    return tuple(window for window in _sounding(windows) if window.clarity >= _CLEAR)


def _steady(clear: Sequence[Window]) -> bool:
    """Whether most neighbours agree, as a drift or one cut lets them; another song in the same key does not."""
    steps = [abs(after.offset_ms - before.offset_ms) for before, after in pairwise(clear)]
    return sum(step <= _STEP_MS for step in steps) * 2 >= len(steps)


def _features(path: Path) -> Features:
    """How the energy of eight bands rises, fifty times a second; shape (frames, 8). A few hundred bytes a second."""
    found = []
    edges = np.geomspace(2, _HOP, 9).astype(int)
    for block in pcm_blocks(path, rate=_RATE, block_ms=60_000):
        frames = np.pad(block, (0, -block.size % _HOP)).reshape(-1, _HOP)
        joined = np.concatenate([frames, np.roll(frames, -1, axis=0)], axis=1) * np.hanning(2 * _HOP)
        power = np.abs(np.fft.rfft(joined, axis=1)) ** 2
        found.append(np.log1p(np.add.reduceat(power, edges[:-1], axis=1) * 100))
    levels = np.concatenate(found) if found else np.zeros((1, 8))
    rises = np.diff(levels, axis=0, prepend=levels[:1])
    centred: Features = (rises - rises.mean(axis=0)).astype(np.float32)
    return centred


def _coarse(reference: Features, other: Features, most: int) -> int:
    """The delay in hops at which the features agree best."""
    size = 1 << (len(reference) + len(other)).bit_length()
    spectra = np.fft.rfft(other, size, axis=0) * np.conj(np.fft.rfft(reference, size, axis=0))
    agreement = np.fft.irfft(spectra.sum(axis=1), size)
    most = min(most, size // 2 - 1)
    around = np.concatenate([agreement[-most:], agreement[: most + 1]])
    return int(np.argmax(around)) - most


def _windows(reference: Path, other: Path, coarse_ms: int) -> Iterator[Window]:
    """The exact offset in consecutive windows, found within half a second of the coarse one."""
    reach_ms = 500
    at_ms = 0
    for here in pcm_blocks(reference, rate=_RATE, block_ms=_WINDOW_MS):
        begins = at_ms + coarse_ms - reach_ms
        there = _stretch(other, begins, begins + _WINDOW_MS + 2 * reach_ms)
        whole = at_ms == 0 or here.size * 3 >= _RATE * _WINDOW_MS // 1000 * 2  # the last may be a dying note
        if whole and here.size >= _RATE and np.any(there) and np.any(here):
            delay, clarity = _delay(here, there, 2 * reach_ms * _RATE // 1000)
            offset_ms = coarse_ms - reach_ms + delay * 1000 / _RATE
            yield Window(at_ms + _WINDOW_MS // 2, offset_ms, clarity, float(min(np.std(here), np.std(there))))
        at_ms += _WINDOW_MS


def _stretch(path: Path, start_ms: int, end_ms: int) -> Samples:
    """A stretch that may begin before the recording does, which is silence."""
    before = np.zeros(max(0, min(-start_ms, end_ms - start_ms)) * _RATE // 1000, dtype=np.float32)
    if end_ms <= 0:
        return before
    return np.concatenate([before, read_mono(path, max(0, start_ms), end_ms, rate=_RATE)])


def _delay(here: Samples, there: Samples, most: int) -> tuple[int, float]:
    """The delay in samples, 0 to `most`, and how far its agreement rises above the next best elsewhere."""
    size = 1 << (here.size + there.size).bit_length()
    cross = np.fft.rfft(there, size) * np.conj(np.fft.rfft(here, size))
    magnitude = np.abs(cross)
    agreement = np.fft.irfft(cross / (magnitude + 1e-3 * magnitude.max() + 1e-12), size)[: most + 1]
    best = int(np.argmax(agreement))
    near = max(1, _RATE // 200)
    elsewhere = np.delete(agreement, slice(max(0, best - near), best + near + 1))
    noise = float(np.sqrt(np.mean(elsewhere**2))) if elsewhere.size else 0.0
    return best, float(agreement[best]) / max(3 * noise, 1e-12)
