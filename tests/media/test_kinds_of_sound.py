"""A table of what recorders, cameras and editors write: each kind of file, taken, or refused with a word.

Every file is made on the spot. What is taken lies in the time of its source within 50 ms, in the listening copy too,
wherever one seeks to.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from media import decode
from media.derive import make_listening
from media.refused import NotSound
from tests.media.conftest import RATE, chirps, encode, write_wav

NEAR_MS = 50
SECONDS = 12

SOUND = {
    "wma": ("asf", "-c:a wmav2"),
    "aiff": ("aiff", ""),
    "aifc": ("aiff", "-c:a pcm_mulaw -f aiff"),
    "caf": ("caf", "-c:a alac"),
    "mka": ("matroska", "-c:a flac"),
    "weba": ("matroska", "-c:a libopus -f webm"),
    "au": ("au", "-c:a pcm_mulaw"),
    "w64": ("w64", ""),
    "wv": ("wv", ""),
    "adpcm.wav": ("wav", "-c:a adpcm_ms"),
    "ima.wav": ("wav", "-c:a adpcm_ima_wav"),
    "mulaw.wav": ("wav", "-c:a pcm_mulaw"),
    "alaw.wav": ("wav", "-c:a pcm_alaw"),
    "g722.wav": ("wav", "-c:a g722 -ar 16000 -ac 1"),
    "g726.wav": ("wav", "-c:a g726 -ar 8000 -ac 1"),
    "rf64.wav": ("wav", "-rf64 always"),
}
FILMS = {
    "avi": ("avi", "-c:v mpeg4 -c:a mp3"),
    "flv": ("flv", "-c:v flv -c:a mp3"),
    "mpg": ("mpeg", "-c:v mpeg1video -c:a mp2"),
    "vob": ("mpeg", "-c:v mpeg2video -c:a ac3"),
    "ts": ("mpegts", "-c:v mpeg2video -c:a aac"),
    "m2ts": ("mpegts", "-c:v mpeg2video -c:a ac3 -f mpegts -mpegts_m2ts_mode 1"),
    "wmv": ("asf", "-c:v wmv2 -c:a wmav2"),
    "mkv": ("matroska", "-c:v mpeg4 -c:a ac3"),
    "mov": ("mov", "-c:v mpeg4 -c:a pcm_s16be"),
    "mp4": ("mov", "-c:v mpeg4 -c:a aac"),
    "3gp": ("mov", "-c:v mpeg4 -c:a aac"),
    "webm": ("matroska", "-c:v libvpx -deadline realtime -c:a libvorbis"),
    "ogv": ("ogg", "-c:v libtheora -c:a libvorbis"),
    "mts": ("mpegts", "-c:v mpeg2video -c:a ac3 -f mpegts"),
}
_PICTURES = ["-f", "lavfi", "-i", "testsrc=d=3:s=64x64:r=25"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wav(tmp_path_factory.mktemp("source") / "source.wav", chirps(3))


@pytest.mark.parametrize("kind", [*SOUND, *FILMS])
def test_each_kind_is_taken_in_its_time(source: Path, tmp_path: Path, kind: str, each_ffmpeg: str) -> None:
    container, arguments = {**SOUND, **FILMS}[kind]
    path = encode(source, tmp_path / f"x.{kind}", *(_PICTURES if kind in FILMS else []), *arguments.split())
    found = decode.probe(path)
    assert found.container == container
    assert abs(found.duration_ms - 3000) <= NEAR_MS
    assert found.decode_errors == 0
    assert abs(lag_ms(decode.read_mono(path, rate=RATE), chirps(3))) <= NEAR_MS
    whole, part = decode.read_mono(path, rate=RATE), decode.read_mono(path, 1500, 2500, rate=RATE)
    assert np.max(np.abs(part - whole[1500 * RATE // 1000 : 2500 * RATE // 1000])) < 0.02


def test_a_long_wave_of_broadcasters_is_taken(source: Path, tmp_path: Path, each_ffmpeg: str) -> None:
    """BW64 (ITU-R BS.2088) is RF64 under another name."""
    path = encode(source, tmp_path / "x.wav", "-rf64", "always")
    path.write_bytes(b"BW64" + path.read_bytes()[4:])
    assert decode.probe(path).container == "wav"
    assert abs(lag_ms(decode.read_mono(path, rate=RATE), chirps(3))) <= NEAR_MS


# A frame of 42 bytes is 264 samples at 11,025 Hz, one of 24 bytes 240 at 8,000 Hz; a block of 512 has a head of 6.
DICTATIONS = {"dss_sp": (0, 42, 264 / 11_025), "g723_1": (2, 24, 240 / 8_000)}


@pytest.mark.parametrize("coder", DICTATIONS)
def test_a_dictation_in_dss_is_taken(tmp_path: Path, coder: str, each_ffmpeg: str) -> None:
    """No program here writes DSS: a head as a recorder's, and blocks of which only the length is known."""
    number, frame, frame_s = DICTATIONS[coder]
    head = bytearray(1024)
    head[:4], head[0x26:0x3E], head[0x2A4] = b"\x02dss", b"260131101500260131101530", number
    blocks = (bytes(6) + np.random.default_rng(1).bytes(506).replace(b"\xff", b"\0") for _ in range(40))
    path = tmp_path / "DS330001.DSS"
    path.write_bytes(bytes(head) + b"".join(blocks))
    found = decode.probe(path)
    assert (found.container, found.codec) == ("dss", coder)
    if coder == "dss_sp":
        assert abs(found.duration_ms - 40 * 506 / frame * frame_s * 1000) < 0.05 * found.duration_ms
    assert make_listening(path, tmp_path / "x.m4a").duration_ms > 3000


