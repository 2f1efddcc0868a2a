"""Cutting at silences, on a real voice: nothing said is lost, nothing silent is kept, and memory stays small."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ingest.engines.window import SAMPLE_RATE, SAMPLES_PER_MS, Audio, Window, WindowPiece
from ingest.recognition.splitting import SpeechPhrase, phrases, window_ms, windows
from media.decode import read_mono

VOICE = Path(__file__).parents[3] / "ingest/samples/until-my-son-comes-home.wav"


@pytest.fixture(scope="module")
def voice() -> Audio:
    return read_mono(VOICE)


@pytest.fixture(scope="module")
def found(voice: Audio) -> list[SpeechPhrase]:
    return list(phrases([voice]))


def blocks(sound: Audio, size: int) -> Iterator[Audio]:
    return (sound[at : at + size] for at in range(0, len(sound), size))


def test_phrases_are_the_recording_at_their_own_times(voice: Audio, found: list[SpeechPhrase]) -> None:
    assert len(found) > 5
    for phrase in found:
        there = voice[phrase.start_ms * SAMPLES_PER_MS :][: len(phrase.audio)]
        assert np.array_equal(phrase.audio, there)
        assert phrase.start_ms <= phrase.speech.start_ms < phrase.speech.end_ms <= phrase.end_ms
    for before, after in pairwise(found):
        assert before.end_ms <= after.start_ms


@pytest.mark.parametrize("size", [777, 16_000, 480_000])
def test_how_the_stream_is_cut_into_blocks_changes_nothing(voice: Audio, found: list[SpeechPhrase], size: int) -> None:
    again = list(phrases(blocks(voice, size)))
    assert [(p.start_ms, p.end_ms, p.speech) for p in again] == [(p.start_ms, p.end_ms, p.speech) for p in found]
    assert all(np.array_equal(a.audio, b.audio) for a, b in zip(again, found, strict=True))


def test_silence_and_a_tone_are_no_phrases() -> None:
    moments = np.arange(60 * SAMPLE_RATE, dtype=np.float32) / SAMPLE_RATE
    tone = (0.3 * np.sin(2 * np.pi * 440 * moments)).astype(np.float32)
    assert list(phrases([np.zeros(60 * SAMPLE_RATE, dtype=np.float32), tone])) == []
    assert list(phrases([])) == []


def test_a_long_silence_is_left_out_and_moments_after_it_stay_true(voice: Audio, found: list[SpeechPhrase]) -> None:
    quiet_ms = 60_032
    gap = np.zeros(quiet_ms * SAMPLES_PER_MS, dtype=np.float32)
    shifted = list(phrases([gap, voice]))
    assert abs(shifted[0].speech.start_ms - quiet_ms - found[0].speech.start_ms) <= 64, (
        "a voice after a long silence is heard from its first sound"
    )
    assert sum(len(p.audio) for p in shifted) < len(voice) + SAMPLE_RATE


def test_windows_hold_every_phrase_once_and_none_is_too_long(found: list[SpeechPhrase]) -> None:
    for longest_ms in (12_000, 30_000):
        packed = list(windows(found, longest_ms))
        assert all(len(window.audio) <= longest_ms * SAMPLES_PER_MS for window in packed)
        assert np.array_equal(
            np.concatenate([window.audio for window in packed]), np.concatenate([phrase.audio for phrase in found])
        )
        assert [span for window in packed for span in window.speech] == [phrase.speech for phrase in found]


def test_somebody_who_never_pauses_is_cut_without_losing_a_sample(found: list[SpeechPhrase]) -> None:
    breathless = np.concatenate(
        [p.audio[(p.speech.start_ms - p.start_ms) * SAMPLES_PER_MS :][: p.speech.duration_ms * SAMPLES_PER_MS]
         for p in found]
    )  # fmt: skip
    cut = list(phrases([np.tile(breathless, 3)], longest_ms=5_000))
    assert max(p.end_ms - p.start_ms for p in cut) <= 5_000
    assert cut[-1].end_ms - cut[0].start_ms >= 3 * len(breathless) // SAMPLES_PER_MS - 2_000


def test_memory_does_not_grow_with_the_recording(voice: Audio) -> None:
    def peak(times: int) -> int:
        tracemalloc.start()
        for window in windows(phrases(block for _ in range(times) for block in blocks(voice, 160_000))):
            assert len(window.audio) <= 480_000
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(12) < peak(4) * 1.2


def test_a_moment_in_a_window_is_found_in_the_piece_that_holds_it() -> None:
    window = Window(
        np.zeros(3 * SAMPLE_RATE, dtype=np.float32),
        1_000,
        62_000,
        (WindowPiece(0, 1_000, 2_000), WindowPiece(1_000, 60_000, 62_000)),
    )
    assert window.in_recording(100, 300).start_ms == 1_100
    later = window.in_recording(1_500, 1_900)
    assert (later.start_ms, later.end_ms) == (60_500, 60_900)
    across = window.in_recording(900, 1_300)  # its middle is in the second piece, and so is all of it
    assert (across.start_ms, across.end_ms) == (60_000, 60_300)


def test_khmer_windows_are_short_enough_for_its_letters_to_fit() -> None:
    assert window_ms("km") < window_ms("en") == window_ms(None) == 30_000
    assert window_ms("km-KH") == window_ms("km")


def test_a_window_gives_the_sound_of_a_span_without_what_was_left_out() -> None:
    sound = np.arange(40 * SAMPLES_PER_MS, dtype=np.float32)
    pieces = (WindowPiece(0, 1000, 1020), WindowPiece(20, 5000, 5020))
    window = Window(sound, 1000, 5020, pieces)
    assert np.array_equal(window.sound(1005, 1010), sound[5 * SAMPLES_PER_MS : 10 * SAMPLES_PER_MS])
    assert np.array_equal(window.sound(1015, 5005), sound[15 * SAMPLES_PER_MS : 25 * SAMPLES_PER_MS])
    assert len(window.sound(2000, 3000)) == 0
    assert np.array_equal(Window(sound, 1000, 1040).sound(0, 9000), sound), "one unbroken stretch"
