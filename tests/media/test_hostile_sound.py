"""Sound files that lie, are damaged, or are meant to harm: each is one refusal, soon, and ffmpeg has its limits."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from media import decode, ffmpeg
from media.decode import probe
from media.refused import Broken, NotSound, Refused
from media.tags import Tags, tags_apart


def wav(rate: int = 8000, channels: int = 1, data: bytes = b"\0" * 16_000, kind: int = 1, bits: int = 16) -> bytes:
    size = channels * bits // 8
    shape = struct.pack("<HHIIHH", kind, channels, rate & 0xFFFFFFFF, rate * size & 0xFFFFFFFF, size & 0xFFFF, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(shape)) + shape + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("rate", [1, 100, 2**31 - 1])
def test_a_rate_that_no_recorder_writes_is_refused_before_it_is_decoded(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(wav(rate))
    with pytest.raises(Refused):
        probe(path)


def test_a_thousand_channels_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(wav(channels=1000, data=b"\0" * 200_000))
    with pytest.raises(Refused):
        probe(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused_with_a_way_out(tmp_path: Path, value: float) -> None:
    samples = np.zeros(8000, dtype="<f4")
    samples[4000] = value
    path = tmp_path / "x.wav"
    path.write_bytes(wav(data=samples.tobytes(), kind=3, bits=32))
    with pytest.raises(Broken, match="save it as WAV"):
        probe(path)


def test_what_a_broken_stream_decodes_to_is_silence() -> None:
    made = decode.numbers(np.array([0.5, np.nan, np.inf, -np.inf], dtype=np.float32))
    assert made.tolist() == [0.5, 0.0, 1.0, -1.0]


def test_a_guess_from_a_few_bytes_is_no_name(tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(b"\0" * 4096 + b"\xff\xfb")
    with pytest.raises(Refused) as refused:
        probe(path)
    assert "embroidery" not in refused.value.reason


def test_tags_that_unpack_without_end_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + b"APIC" * 100_000)
    assert tags_apart(path) == Tags()


@pytest.mark.parametrize(
    "limits",
    [
        ffmpeg.FfmpegLimits(1, 512 * 1024 * 1024, 0, 60.0),
        ffmpeg.FfmpegLimits(60, 512 * 1024 * 1024, 0, 0.3),
    ],
    ids=["processor time", "time in all"],
)
def test_ffmpeg_ends_when_its_time_is_over(limits: ffmpeg.FfmpegLimits) -> None:
    endless = ["-f", "lavfi", "-i", "anoisesrc=r=192000", "-af", "aresample=384000", "-f", "null", "-"]
    with pytest.raises(ffmpeg.FfmpegStalled), ffmpeg.Process(endless, limits=limits) as process:
        for _ in process.pieces():
            pass


def test_ffmpeg_writes_no_file_while_it_reads(tmp_path: Path) -> None:
    target = tmp_path / "left.wav"
    sound = ["-f", "lavfi", "-i", "sine=d=20", ffmpeg.output_file(target)]
    with pytest.raises((ffmpeg.FfmpegStalled, ffmpeg.FfmpegFailed)):
        ffmpeg.run(sound, limits=ffmpeg.reading())
    assert not target.exists() or target.stat().st_size == 0


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(NotSound):
        probe(tmp_path)
