"""What goes to a station: measured at -23 LUFS by ffmpeg's own meter, with a page that says what it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from media.broadcast import Programme, cue_sheet, make_broadcast
from media.decode import probe, read_mono
from media.derive import RATE, make_listening
from media.loudness import measure
from tests.media.conftest import chirps, write_wav


def test_both_files_are_at_broadcast_loudness(tmp_path: Path, each_ffmpeg: str) -> None:
    told: list[float] = []
    source = write_wav(tmp_path / "in.wav", chirps(6))
    make_broadcast(source, tmp_path / "out.wav", tmp_path / "out.mp3", progress=told.append)
    for name in ("out.wav", "out.mp3"):
        heard = measure(tmp_path / name)
        assert abs(heard.integrated + 23) <= 0.5
        assert heard.true_peak <= -1
        assert probe(tmp_path / name).channels == 2
    assert told == sorted(told)


def test_the_cue_sheet_says_what_a_studio_asks() -> None:
    sheet = cue_sheet(
        Programme("ចម្រៀង", "Messenger Band", credits=("Words: A", "Music: B"), first_words="ខ្ញុំ"), 185_400, 12_300
    )
    assert "Title       ចម្រៀង\n" in sheet
    assert "Duration    3:05\nIntro       0:12\n" in sheet
    assert "Credits     Words: A\n            Music: B\n" in sheet
    assert "Contact" not in sheet


def test_an_instrumental_is_moved_into_the_time_of_its_vocal(tmp_path: Path) -> None:
    sound = chirps(3)
    source = write_wav(tmp_path / "in.wav", sound)
    for begin in (700, -450):
        make_listening(source, tmp_path / "out.wav", begin_ms=begin, length_ms=4000)
        moved = read_mono(tmp_path / "out.wav", rate=RATE)
        make_listening(source, tmp_path / "plain.wav")
        plain = read_mono(tmp_path / "plain.wav", rate=RATE)
        frames = abs(begin) * RATE // 1000
        expected = plain[frames:] if begin > 0 else np.concatenate([np.zeros(frames, np.float32), plain])
        assert moved.size == 4 * RATE
        assert np.array_equal(moved[: expected.size], expected[: moved.size])
        assert not np.any(moved[expected.size :])