REFUSED = {
    "a dictation of Olympus (DS2)": b"\x03ds2" + bytes(range(200)) * 20,
    "a recording of Sony (DVF, MSV)": b"MS_VOICE" + bytes(range(200)) * 20,
    "RealAudio": b".RMF\0\0\0\x12" + bytes(range(200)) * 20,
    "MIDI": b"MThd\0\0\0\x06\0\1\0\1\0\x60MTrk" + bytes(range(200)) * 20,
    "something nobody knows": b"\0\1\2\3" + bytes(range(200)) * 20,
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_says_how_to_convert_it(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.mp3"
    path.write_bytes(REFUSED[kind])
    with pytest.raises(NotSound, match="save it as WAV or MP3"):
        decode.probe(path)


@pytest.mark.parametrize(("coder", "name"), [("dca -ar 48000", "DTS"), ("tta", "TTA")])
def test_a_coder_that_is_not_read_is_named(source: Path, tmp_path: Path, coder: str, name: str) -> None:
    """Such a film is whole: to copy it again, as a broken one, would not help."""
    path = encode(source, tmp_path / "x.mka", "-strict", "-2", "-c:a", *coder.split())
    with pytest.raises(NotSound, match=f"The file is {name}, which cannot be read here"):
        decode.probe(path)


LISTS = {
    "a playlist of Windows (ASX)": b"<asx version='3.0'><entry><ref href='secret.wma'/></entry></asx>",
    "a reference of Windows (ASF)": b"[Reference]\r\nRef1=http://127.0.0.1/secret.asf\r\n",
    "a script of ffmpeg": b"ffconcat version 1.0\nfile secret.aiff\n",
    "a list of films": b"secret.avi.m3u8\nsecret.ts\n",
}


@pytest.mark.parametrize("kind", LISTS)
def test_lists_are_kept_out_as_before(tmp_path: Path, kind: str) -> None:
    for name in ("trap.wma", "trap.ts", "trap.aiff"):
        (tmp_path / name).write_bytes(LISTS[kind])
        with pytest.raises(Exception, match="list of files"):
            decode.probe(tmp_path / name)


def lag_ms(heard: np.ndarray, meant: np.ndarray) -> float:
    """By how much one sound comes after the other."""
    size = 1 << (max(heard.size, meant.size) * 2 - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(meant, size)))
    at = int(np.argmax(product))
    return (at if at < size // 2 else at - size) * 1000 / RATE


def made(folder: Path, name: str) -> tuple[Path, float]:
    """A file whose clock is easily got wrong, and the second of the source that it begins at."""
    source = write_wav(folder / "source.wav", chirps(SECONDS))
    if name == "variable rate without a header":
        return encode(source, folder / "x.mp3", "-q:a", "4", "-write_xing", "0", "-id3v2_version", "0"), 0
    if name == "chapters":
        chapters = folder / "chapters.txt"
        marks = "".join(f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={at}\nEND={at + 6000}\ntitle=x\n" for at in (0, 6000))
        chapters.write_text(f";FFMETADATA1\n{marks}")
        with_chapters = ["-i", str(chapters), "-map", "0:a", "-map_metadata", "1", "-c:a", "aac"]
        return encode(source, folder / "x.m4a", *with_chapters), 0
    if name == "an edit list that cuts the beginning":
        whole = encode(source, folder / "whole.m4a", "-c:a", "aac")
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-ss", "2", "-i", str(whole), "-c", "copy"]
        subprocess.run([*command, str(folder / "x.m4a")], check=True, timeout=60)
        return folder / "x.m4a", 2
    ending = "opus" if name.endswith("Opus") else "ogg"
    coder = ["-c:a", "libopus" if ending == "opus" else "libvorbis"]
    if name == "Opus":
        return encode(source, folder / "x.opus", *coder), 0
    halves = [
        encode(source, folder / f"{start}.{ending}", "-ss", str(start), "-t", "6", *coder).read_bytes()
        for start in (0, 6)
    ]
    (folder / f"x.{ending}").write_bytes(b"".join(halves))
    return folder / f"x.{ending}", 0


@pytest.mark.parametrize(
    "name",
    [
        "variable rate without a header", "chapters", "an edit list that cuts the beginning", "Opus", "chained Ogg",
        "chained Opus",
    ],
)  # fmt: skip
def test_moments_are_right_in_original_listening_copy_and_seek(tmp_path: Path, name: str, each_ffmpeg: str) -> None:
    path, begins = made(tmp_path, name)
    source = chirps(SECONDS)[round(begins * RATE) :]
    found = decode.probe(path)
    listening = make_listening(path, tmp_path / "listening.m4a")
    expected = (SECONDS - begins) * 1000
    assert abs(found.duration_ms - expected) <= NEAR_MS
    assert abs(listening.duration_ms - expected) <= NEAR_MS
    assert abs(lag_ms(decode.read_mono(path, rate=RATE), source)) <= NEAR_MS
    late = source[8 * RATE : 9 * RATE]
    assert abs(lag_ms(decode.read_mono(tmp_path / "listening.m4a", 8000, 9000, rate=RATE), late)) <= NEAR_MS
