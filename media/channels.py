"""Two channels heard one by one, where each belongs to one person.

Somebody's microphone hears a little of the other person, too. How much that is shows where the other one speaks alone;
what is no louder than that is not theirs and becomes silence, so that nobody's words are written down twice. Where both
speak at once, both are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from media import ffmpeg
from media.decode import DEFAULT_LIMIT_MS, Samples, numbers
from media.sniff import demuxer_of

RATE: Final = 16_000
WINDOW: Final = 800  # 50 ms
APART_DB = 10.0
SILENT_DB = -60.0
_BLOCK = 8192 * 25  # whole windows and whole spectra
_FLOOR = 1e-10
_MOSTLY, _BOTH = 0.6, 0.05
_ACTIVE_DB = 25.0
_ABOVE_DB = 8.0  # above what a microphone usually hears of the room and of the other person
_QUIET_SHARE = 10
_LINGERS = 3  # windows: a room's echo
_AROUND = 4  # windows before and after what is kept: soft consonants
_MOST_GAIN_DB = 20.0

Stereo: TypeAlias = NDArray[np.float32]
Levels: TypeAlias = NDArray[np.float64]
"""Of each window and channel, in dB of full scale."""


def stereo_blocks(path: Path, channels: int, limit_ms: int) -> Iterator[Stereo]:
    """Whole windows of shape (frames, channels) at 16 kHz; what is left of the last is dropped."""
    source = ffmpeg.untrusted_input(path, demuxer_of(path))
    shape = ["-map", "0:a:0", "-ac", str(channels), "-ar", str(RATE), "-f", "f32le", "pipe:1"]
    size = _BLOCK * 4 * channels
    held = bytearray()
    with ffmpeg.Process([*source, *shape], limits=ffmpeg.reading(limit_ms)) as process:
        for piece in process.pieces():
            held += piece
            while len(held) >= size:
                yield _frames(held[:size], channels)
                del held[:size]
    if rest := len(held) // (4 * channels) // WINDOW * WINDOW:
        yield _frames(held[: rest * 4 * channels], channels)


def _frames(data: bytearray, channels: int) -> Stereo:
    return numbers(np.frombuffer(bytes(data), dtype="<f4")).reshape(-1, channels)


def energies(block: Stereo) -> NDArray[np.float64]:
    """Mean power of each window and channel."""
    squares = block.astype(np.float64) ** 2
    means: NDArray[np.float64] = squares.reshape(-1, WINDOW, block.shape[1]).mean(axis=1)
    return means


def decibels(power: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = 10 * np.log10(power + _FLOOR)
    return found


def by_turns(levels: Levels) -> bool:
    """Whether now one channel and now the other is by far the louder, each measured by its own loud moments.

    So a narrator with a good microphone and an interviewer with a poor one are two people all the same.
    """
    first, second = _dominated(levels)
    active = max(1, int(_active(levels).sum()))
    shares = (float(first.sum()) / active, float(second.sum()) / active)
    return sum(shares) > _MOSTLY and min(shares) > _BOTH


def listen(path: Path, *, limit_ms: int = DEFAULT_LIMIT_MS) -> Levels:
    """How loud each of the two channels is in each window.

    Raises:
        FfmpegStalled: it takes longer than any recording should; probe uploads first.
    """
    heard = [decibels(energies(block)) for block in stereo_blocks(path, 2, limit_ms)]
    return np.concatenate(heard) if heard else np.zeros((0, 2))


def one_person(path: Path, side: int, levels: Levels, *, limit_ms: int = DEFAULT_LIMIT_MS) -> Iterator[Samples]:
    """What the person on a channel says, at 16 kHz and in the recording's time.

    Args:
        side: 0 for the left channel, 1 for the right.
        levels: what `listen` found.
    """
    gain = _gain(levels, side) * _own(levels, side)
    at = 0
    for block in stereo_blocks(path, 2, limit_ms):
        count = len(block) // WINDOW
        near = gain[max(0, at - 1) : at + count + 1]
        centres = (np.arange(len(near)) + 0.5 - min(at, 1)) * WINDOW
        yield (block[:, side] * np.interp(np.arange(len(block)), centres, near)).astype(np.float32)
        at += count


def _loud(levels: Levels) -> NDArray[np.float64]:
    """Each channel's loud moments."""
    loud: NDArray[np.float64] = np.percentile(levels, 97, axis=0) if len(levels) else np.zeros(2)
    return loud


def _active(levels: Levels) -> NDArray[np.bool_]:
    heard = (levels - _loud(levels) > -_ACTIVE_DB) & (levels > SILENT_DB)
    return np.asarray(heard.any(axis=1), dtype=np.bool_)


def _dominated(levels: Levels) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where the left channel alone is heard, and where the right one is."""
    apart = (levels - _loud(levels)) @ np.array([1.0, -1.0])
    active = _active(levels)
    return active & (apart > APART_DB), active & (apart < -APART_DB)


def _own(levels: Levels, side: int) -> NDArray[np.float64]:
    """1 in each window in which a channel has more than what it hears of the other person, else 0."""
    other = 1 - side
    alone = _dominated(levels)[other]
    heard = levels[:, side] - levels[:, other]
    bleed = float(np.median(heard[alone])) if alone.any() else -np.inf
    theirs = levels[:, other].copy()
    for step in range(1, _LINGERS + 1):
        theirs[step:] = np.maximum(theirs[step:], levels[:-step, other])
    quiet = float(np.percentile(levels[:, side], _QUIET_SHARE)) if len(levels) else 0.0
    own = levels[:, side] > decibels(10 ** ((theirs + bleed) / 10) + 10 ** (quiet / 10)) + _ABOVE_DB
    kept = own.copy()
    for step in range(1, _AROUND + 1):
        kept[step:] |= own[:-step]
        kept[:-step] |= own[step:]
    return kept.astype(np.float64)


def _gain(levels: Levels, side: int) -> float:
    """What lifts the softer channel towards the other one."""
    loud = _loud(levels)
    return float(10 ** (min(_MOST_GAIN_DB, float(loud.max() - loud[side])) / 20))
