"""Redaction of sound: nothing of the span, everything of the rest, to the sample."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.timing import Span
from media.decode import read_mono
from media.derive import RATE, make_listening
from media.loudness import measure
from media.redact import FADE_MS, redacted
from tests.media.conftest import chirps, write_wav

SILENT = 10 ** (-80 / 20)


def whole(
    sound: np.ndarray, spans: list[Span], rate: int = RATE, mode: str = "silence", block: int = 5000
) -> np.ndarray:
    frames = sound.reshape(len(sound), -1)
    blocks = [frames[at : at + block] for at in range(0, len(frames), block)]
    return np.concatenate(list(redacted(blocks, spans, rate, mode)))[:, 0]


@st.composite
def _spans(draw: st.DrawFn) -> list[Span]:
    pairs = draw(st.lists(st.tuples(st.integers(0, 1100), st.integers(0, 400)), max_size=6))
    return [Span(start, start + length) for start, length in pairs]


@given(_spans(), st.sampled_from([8000, 16_000, 44_100]), st.integers(100, 9000))
def test_silent_inside_identical_outside(spans: list[Span], rate: int, block: int) -> None:
    sound = np.random.default_rng(1).uniform(-1, 1, rate).astype(np.float32)
    result = whole(sound, spans, rate, block=block)
    assert result.size == sound.size
    assert result.dtype == np.float32
    time_ms = np.arange(rate) * 1000 / rate
    inside = np.zeros(rate, dtype=bool)
    near = np.zeros(rate, dtype=bool)
    for span in spans:
        if span.duration_ms:
            inside |= (time_ms >= span.start_ms) & (time_ms < span.end_ms)
            near |= (time_ms > span.start_ms - FADE_MS - 1) & (time_ms < span.end_ms + FADE_MS + 1)
    assert np.all(result[inside] == 0)
    assert np.array_equal(result[~near], sound[~near])
    assert np.all(np.abs(result) <= np.abs(sound))


def test_fades_make_no_click() -> None:
    steady = np.full(RATE, 0.5, dtype=np.float32)
    result = whole(steady, [Span(300, 600)])
    assert np.max(np.abs(np.diff(result))) < 0.5 / (FADE_MS * RATE / 1000) * 1.1


def test_a_tone_marks_the_span_and_carries_nothing_of_it() -> None:
    first, second = chirps(1, seed=1), chirps(1, seed=2)
    start, end = 300 * RATE // 1000, 600 * RATE // 1000
    second[:start], second[end:] = first[:start], first[end:]
    one, other = (whole(sound, [Span(300, 600)], mode="tone") for sound in (first, second))
    assert np.array_equal(one, other)
    assert 0.09 < np.max(np.abs(one[start:end])) <= 0.1


@pytest.mark.parametrize("suffix", ["m4a", "mp3", "wav", "flac"])
def test_a_redacted_file_has_nothing_in_the_span_and_the_same_length(
    tmp_path: Path, suffix: str, each_ffmpeg: str
) -> None:
    source = write_wav(tmp_path / "in.wav", chirps(4))
    before = hashlib.sha256(source.read_bytes()).digest()
    spans = [Span(1000, 1800), Span(2500, 2620)]
    plain = make_listening(source, tmp_path / f"plain.{suffix}")
    taken = make_listening(source, tmp_path / f"redacted.{suffix}", redactions=spans)
    assert taken.duration_ms == plain.duration_ms == 4000
    one, other = (read_mono(tmp_path / f"{name}.{suffix}", rate=RATE) for name in ("plain", "redacted"))
    assert one.size == other.size
    margin = 50 if suffix in {"m4a", "mp3"} else 0
    for span in spans:
        inside = other[(span.start_ms + margin) * RATE // 1000 : (span.end_ms - margin) * RATE // 1000]
        assert np.max(np.abs(inside)) < SILENT
        assert np.max(np.abs(one[span.start_ms * RATE // 1000 : span.end_ms * RATE // 1000])) > 0.05
    if suffix in {"wav", "flac"}:
        outside = np.ones(one.size, dtype=bool)
        for span in spans:
            outside[(span.start_ms - FADE_MS - 1) * RATE // 1000 : (span.end_ms + FADE_MS + 1) * RATE // 1000] = False
        assert np.array_equal(one[outside], other[outside])
    assert hashlib.sha256(source.read_bytes()).digest() == before


@pytest.mark.parametrize("suffix", ["m4a", "mp3", "wav"])
def test_what_was_in_the_span_changes_no_byte(tmp_path: Path, suffix: str, each_ffmpeg: str) -> None:
    """At one gain, recordings that differ only under the mark give the same file: no byte of it can speak."""
    loudness = None
    quiet, name = chirps(4), chirps(4)
    start, end = 1500 * RATE // 1000, 2300 * RATE // 1000
    name[start:end] = chirps(0.8, seed=99)[: end - start] * 0.9
    made = []
    for number, sound in enumerate((quiet, name)):
        target = tmp_path / f"{number}.{suffix}"
        source = write_wav(tmp_path / f"{number}-in.wav", sound)
        loudness = loudness or measure(source, channels=1)
        make_listening(source, target, loudness=loudness, redactions=[Span(1500, 2300)])
        made.append(target.read_bytes())
    assert made[0] == made[1]


def test_the_outline_of_a_name_is_gone_too(tmp_path: Path) -> None:
    source = write_wav(tmp_path / "in.wav", chirps(3))
    peaks = make_listening(source, tmp_path / "out.m4a", redactions=[Span(1000, 2000)]).peaks
    assert max(peaks.values[21:39]) == 0
    assert min(peaks.values[:19]) > 5
