"""Each of two people on a channel of their own is heard alone, in the recording's time, with nothing of the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media import channels
from media.decode import read_mono
from tests.media.conftest import write_wav
from tests.media.test_findings import RATE, both, turns, voice

BLEED, SOFT = 0.03, 0.1


def alone(path: Path, side: int) -> np.ndarray:
    return np.concatenate(list(channels.one_person(path, side, channels.listen(path))))


def rms(sound: np.ndarray, begin_s: float, end_s: float) -> float:
    return float(np.sqrt(np.mean(np.square(sound[round(begin_s * 16_000) : round(end_s * 16_000)]))))


@pytest.fixture
def interview(tmp_path: Path) -> Path:
    """From 0 to 5 s and from 10 to 15 s the left one speaks, else the right one; from 12 to 15 s both do."""
    first, second = voice(20, 3), voice(20, 4)
    at = np.arange(first.size) / RATE
    left = first * (at % 10 < 5)
    right = second * ((at % 10 >= 5) | ((at > 12) & (at < 15)))
    path = tmp_path / "interview.wav"
    return write_wav(path, np.stack([left + BLEED * right, SOFT * (right + BLEED * left)], axis=1))


def test_one_hears_each_person_and_not_the_other(interview: Path) -> None:
    left, right = (alone(interview, side) for side in (0, 1))
    assert left.size == right.size == 20 * 16_000
    assert rms(left, 0.2, 4.8) > 0.04
    assert rms(left, 5.5, 9.5) == 0
    assert rms(right, 0.5, 4.5) == 0
    assert rms(right, 5.2, 9.8) > 0.05  # ten times as soft in the file


def test_where_both_speak_both_are_kept(interview: Path) -> None:
    meant = read_mono(write_wav(interview.with_name("right.wav"), voice(20, 4)))
    left, right = (alone(interview, side)[12 * 16_000 : 15 * 16_000] for side in (0, 1))
    assert np.corrcoef(right, meant[12 * 16_000 : 15 * 16_000])[0, 1] > 0.95
    assert rms(left, 0, 3) > 0.05


def test_a_softer_microphone_is_a_person_all_the_same(interview: Path) -> None:
    assert channels.by_turns(channels.listen(interview))


@pytest.mark.parametrize("name", ["one voice twice", "silence", "nothing", "noise beside a voice"])
def test_what_is_not_two_people_is_not_taken_for_them(tmp_path: Path, name: str) -> None:
    noise = np.random.default_rng(1).normal(0, 0.004, 20 * RATE)
    made = {
        "one voice twice": both(voice()),
        "silence": np.zeros((RATE, 2)),
        "nothing": np.zeros((10, 2)),
        "noise beside a voice": np.stack([voice(), noise], axis=1),
    }[name]
    levels = channels.listen(write_wav(tmp_path / "x.wav", made))
    assert not channels.by_turns(levels)


def test_turns_stay_where_they_are(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "x.wav", turns())
    sides = [alone(path, side) for side in (0, 1)]
    spans = [(0.5, 4.5), (5.5, 9.5), (10.5, 14), (15.5, 19)]
    assert [int(np.argmax([rms(side, *span) for side in sides])) for span in spans] == [0, 1, 0, 1]
