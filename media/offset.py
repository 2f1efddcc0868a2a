"""Where one recording lies in the time of another: the band's instrumental beside the vocal.

Both hold the same accompaniment, so their spectra agree at one delay and nowhere else. The delay is found coarsely
from how energy changes in a few bands, then to the sample by correlating the sound itself (phase transform: G. C.
Carter and C. H. Knapp, 1976) in windows along the whole length. A recording that was run a little faster or slower, as
from a tape or through a resampler, agrees nowhere until it is brought to the other's speed; so speeds up to one per
cent apart are tried as well. Windows that disagree mean another speed, a cut or a different take, and are told.
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
_SPEEDS_PPM = range(-10_500, 10_501, 500)  # what is left of a drift between two of them blurs no window
_BETTER = 1.2  # how much better another speed has to agree before the same one is given up
_SILENT = 0.05  # of the loudest window: what an encoder leaves in silence agrees with itself and means nothing
Features = npt.NDArray[np.float32]


class NoCommonSound(ValueError):
    """The two recordings share no accompaniment that could be found."""


@dataclass(frozen=True, slots=True)
class OffsetWindow:
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
        bend_ms: how far nine of ten clear windows lie, at most, from the line that the drift alone would draw.
        windows: what was found along the reference.
    """

    offset_ms: int
    drift_ppm: float
    spread_ms: float
    windows: tuple[OffsetWindow, ...]
    bend_ms: float = 0.0

    @property
    def clear(self) -> tuple[OffsetWindow, ...]:
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

    @property
    def another_speed(self) -> bool:
        """Whether it is the same recording run faster or slower, and out of step for that reason alone."""
        return self.heard and self.spread_ms > TOLERANCE_MS >= self.bend_ms


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
    speed, hops = _coarse(features, _features(other), most_ms * _RATE // (_HOP * 1000))
    whole_ms = max(1, len(features) * _HOP * 1000 // _RATE)
    windows = []
    for window in _windows(reference, other, round(hops * _HOP * 1000 / _RATE), speed):
        windows.append(window)
        if progress is not None:
            progress(min(1.0, window.at_ms / whole_ms))
    clear = _clear(windows)
    if not clear or len(clear) * 4 < len(windows) or not _steady(clear, speed):
        raise NoCommonSound("The two recordings have no accompaniment in common.")
    offset = round(float(np.median([window.offset_ms for window in clear])))
    spread = max(abs(window.offset_ms - offset) for window in clear)
    drift, bend = _line(clear)
    return Offset(offset, drift * 1e6, spread, tuple(windows), bend)


def _line(clear: Sequence[OffsetWindow]) -> tuple[float, float]:
    """How much the offset grows with time (the median slope: H. Theil, 1950), and how far windows are off that line."""
    if len(clear) < 3:
        return 0.0, 0.0
    times = np.array([window.at_ms for window in clear], dtype=np.float64)
    found = np.array([window.offset_ms for window in clear])
    earlier, later = np.triu_indices(len(clear), 1)
    slope = float(np.median((found[later] - found[earlier]) / (times[later] - times[earlier])))
    rest = found - slope * times
    return slope, float(np.quantile(np.abs(rest - np.median(rest)), 0.9))


def _sounding(windows: Sequence[OffsetWindow]) -> tuple[OffsetWindow, ...]:
    loudest = max((window.level for window in windows), default=0.0)
    return tuple(window for window in windows if window.level > loudest * _SILENT)


def _clear(windows: Sequence[OffsetWindow]) -> tuple[OffsetWindow, ...]:
    return tuple(window for window in _sounding(windows) if window.clarity >= _CLEAR)


def _steady(clear: Sequence[OffsetWindow], speed: float) -> bool:
    """Whether most neighbours agree, as a drift or one cut lets them; another song in the same key does not."""
    at_speed = [window.offset_ms - window.at_ms * (speed - 1) for window in clear]
    steps = [abs(after - before) for before, after in pairwise(at_speed)]
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


def _coarse(reference: Features, other: Features, most: int) -> tuple[float, float]:
    """At which speed, and with which delay in hops, the features agree best.

    Returns:
        `speed`, `delay`: a moment t of the reference is t * speed + delay in the other; 1 unless another is clearly
        better.
    """
    size = 1 << (len(reference) + len(other) * 102 // 100).bit_length()
    most = min(most, size // 2 - 1)
    spectrum = np.conj(np.fft.rfft(reference, size, axis=0))

    def agreement(speed: float) -> tuple[float, float]:
        brought = other if speed == 1 else _at_speed(other, speed)
        found = np.fft.irfft((np.fft.rfft(brought, size, axis=0) * spectrum).sum(axis=1), size)
        around = np.concatenate([found[-most:], found[: most + 1]])
        best = int(np.argmax(around))
        return float(around[best]), (best - most) * speed

    same, delay = agreement(1.0)
    speeds = [1 + ppm / 1e6 for ppm in _SPEEDS_PPM if ppm]
    (better, other_delay), speed = max((agreement(speed), speed) for speed in speeds)
    return (speed, other_delay) if better > _BETTER * same else (1.0, delay)


def _at_speed(rows: npt.NDArray[np.float32], speed: float) -> npt.NDArray[np.float32]:
    """Rows of a recording, read `speed` times as fast, between neighbours in a straight line."""
    at = np.arange(int((len(rows) - 1) / speed) + 1) * speed
    before = np.minimum(at.astype(int), len(rows) - 2) if len(rows) > 1 else np.zeros(len(at), dtype=int)
    share = (at - before).astype(np.float32).reshape(-1, *(1,) * (rows.ndim - 1))
    after = np.minimum(before + 1, len(rows) - 1)
    brought: npt.NDArray[np.float32] = rows[before] * (1 - share) + rows[after] * share
    return brought


def _windows(reference: Path, other: Path, coarse_ms: int, speed: float) -> Iterator[OffsetWindow]:
    """The exact offset in consecutive windows, found within half a second of where the coarse one and the speed say."""
    reach_ms = 500
    at_ms = 0
    for here in pcm_blocks(reference, rate=_RATE, block_ms=_WINDOW_MS):
        begins = round((at_ms - reach_ms) * speed) + coarse_ms
        there = _stretch(other, begins, begins + round((_WINDOW_MS + 2 * reach_ms) * speed))
        if speed != 1 and there.size:
            there = _at_speed(there, speed)
        whole = at_ms == 0 or here.size * 3 >= _RATE * _WINDOW_MS // 1000 * 2  # the last may be a dying note
        if whole and here.size >= _RATE and np.any(there) and np.any(here):
            delay, clarity = _delay(here, there, 2 * reach_ms * _RATE // 1000)
            middle_ms = at_ms + _WINDOW_MS // 2
            offset_ms = begins + (delay * 1000 / _RATE + _WINDOW_MS // 2) * speed - middle_ms
            yield OffsetWindow(middle_ms, offset_ms, clarity, float(min(np.std(here), np.std(there))))
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
