"""How loud a recording is, and one gain that brings it to a target.

Loudness is that of EBU R 128 (ITU-R BS.1770-4), measured by ffmpeg's `ebur128`. The recording is then multiplied by
one number, and only where a peak would pass the ceiling is the gain drawn in for some milliseconds around it. A
filter that rides the level would lift the room's noise in every pause, and ffmpeg's own (`loudnorm`) shifts short
recordings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media import ffmpeg
from media.redact import Frames
from media.sniff import demuxer_of

LISTENING_LUFS = -18.0
"""Of the listening file: loud enough for a phone's own speaker, quiet enough to keep a voice's dynamics."""

BROADCAST_LUFS = -23.0
"""What EBU R 128 asks of a programme."""

CEILING_DB = -2.5
"""Of samples; true peaks lie up to 1 dB higher, and those of a broadcast may reach -1 dBTP."""

_SILENCE_LUFS = -69.0
_MOST_GAIN_DB = 30.0
_REACH_MS = 4
_REPORT = re.compile(r"I: +(\S+) LUFS.*?LRA: +(\S+) LU(?:.*?Peak: +(\S+) dBFS)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Loudness:
    """A recording's loudness: LUFS over the whole, its range in LU, its true peak in dBTP if that was looked for."""

    integrated: float
    range_lu: float
    true_peak: float | None

    @property
    def silent(self) -> bool:
        return self.integrated < _SILENCE_LUFS

    def gain_db(self, target: float) -> float:
        """What brings the recording to `target` LUFS; nothing for silence, and no more than lifts a far voice."""
        return 0.0 if self.silent else min(target - self.integrated, _MOST_GAIN_DB)


def measure(path: Path, channels: int = 2, *, true_peak: bool = True, mix: str = "") -> Loudness:
    """Measure a recording, mixed to `channels` first.

    Args:
        true_peak: look between the samples too, which takes twice as long.
        mix: ffmpeg's filter that makes one channel of two, as `media.findings` has it.

    Raises:
        FfmpegFailed: when the sound cannot be decoded; probe uploads first.
    """
    source = ffmpeg.untrusted_input(path, demuxer_of(path))
    listen = [
        "-map",
        "0:a:0",
        "-ac",
        str(channels),
        "-af",
        f"{mix}{',' if mix else ''}ebur128{'=peak=true:' if true_peak else '='}framelog=verbose",
        "-f",
        "null",
        "-",
    ]
    said = ffmpeg.run([*source, *listen], loglevel="info", limits=ffmpeg.reading()).messages
    report = _REPORT.search(said, max(0, said.rfind("Summary:")))
    if report is None:
        raise ffmpeg.FfmpegFailed(said)
    integrated, spread, peak = (_number(report[at]) for at in (1, 2, 3))
    return Loudness(-70.0 if integrated is None else integrated, spread or 0.0, peak)


def _number(said: str | None) -> float | None:
    """A measurement; None for one that is not there, or that a broken sample has made no number."""
    value = float(said) if said else math.nan
    return value if math.isfinite(value) or value == -math.inf else None


def amplified(blocks: Iterable[Frames], gain_db: float, rate: int, ceiling_db: float = CEILING_DB) -> Iterator[Frames]:
    """The same sound, as many frames at the same moments, multiplied by a gain and kept under a ceiling.

    Each frame's own gain is the smallest that any frame within `_REACH_MS` needs, averaged over as long: it is down
    before the peak comes, has no corners to be heard, and is the plain gain everywhere else.
    """
    factor, ceiling = 10 ** (gain_db / 20), 10 ** (ceiling_db / 20)
    reach = max(1, _REACH_MS * rate // 1000)
    around = 2 * reach
    held: Frames | None = None
    before = 0
    for block in blocks:
        louder = (block * np.float32(factor)).astype(np.float32)
        held = louder if held is None else np.concatenate([held, louder])
        ready = len(held) - around
        if ready > before:
            yield _limited(held, ceiling, reach)[before:ready]
            held, before = held[max(0, ready - around) :], min(ready, around)
    if held is not None and len(held) > before:
        yield _limited(held, ceiling, reach)[before:]


def _limited(frames: Frames, ceiling: float, reach: int) -> Frames:
    excursion = np.abs(frames).max(axis=1)
    if not np.any(excursion > ceiling):
        return frames
    from scipy.ndimage import minimum_filter1d, uniform_filter1d  # half a second to load, and mostly nothing is limited

    needed: npt.NDArray[np.float64] = np.minimum(1.0, ceiling / np.maximum(excursion, 1e-9))
    lowest = minimum_filter1d(needed, 2 * reach + 1, mode="nearest")
    gain = np.minimum(uniform_filter1d(lowest, 2 * reach + 1, mode="nearest"), 1.0)
    return np.where(gain[:, np.newaxis] < 1 - 1e-9, frames * gain[:, np.newaxis], frames).astype(np.float32)
