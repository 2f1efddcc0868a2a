"""Tiny real recordings, made on the spot so that nobody's voice lies in the repository."""

from __future__ import annotations

import shutil
import subprocess
import wave
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from media import ffmpeg

RATE = 44_100

ENCODINGS = {
    "wav": "",
    "mp3": "-b:a 96k",
    "m4a": "-b:a 96k",
    "ogg": "-c:a libvorbis",
    "opus": "-c:a libopus",
    "flac": "",
    "webm": "-c:a libopus",
    "aac": "",
    "amr": "-ar 8000 -ac 1 -c:a libopencore_amrnb",
    "3gp": "-ar 8000 -ac 1 -c:a libopencore_amrnb",
}


def write_wav(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    """Write float samples of shape (n,) or (n, channels) as 16-bit PCM."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def chirps(seconds: float, rate: int = RATE, seed: int = 7) -> np.ndarray:
    """Sound that differs at every moment, so that a shift of a few samples shows: noise bursts over a rising tone."""
    t = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(seed).normal(0, 0.08, t.size) * (np.sin(2 * np.pi * 1.3 * t) > 0)
    return (0.25 * np.sin(2 * np.pi * (200 + 150 * t / max(seconds, 1e-9)) * t) + noise).astype(np.float32)


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same three seconds of sound in every container that is taken."""
    folder = tmp_path_factory.mktemp("sounds")
    source = write_wav(folder / "source.wav", np.stack([chirps(3), chirps(3, seed=8)], axis=1))
    made = {}
    for suffix, arguments in ENCODINGS.items():
        made[suffix] = folder / f"sound.{suffix}"
        encode(source, made[suffix], *arguments.split())
    return made


def encode(source: Path, target: Path, *arguments: str) -> Path:
    """Encode with the wheel's ffmpeg, which has every encoder on every machine."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", "-i", str(source)]
    subprocess.run([*command, *arguments, str(target)], check=True, timeout=60)
    return target


@pytest.fixture(params=[pytest.param("system", marks=pytest.mark.ffmpeg), "wheel"])
def each_ffmpeg(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test once with the system's ffmpeg, where there is one, and once with the wheel's."""
    chosen: str = shutil.which("ffmpeg") if request.param == "system" else imageio_ffmpeg.get_ffmpeg_exe()
    chooser: Callable[[], str] = lambda: chosen  # noqa: E731
    monkeypatch.setattr(ffmpeg, "binary", chooser)
    return chosen
