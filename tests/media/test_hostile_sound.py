"""Sound files that lie, are damaged, or are meant to harm: each is one refusal, soon, and ffmpeg has its limits."""

from __future__ import annotations

import os
import random
import resource
import sys
from pathlib import Path

import numpy as np
import pytest

from media import apart, decode, ffmpeg
from media.decode import probe
from media.derive import make_listening
from media.refused import Broken, NotSound, Refused
from media.sniff import bytes_before_sound, demuxer_of
from media.tags import Tags, tags_apart
from tests.media import hostile_sound
from tests.media.hostile_sound import Content, wav

SEED = 20261128
A_FEW = 16
CPU_S = 2.0
KINDS = set("unknown wav mov flac ogg matroska amr mp3 aac aiff asf au avi caf flv mpeg mpegts w64 wv".split())  # noqa: SIM905
FOUND_TO_MATTER = {
    "hole.wav", "hole.mp3", "nothing-known.mp3", "many-chunks.wav", "many-data.wav", "bombs.mp3", "chapters.mp3",
    "different-frames.mp3", "nan-32.wav", "rate-1.wav", "rate-2147483647.wav", "deep-moov.m4a", "cover.m4a",
    "chained-garbage.ogg", "modes.amr", "wide.amr", "rough.aac",
}  # fmt: skip
"""What once stopped a reader, or ended in a traceback: these are tried each time, and a few others by chance."""


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Content]:
    made = list(hostile_sound.sounds(SEED, hostile_sound.real_sounds(tmp_path_factory.mktemp("real"))))
    found = dict(made)
    assert len(found) == len(made) >= 250
    return found


def treated(path: Path, made: Path) -> tuple[str, float]:
    """What an upload goes through but for the archive around it: a sentence and the processor's seconds."""
    before = os.times()
    try:
        demuxer_of(path)
        probe(path)
        tags_apart(path)
        make_listening(path, made)
        said = "Taken."
    except Refused as refused:
        said = str(refused)
    return said, sum(os.times()[:4]) - sum(before[:4])


def is_one_sentence(said: str) -> bool:
    return said[-1] == "." and "\n" not in said and len(said) < 200


def test_hostile_sound_is_treated_or_told(tmp_path: Path, cases: dict[str, Content]) -> None:
    assert set(cases) >= FOUND_TO_MATTER
    drawn = {*FOUND_TO_MATTER, *random.Random().sample(sorted(cases), A_FEW)}
    folder = tmp_path / "one"
    folder.mkdir()
    before = _most_memory()
    for name in sorted(drawn):
        path = hostile_sound.write(folder / "x", cases[name])
        said, spent = treated(path, tmp_path / "made.m4a")
        assert is_one_sentence(said), (name, said)
        assert spent < CPU_S, (name, spent)
        assert [one.name for one in folder.iterdir()] == ["x"]
        assert (tmp_path / "made.m4a").exists() == (said == "Taken."), name
        (tmp_path / "made.m4a").unlink(missing_ok=True)
    limit = max(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _unit(), int(apart.MEMORY * 1.1))
    assert _most_memory() <= limit


def _unit() -> int:
    return 1 if sys.platform == "darwin" else 1024


def _most_memory() -> int:
    """The most that any ended child of this process held, in bytes; it counts what its parent held when it began."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _unit()


def first_look(path: Path) -> str:
    try:
        return demuxer_of(path) or "unknown"
    except Refused as refused:
        return str(refused)


def test_no_hostile_file_is_taken_for_another_kind(tmp_path: Path, cases: dict[str, Content]) -> None:
    """The first look alone, which is all that stands before a file is kept, over every one of them."""
    before = os.times()
    for name, content in cases.items():
        said = first_look(hostile_sound.write(tmp_path / "x", content))
        assert said in KINDS or is_one_sentence(said), (name, said)
    assert sum(os.times()[:2]) - sum(before[:2]) < len(cases) * 0.1


def test_a_decoder_is_let_in_behind_the_tags(tmp_path: Path, cases: dict[str, Content]) -> None:
    real = hostile_sound.write(tmp_path / "real.mp3", cases["tail.mp3"])
    tagged = hostile_sound.write(tmp_path / "tagged.mp3", cases["frames.mp3"])
    assert 0 < bytes_before_sound(real) < 500
    assert bytes_before_sound(tagged) > 500_000
    assert probe(tagged).pcm_sha256 == probe(hostile_sound.write(tmp_path / "x", cases["tag-in-tag.mp3"])).pcm_sha256
    assert bytes_before_sound(hostile_sound.write(tmp_path / "x", cases["endless.mp3"])) == 0


def test_a_telephone_s_own_silence_is_no_rubbish(tmp_path: Path) -> None:
    said_nothing = (b"\x44" + bytes(5) + b"\x7c" * 7) * 2000
    path = hostile_sound.write(tmp_path / "x.amr", b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50 + said_nothing)
    assert demuxer_of(path) == "amr"
    assert probe(path).duration_ms >= 1000


def test_a_long_silence_with_one_word_in_it_is_no_hole(tmp_path: Path) -> None:
    quiet = np.zeros(10_000_000, dtype="<i2")
    quiet[::2000] = 1
    path = hostile_sound.write(tmp_path / "x.wav", wav(16_000, data=quiet.tobytes()))
    assert probe(path).duration_ms == 625_000


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
    assert "embroidery" not in str(refused.value)


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
