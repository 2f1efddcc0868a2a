"""The listening file: in time, at one loudness, always the same bytes, and nothing of the original but its sound."""

from __future__ import annotations

import base64
import hashlib
import shutil
from pathlib import Path

import mutagen
import numpy as np
import pytest
from mutagen.id3 import COMM, ID3, PRIV, TIT2, USLT
from playwright.sync_api import Browser

from media.decode import probe, read_mono
from media.derive import RATE, make_listening
from media.loudness import amplified, measure
from media.peaks import Outline
from media.refused import NotSound
from tests.media.conftest import chirps, write_wav

CANARIES = ("Sokha-canary", "សុខាកាណារី")


def lag(heard: np.ndarray, meant: np.ndarray, most: int = 4410) -> int:
    """By how many samples `heard` comes after `meant`, by cross-correlation."""
    size = 1 << (heard.size + meant.size - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(meant, size)), size)
    near = np.concatenate([product[-most:], product[: most + 1]])
    return int(np.argmax(near)) - most


@pytest.mark.parametrize("suffix", ["wav", "mp3", "m4a", "opus", "amr"])
def test_time_in_the_listening_file_is_time_in_the_original(
    sounds: dict[str, Path], tmp_path: Path, suffix: str, each_ffmpeg: str
) -> None:
    made = make_listening(sounds[suffix], tmp_path / "out.m4a")
    original, derived = read_mono(sounds[suffix], rate=RATE), read_mono(tmp_path / "out.m4a", rate=RATE)
    assert abs(lag(derived, original)) <= 2
    assert abs(made.duration_ms - probe(sounds[suffix]).duration_ms) <= 1
    assert 0 <= derived.size - made.duration_ms * RATE // 1000 <= 1024 + RATE // 1000


def test_a_quiet_voice_with_a_bang_stays_in_time(tmp_path: Path, each_ffmpeg: str) -> None:
    """One constant gain would clip here, so the gain moves; the words may not."""
    sound = chirps(12) * 0.02
    sound[200_000:200_400] = 0.98
    make_listening(write_wav(tmp_path / "in.wav", sound), tmp_path / "out.m4a")
    derived = read_mono(tmp_path / "out.m4a", rate=RATE)
    assert abs(lag(derived[:150_000], sound[:150_000])) <= 2
    assert abs(lag(derived[300_000:500_000], sound[300_000:500_000])) <= 2


def test_recordings_come_out_equally_loud(tmp_path: Path, each_ffmpeg: str) -> None:
    for level in (0.03, 0.9):
        write_wav(tmp_path / "in.wav", chirps(8) * level)
        make_listening(tmp_path / "in.wav", tmp_path / "out.m4a")
        after = measure(tmp_path / "out.m4a", channels=1)
        assert abs(after.integrated + 18) < 1
        assert after.true_peak <= -1


def test_silence_stays_silent(tmp_path: Path, each_ffmpeg: str) -> None:
    make_listening(write_wav(tmp_path / "in.wav", np.zeros(RATE * 2)), tmp_path / "out.m4a")
    assert np.max(np.abs(read_mono(tmp_path / "out.m4a"))) < 1e-4


def test_the_same_recording_gives_the_same_bytes(sounds: dict[str, Path], tmp_path: Path, each_ffmpeg: str) -> None:
    for suffix in ("m4a", "mp3", "wav", "flac"):
        hashes = set()
        for run in range(2):
            target = tmp_path / f"{run}.{suffix}"
            make_listening(sounds["mp3"], target)
            hashes.add(hashlib.sha256(target.read_bytes()).hexdigest())
        assert len(hashes) == 1, suffix


def test_nothing_of_the_tags_passes_along(sounds: dict[str, Path], tmp_path: Path, each_ffmpeg: str) -> None:
    tagged = tmp_path / "tagged.mp3"
    shutil.copy(sounds["mp3"], tagged)
    tags = ID3(tagged)
    for canary in CANARIES:
        tags.add(TIT2(encoding=1, text=canary))
        tags.add(COMM(encoding=1, lang="khm", desc=canary, text=canary))
        tags.add(USLT(encoding=3, lang="khm", desc=canary, text=canary))
        tags.add(
            PRIV(owner=canary, data=canary.encode()) if canary.isascii() else PRIV(owner="x", data=canary.encode())
        )
    tags.save(tagged)
    for suffix in ("m4a", "mp3", "wav", "flac"):
        target = tmp_path / f"out.{suffix}"
        make_listening(tagged, target)
        data = target.read_bytes()
        for canary in CANARIES:
            for coding in ("utf-8", "utf-16-le", "utf-16-be"):
                assert canary.encode(coding) not in data, (suffix, coding)
        assert not [key for key in (mutagen.File(target).tags or {}) if key not in {"vendor", "©too"}]


