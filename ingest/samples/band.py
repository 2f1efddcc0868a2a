"""The instruments, made from nothing: a plucked lute, a xylophone, a bass, drums, finger cymbals and a bowed drone.

They answer to the chapei, roneat, skor, chhing and tro of Khmer music without pretending to be them. The lute and the
xylophone each keep to the melody in their own way, as such an ensemble does, so that the instrumental still leads
whoever sings to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from scipy import signal

from ingest.samples.voice import Sound

RATE = 44_100
VOICE_LEVEL = 0.14
BAND_LEVEL = 0.085
PEAK = 0.62
GRID = (0.0, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0)
Line = tuple[int, Sequence[int], bool]
Hertz = Callable[[int], float]


class StereoMix:
    """Two channels of sound being filled."""

    def __init__(self, total_ms: int) -> None:
        self.sound = np.zeros((total_ms * RATE // 1000, 2))

    def put(self, note: Sound, at_ms: float, gain: float, pan: float) -> None:
        """Add `note` at `at_ms`; `pan` from -1 (left) to 1 (right)."""
        at = max(round(at_ms * RATE / 1000), 0)
        note = note[: max(len(self.sound) - at, 0)]
        sides = np.array([np.cos((pan + 1) * np.pi / 4), np.sin((pan + 1) * np.pi / 4)])
        self.sound[at : at + len(note)] += gain * note[:, None] * sides


def play(lines: Sequence[Line], hertz: Hertz, beat_ms: float, beats: int, total_ms: int) -> Sound:
    """The accompaniment: `lines` are (place in lines of music, eight degrees of the scale, is it the chorus)."""
    stage = StereoMix(total_ms)
    for place, melody, full in lines:
        start = place * beats * beat_ms
        _lute(stage, melody, hertz, start, beat_ms)
        _xylophone(stage, melody, hertz, start, beat_ms, full)
        _bass(stage, melody, hertz, start, beat_ms)
        if place > 0:
            _drums(stage, start, beat_ms, full)
    _drone(stage, hertz)
    return stage.sound


def mix(played: Sound, lead: Sound, harmony: Sound, voice_rate: int) -> tuple[Sound, Sound]:
    """The studio mix and the instrumental, exactly in step: the same accompaniment with and without the voices."""
    voices = StereoMix(1000 * len(played) // RATE + 1)
    for track, gain, pan in ((lead, 1.0, 0.0), (harmony, 0.38, -0.35)):
        voices.put(_resample(track, voice_rate), 0, gain, pan)
    sung = voices.sound[: len(played)]
    sung = np.tanh(VOICE_LEVEL / _level(sung) * sung)
    played = BAND_LEVEL / _level(played) * played
    instrumental = played + 0.25 * BAND_LEVEL * _room(played)
    studio = instrumental + sung + 0.35 * VOICE_LEVEL * _room(sung)
    gain = PEAK / max(float(np.max(np.abs(np.tanh(studio)))), float(np.max(np.abs(np.tanh(instrumental)))))
    return np.tanh(studio) * gain, np.tanh(instrumental) * gain


def _level(sound: Sound) -> float:
    """How loud `sound` is while it sounds: its root mean square over the samples that are not silence."""
    loudest = np.max(np.abs(sound), axis=1)
    return float(np.sqrt(np.mean(sound[loudest > 0.02 * loudest.max()] ** 2)))


def _lute(stage: StereoMix, melody: Sequence[int], hertz: Hertz, start: float, beat: float) -> None:
    for at, degree in zip(GRID, melody, strict=True):
        low = hertz(degree) / 2
        stage.put(_pluck(hertz(degree + 1) / 2, 0.25), start + at * beat - 55, 0.16, -0.3)
        stage.put(_pluck(low, 1.6), start + at * beat, 0.42, -0.3)
        if at in (2.0, 4.0, 6.0):
            stage.put(_pluck(low, 0.5), start + (at + 0.5) * beat, 0.2, -0.3)
    stage.put(_pluck(hertz(0) / 2, 1.0), start + 7 * beat, 0.24, -0.3)
    stage.put(_pluck(hertz(3) / 2, 1.0), start + 7.5 * beat, 0.2, -0.3)


def _xylophone(stage: StereoMix, melody: Sequence[int], hertz: Hertz, start: float, beat: float, full: bool) -> None:
    gain = 0.16 if full else 0.1
    for half in range(16):
        at = half / 2
        degree = melody[max(index for index, place in enumerate(GRID) if place <= at)]
        weaving = degree if half % 2 == 0 else degree + (1 if half % 4 == 1 else -1)
        stage.put(_bar(hertz(weaving)), start + at * beat, gain * (1.0 if half % 2 == 0 else 0.6), 0.4)
        if full and half % 4 == 0:
            stage.put(_bar(hertz(weaving + 5)), start + at * beat, gain * 0.6, 0.4)


def _bass(stage: StereoMix, melody: Sequence[int], hertz: Hertz, start: float, beat: float) -> None:
    for at, degree in ((0.0, melody[0]), (2.5, melody[3]), (4.0, melody[5]), (6.0, melody[7])):
        pitch = hertz(degree)
        while pitch > 110:
            pitch /= 2
        stage.put(_low_string(pitch), start + at * beat, 0.4, 0.05)


def _drums(stage: StereoMix, start: float, beat: float, full: bool) -> None:
    for at in (0.0, 2.5, 4.0, 6.0):
        stage.put(_drum(92, 0.34), start + at * beat, 0.5, 0.0)
    for at in (1.0, 3.0, 3.5, 5.0, 7.0, 7.5) if full else (1.0, 3.0, 5.0, 7.0):
        stage.put(_drum(215, 0.12), start + at * beat, 0.17, 0.15)
    for at, rings in ((1.0, True), (3.0, False), (5.0, True), (7.0, False)):
        stage.put(_cymbal(rings), start + at * beat, 0.07, -0.15)


def _drone(stage: StereoMix, hertz: Hertz) -> None:
    length = len(stage.sound)
    seconds = np.arange(length) / RATE
    swell = np.clip(seconds / 4, 0, 1) * np.clip((seconds[-1] - seconds) / 4, 0, 1)
    breath = 0.8 + 0.2 * np.sin(2 * np.pi * seconds / 7.3)
    for ratio, gain, pan in ((0.5, 0.05, -0.5), (0.75, 0.03, 0.5)):
        pitch = hertz(0) * ratio
        wobble = 2 * np.pi * pitch * seconds + 0.4 * np.sin(2 * np.pi * 4.9 * seconds)
        bowed = sum(np.sin(n * wobble) / n**1.6 for n in range(1, 7))
        stage.put(np.asarray(bowed) * swell * breath, 0, gain, pan)


@cache
def _pluck(hertz: float, seconds: float) -> Sound:
    """A string after Karplus and Strong (1983): noise in a loop that loses its brightness on the way round."""
    period = RATE / hertz - 0.5
    whole = int(period)
    loop = 0.9965 * np.convolve([0.5, 0.5], [1 - (period - whole), period - whole])
    burst = np.random.default_rng(round(hertz * 100)).uniform(-1, 1, whole)
    burst = signal.lfilter([0.45], [1, -0.55], burst)
    sound = np.zeros(int(seconds * RATE))
    sound[:whole] = burst - burst.mean()
    sound = signal.lfilter([1.0], np.concatenate([[1.0], np.zeros(whole - 1), -loop]), sound)
    return _settled(sound, 0.06)


@cache
def _bar(hertz: float) -> Sound:
    seconds = np.arange(int(0.7 * RATE)) / RATE
    partials = ((1.0, 1.0, 9.0), (3.93, 0.22, 24.0), (9.2, 0.06, 50.0))
    sound = sum(
        gain * np.exp(-fade * seconds) * np.sin(2 * np.pi * hertz * ratio * seconds) for ratio, gain, fade in partials
    )
    return _settled(np.asarray(sound), 0.05)


@cache
def _low_string(hertz: float) -> Sound:
    seconds = np.arange(int(1.1 * RATE)) / RATE
    sound = sum(np.sin(2 * np.pi * n * hertz * seconds) * np.exp(-(2.2 + 1.5 * n) * seconds) / n for n in range(1, 6))
    return _settled(np.asarray(sound) * np.clip(seconds / 0.008, 0, 1), 0.1)


@cache
def _drum(hertz: float, seconds: float) -> Sound:
    time = np.arange(int(3 * seconds * RATE)) / RATE
    skin = np.sin(2 * np.pi * hertz * (time + 0.02 * (1 - np.exp(-time * 40)))) * np.exp(-time / seconds * 3)
    slap = np.random.default_rng(7).normal(0, 1, len(time)) * np.exp(-time * 160)
    return _settled(skin + 0.18 * signal.lfilter([0.3], [1, -0.7], slap), 0.02)


@cache
def _cymbal(rings: bool) -> Sound:
    seconds = np.arange(int((1.2 if rings else 0.12) * RATE)) / RATE
    fade = 3.5 if rings else 45.0
    sound = sum(np.sin(2 * np.pi * hertz * seconds) for hertz in (2637, 2655, 5410, 7120, 8890))
    return _settled(np.asarray(sound) * np.exp(-fade * seconds), 0.02)


def _settled(sound: Sound, fade_s: float) -> Sound:
    """`sound` at full scale, its end faded so that nothing clicks."""
    fade = min(int(fade_s * RATE), len(sound))
    sound = np.array(sound, dtype=np.float64)
    sound[-fade:] *= np.linspace(1, 0, fade)
    return np.asarray(sound / np.max(np.abs(sound)))


def _room(sound: Sound) -> Sound:
    """The sound of a small hall: each channel through its own second of fading noise."""
    seconds = np.arange(int(1.3 * RATE)) / RATE
    heard = np.zeros_like(sound)
    for channel in (0, 1):
        echo = np.random.default_rng(channel).normal(0, 1, len(seconds)) * np.exp(-4.8 * seconds)
        echo = signal.lfilter([0.4], [1, -0.6], echo) * np.clip((seconds - 0.012) / 0.01, 0, 1)
        heard[:, channel] = signal.fftconvolve(sound[:, channel], echo)[: len(sound)]
    return np.asarray(heard / _level(heard))


def _resample(track: Sound, rate: int) -> Sound:
    return np.asarray(signal.resample_poly(track, RATE, rate))
