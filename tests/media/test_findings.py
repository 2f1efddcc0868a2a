"""What ails a recording is found, and said of no sound that has nothing of it; the listening copy is heard again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from media import decode
from media.derive import make_listening
from media.findings import examine
from tests.media.conftest import RATE, write_wav

SECONDS = 20


def voice(seconds: float = SECONDS, seed: int = 3, rate: int = RATE) -> np.ndarray:
    """Something like speech: syllables of noise below and above 4 kHz, with pauses of a second."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    spoken = (np.sin(2 * np.pi * 3 * t) > 0) & (np.sin(2 * np.pi * 0.3 * t + seed) > -0.5)
    tone = np.sin(2 * np.pi * 170 * t) + 0.5 * np.sin(2 * np.pi * 1900 * t) + 0.3 * rng.normal(0, 1, t.size)
    return (0.12 * spoken * tone + rng.normal(0, 0.0005, t.size)).astype(np.float32)


def turns(seconds: float = SECONDS) -> np.ndarray:
    """Two people, each on a channel of their own with a little of the other, every five seconds in turn."""
    first, second = voice(seconds, 3), voice(seconds, 4)
    whose = (np.arange(first.size) // (5 * RATE)) % 2
    left, right = first * (whose == 0), second * (whose == 1)
    return np.stack([left + 0.03 * right, right + 0.03 * left], axis=1)


def both(one: np.ndarray) -> np.ndarray:
    return np.stack([one, one], axis=1)


def hum(one: np.ndarray) -> np.ndarray:
    t = np.arange(one.size) / RATE
    return one + 0.06 * np.sin(2 * np.pi * 50 * t) + 0.03 * np.sin(2 * np.pi * 100 * t)


def narrow(one: np.ndarray) -> np.ndarray:
    spectrum = np.fft.rfft(one)
    spectrum[np.fft.rfftfreq(one.size, 1 / RATE) > 3400] = 0
    return np.fft.irfft(spectrum, one.size)


TABLE: dict[str, tuple[Callable[[], np.ndarray], tuple[str, ...]]] = {
    "one microphone": (lambda: voice(), ()),
    "one microphone on two channels": (lambda: both(voice()), ()),
    "two microphones in a room": (lambda: np.stack([voice(), 0.7 * voice() + 0.2 * voice(seed=9)], axis=1), ()),
    "the right channel turned round": (lambda: np.stack([voice(), -voice()], axis=1), ("inverted",)),
    "the right channel dead": (lambda: np.stack([voice(), 0 * voice()], axis=1), ("dead-right",)),
    "the left channel dead": (lambda: np.stack([0.0001 * voice(seed=8), voice()], axis=1), ("dead-left",)),
    "one person on each channel": (turns, ("one-each",)),
    "one person on each channel, one far softer": (lambda: turns() * (1, 0.1), ("one-each",)),
    "clipped": (lambda: np.clip(voice() * 12, -1, 1), ("clipped",)),
    "very quiet": (lambda: voice() * 0.02, ("quiet",)),
    "hum": (lambda: hum(voice()), ("hum",)),
    "a telephone line": (lambda: narrow(voice()), ("telephone",)),
    "a long silence in front": (lambda: np.concatenate([np.zeros(35 * RATE), voice()]), ("late",)),
    "silence": (lambda: np.zeros(5 * RATE), ("quiet",)),
}


@pytest.mark.parametrize("name", TABLE)
def test_what_ails_a_recording_is_found(tmp_path: Path, name: str) -> None:
    made, codes = TABLE[name]
    samples = made()
    path = write_wav(tmp_path / "x.wav", samples)
    assert examine(path, 1 if samples.ndim == 1 else 2, RATE).codes == codes


def test_eight_thousand_samples_a_second_are_a_telephone(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "x.wav", voice(5, rate=8000), rate=8000)
    assert examine(path, 1, 8000).codes == ("telephone",)


@pytest.mark.parametrize("name", ["the right channel turned round", "the right channel dead", "the left channel dead"])
def test_the_listening_copy_has_the_good_sound_in_one_channel(tmp_path: Path, name: str) -> None:
    """Mixed as they are these would be silence, or half as loud; nothing of the original changes."""
    path = write_wav(tmp_path / "x.wav", TABLE[name][0]())
    before = path.read_bytes()
    made = make_listening(path, tmp_path / "x.m4a")
    assert (made.channels, path.read_bytes()) == (1, before)
    heard = decode.read_mono(tmp_path / "x.m4a", rate=RATE)
    said = voice(seed=3)
    likeness = np.corrcoef(heard[: said.size], said[: heard.size])[0, 1]
    assert abs(likeness) > 0.9
    assert -21 < 20 * np.log10(np.sqrt(np.mean(heard**2))) < -14