def test_the_index_lies_in_front(sounds: dict[str, Path], tmp_path: Path) -> None:
    make_listening(sounds["flac"], tmp_path / "out.m4a")
    data = (tmp_path / "out.m4a").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_the_original_is_untouched_and_a_failure_leaves_nothing(sounds: dict[str, Path], tmp_path: Path) -> None:
    before = sounds["flac"].read_bytes()
    make_listening(sounds["flac"], tmp_path / "out.m4a")
    assert sounds["flac"].read_bytes() == before
    (tmp_path / "letter.mp3").write_text("no sound")
    with pytest.raises(NotSound):
        make_listening(tmp_path / "letter.mp3", tmp_path / "never.m4a")
    assert not (tmp_path / "never.m4a").exists()


def test_progress_only_grows_to_the_whole(sounds: dict[str, Path], tmp_path: Path) -> None:
    told: list[float] = []
    make_listening(sounds["wav"], tmp_path / "out.m4a", progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0, abs=0.01)


def outline_of(sound: np.ndarray, size: int) -> Outline:
    outline = Outline(RATE)
    for at in range(0, len(sound), size):
        outline.add(sound[at : at + size, np.newaxis].astype(np.float32))
    return outline


def test_peaks_follow_the_sound() -> None:
    sound = np.zeros(RATE * 3)
    sound[RATE + 500 : RATE + 1500] = 0.5 * np.sin(np.arange(1000) * 0.2)
    peaks = outline_of(sound, RATE).peaks()
    assert outline_of(sound, 1000).peaks() == peaks, "however it comes in"
    assert peaks.duration_ms == 3000
    assert len(peaks.values) == 60
    loud = [index for index, value in enumerate(peaks.values) if value > 10]
    assert loud == [20]
    assert 40 <= peaks.values[20] <= 60
    assert peaks.to_json().startswith('{"version":1,"duration_ms":3000,"per_second":20,"peaks":[0,0,')


def test_the_outline_of_a_listening_file_is_that_of_its_sound(tmp_path: Path) -> None:
    sound = np.concatenate((np.zeros(RATE), chirps(1.52)))
    made = make_listening(write_wav(tmp_path / "in.wav", sound), tmp_path / "out.m4a")
    assert made.peaks.duration_ms == made.duration_ms == 2520
    assert len(made.peaks.values) == 51, "the last one stands for the rest"
    heard = np.abs(read_mono(tmp_path / "out.m4a", rate=RATE))
    played = [heard[at : at + RATE // 20].max() * 100 for at in range(0, 50 * RATE // 20, RATE // 20)]
    assert max(made.peaks.values[:19]) == 0
    assert np.allclose(played[21:], list(made.peaks.values[21:50]), atol=12)


def test_the_gain_is_one_number_save_around_peaks() -> None:
    sound = (chirps(2) * 0.3)[:, np.newaxis]
    sound[40_000] = 0.9
    expected = sound * 10 ** (6 / 20)
    for size in (300, 5000, 88_200):
        blocks = (sound[at : at + size] for at in range(0, len(sound), size))
        result = np.concatenate(list(amplified(blocks, 6.0, RATE)))
        assert result.shape == sound.shape
        assert np.max(np.abs(result)) <= 10 ** (-2.5 / 20) + 1e-6
        untouched = np.abs(np.arange(len(sound)) - 40_000) > 2 * 4 * RATE // 1000
        assert np.allclose(result[untouched], expected[untouched], atol=1e-6)


@pytest.mark.browser
def test_chromium_hears_time_zero_at_time_zero(tmp_path: Path, each_ffmpeg: str, browser: Browser) -> None:
    """The encoder's run-in must be cut by the browser too, or every word is lit too late."""
    sound = np.zeros(RATE * 2, dtype=np.float32)
    for onset in (0.5, 1.0, 1.5):
        start = round(onset * RATE)
        sound[start : start + 2000] = chirps(2000 / RATE)[:2000] * 2
    make_listening(write_wav(tmp_path / "in.wav", sound), tmp_path / "out.m4a")
    script = """async data => {
      const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
      const context = new OfflineAudioContext(1, 44100, 44100);
      const buffer = await context.decodeAudioData(bytes.buffer);
      return Array.from(buffer.getChannelData(0));
    }"""
    page = browser.new_page()
    heard = np.array(page.evaluate(script, base64.b64encode((tmp_path / "out.m4a").read_bytes()).decode()))
    page.close()
    assert abs(lag(heard, sound)) <= RATE // 1000
