"""The instrumental is found beside the vocal, to the millisecond where it can be and with a warning where it cannot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.offset import NoCommonSound, Offset, OffsetWindow, find_offset
from tests.media.conftest import encode, write_wav

RATE = 22_050


def accompaniment(seconds: float, seed: int = 3) -> np.ndarray:
    """Plucked notes on an uneven beat over a drum's noise: what a small band leaves in both recordings."""
    dice = np.random.default_rng(seed)
    sound = np.zeros(round(seconds * RATE) + RATE)
    at = 0.3
    while at < seconds:
        start, length = round(at * RATE), RATE // 2
        t = np.arange(length) / RATE
        sound[start : start + length] += (
            0.2 * np.sin(2 * np.pi * dice.choice([196, 220, 262, 330, 392]) * t) * np.exp(-6 * t)
        )
        sound[start : start + 800] += dice.normal(0, 0.1, 800) * np.linspace(1, 0, 800)
        at += dice.choice([0.24, 0.26, 0.5, 0.51])
    return sound[: round(seconds * RATE)]


def voice(seconds: float) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    return (
        0.25 * np.sin(2 * np.pi * (240 + 30 * np.sin(2 * np.pi * 0.7 * t)) * t) * (np.sin(2 * np.pi * 0.2 * t) > -0.3)
    )


@pytest.mark.parametrize("late_ms", [0, 37, 1234, -870, 9000])
def test_the_offset_is_found_under_a_voice(tmp_path: Path, late_ms: int) -> None:
    band = accompaniment(40)
    write_wav(tmp_path / "vocal.wav", band + voice(40), RATE)
    shifted = (
        np.concatenate([np.zeros(late_ms * RATE // 1000), band]) if late_ms >= 0 else band[-late_ms * RATE // 1000 :]
    )
    write_wav(tmp_path / "in.wav", shifted * 0.6, RATE)
    found = find_offset(tmp_path / "vocal.wav", encode(tmp_path / "in.wav", tmp_path / "instrumental.mp3"))
    assert abs(found.offset_ms - late_ms) <= 5
    assert found.in_step
    assert abs(found.drift_ppm) < 200


def test_a_drifting_take_is_not_in_step(tmp_path: Path) -> None:
    band = accompaniment(60)
    positions = np.arange(round(60 * RATE * 1.001)) / 1.001
    slower = np.interp(positions, np.arange(band.size), band)
    found = find_offset(write_wav(tmp_path / "a.wav", band, RATE), write_wav(tmp_path / "b.wav", slower, RATE))
    assert not found.in_step
    assert 800 < found.drift_ppm < 1200


@pytest.mark.parametrize("percent", [-1.0, -0.45, 0.2, 0.6, 1.0])
def test_the_same_song_at_another_speed_is_told_with_its_speed(tmp_path: Path, percent: float) -> None:
    band = accompaniment(60)
    positions = np.arange(round(60 * RATE * (1 + percent / 100))) / (1 + percent / 100)
    run = np.concatenate([np.zeros(RATE // 3), np.interp(positions, np.arange(band.size), band)])
    write_wav(tmp_path / "b.wav", run * 0.7, RATE)
    found = find_offset(
        write_wav(tmp_path / "a.wav", band + voice(60), RATE), encode(tmp_path / "b.wav", tmp_path / "b.mp3")
    )
    assert abs(found.drift_ppm - percent * 10_000) <= 50
    assert (found.in_step, found.another_speed) == (False, True)
    assert abs(found.offset_ms - (333 + 300 * percent)) <= 60 * abs(percent)  # in the middle, to a window's length
    first = found.clear[0]
    assert abs(first.offset_ms - (333 + first.at_ms * percent / 100)) <= 5


def test_a_gap_in_the_middle_is_not_in_step(tmp_path: Path) -> None:
    band = accompaniment(60)
    cut = np.concatenate([band[: 30 * RATE], band[30 * RATE + RATE // 10 :]])
    found = find_offset(write_wav(tmp_path / "a.wav", band, RATE), write_wav(tmp_path / "b.wav", cut, RATE))
    assert found.spread_ms > 20
    assert not found.in_step
    assert not found.another_speed


def test_another_song_has_nothing_in_common(tmp_path: Path) -> None:
    one = write_wav(tmp_path / "a.wav", accompaniment(40, seed=1), RATE)
    with pytest.raises(NoCommonSound):
        find_offset(one, write_wav(tmp_path / "b.wav", accompaniment(40, seed=2), RATE))
    with pytest.raises(NoCommonSound):
        find_offset(one, write_wav(tmp_path / "c.wav", np.zeros(RATE * 40), RATE))


def test_silence_at_the_end_says_nothing(tmp_path: Path) -> None:
    band = np.concatenate([accompaniment(24), np.zeros(6 * RATE)])
    late = np.concatenate([np.zeros(RATE * 3 // 4), band])
    write_wav(tmp_path / "in.wav", late, RATE)
    told: list[float] = []
    found = find_offset(
        write_wav(tmp_path / "a.wav", band, RATE),
        encode(tmp_path / "in.wav", tmp_path / "instrumental.mp3"),
        progress=told.append,
    )
    assert (abs(found.offset_ms - 750) <= 5, found.in_step) == (True, True)
    assert told == sorted(told)
    assert told[-1] > 0.8


def test_a_few_clear_windows_at_one_end_do_not_speak_for_the_whole() -> None:
    windows = tuple(OffsetWindow(3000 + 6000 * n, 0.0, 9.0 if n < 3 else 1.0) for n in range(9))
    assert not Offset(0, 0.0, 0.0, windows).in_step
    assert Offset(0, 0.0, 0.0, tuple(OffsetWindow(w.at_ms, 0.0, 9.0) for w in windows)).in_step
