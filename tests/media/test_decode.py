"""What is taken as a recording, what is refused and in which words, and that decoding stays small."""

from __future__ import annotations

import http.server
import os
import shutil
import subprocess
import threading
import tracemalloc
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from mutagen.oggvorbis import OggVorbis

from archive.timing import Span
from media import decode, ffmpeg
from media.derive import make_in_time, make_listening
from media.refused import (
    Broken,
    EmptyFile,
    NoSoundTrack,
    NotSound,
    OtherTime,
    PlaylistRefused,
    Refused,
    TooLong,
    Truncated,
    spoken_length,
)
from tests.media.conftest import ENCODINGS, RATE, chirps, encode, write_wav

CONTAINER = {"m4a": "mov", "3gp": "mov", "opus": "ogg", "webm": "matroska"}


@pytest.mark.parametrize("suffix", ENCODINGS)
def test_every_taken_format_is_measured(sounds: dict[str, Path], suffix: str, each_ffmpeg: str) -> None:
    found = decode.probe(sounds[suffix])
    assert found.container == CONTAINER.get(suffix, suffix)
    assert abs(found.duration_ms - 3000) <= 60
    assert found.channels == (1 if suffix in {"amr", "3gp"} else 2)
    assert found.decode_errors == 0


def test_a_name_says_nothing_about_the_content(sounds: dict[str, Path], tmp_path: Path, each_ffmpeg: str) -> None:
    disguised = tmp_path / "-i;concat:a|b.txt"
    disguised.write_bytes(sounds["flac"].read_bytes())
    assert decode.probe(disguised).codec == "flac"


def test_a_film_gives_its_sound(tmp_path: Path, each_ffmpeg: str) -> None:
    film = _film(tmp_path / "film.mp4", with_sound=True)
    assert abs(decode.probe(film).duration_ms - 1000) <= 60


def test_a_silent_film_is_refused(tmp_path: Path, each_ffmpeg: str) -> None:
    with pytest.raises(NoSoundTrack, match="no sound in it"):
        decode.probe(_film(tmp_path / "film.mp4", with_sound=False))


PLAYLISTS = {
    "m3u": "#EXTM3U\n#EXTINF:3,\nfile://{victim}\n",
    "bare m3u": "{victim}\n",
    "concat": "ffconcat version 1.0\nfile {name}\n",
    "old concat": "file '{name}'\n",
    "pls": "[playlist]\nFile1={victim}\nNumberOfEntries=1\n",
    "sdp": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=audio 5004 RTP/AVP 0\r\n",
    "dash": '<?xml version="1.0"?>\n<MPD><Period><BaseURL>{victim}</BaseURL></Period></MPD>',
    "xspf": '<?xml version="1.0"?><playlist><trackList/></playlist>',
    "byte mark": "\ufeff#EXTM3U\n{victim}\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_playlists_never_play_out_another_recording(
    sounds: dict[str, Path], tmp_path: Path, kind: str, encoding: str, each_ffmpeg: str
) -> None:
    victim = tmp_path / "secret.mp3"
    victim.write_bytes(sounds["mp3"].read_bytes())
    trap = tmp_path / "trap.mp3"
    trap.write_bytes(PLAYLISTS[kind].format(victim=victim, name=victim.name).encode(encoding))
    with pytest.raises(PlaylistRefused, match="list of files"):
        decode.probe(trap)
    with pytest.raises(PlaylistRefused):
        decode.read_mono(trap)


def test_a_playlist_behind_padding_reaches_neither_file_nor_network(sounds: dict[str, Path], tmp_path: Path) -> None:
    """Even where our own look at the bytes is fooled, ffmpeg may open nothing but the file it was given."""
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        trap = tmp_path / "trap.m3u8"
        address = f"http://127.0.0.1:{server.server_port}/secret.mp3"
        trap.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{address}\n#EXT-X-ENDLIST\n")
        outcome = ffmpeg.run([*ffmpeg.untrusted_input(trap), "-f", "null", "-"], check=False)
    finally:
        server.shutdown()
        server.server_close()
    assert outcome.status != 0
    assert asked == []


def test_pages_of_tags_hide_no_recording(sounds: dict[str, Path], tmp_path: Path, each_ffmpeg: str) -> None:
    tagged = tmp_path / "tagged.ogg"
    shutil.copy(sounds["ogg"], tagged)
    file = OggVorbis(tagged)
    file["lyrics"] = "\n  Duration: 00:00:00.01\n  Stream #0:0: Audio: fake, 1 Hz, mono\n" * 300
    file["comment"] = "x" * 100_000
    file.save()
    found = decode.probe(tagged)
    assert (found.codec, found.rate, found.duration_ms) == ("vorbis", RATE, 3000)


def test_text_and_documents_are_not_sound(tmp_path: Path) -> None:
    text = tmp_path / "letter.mp3"
    for content in ("ខ្ញុំចង់និយាយ។\n" * 40, "Dear all,\nthis is no sound.\n", "\ufeffhello"):
        text.write_text(content, encoding="utf-8")
        with pytest.raises(NotSound, match="text, not sound"):
            decode.probe(text)
    text.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    with pytest.raises(NotSound, match="a PDF document"):
        decode.probe(text)
    text.write_bytes(b"\x00" + os.urandom(4000))
    with pytest.raises(NotSound):
        decode.probe(text)
    with pytest.raises(NotSound):
        decode.probe(tmp_path)


def test_an_empty_file_is_named_as_such(tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp3"
    empty.touch()
    with pytest.raises(EmptyFile, match="empty"):
        decode.probe(empty)
    write_wav(empty, np.zeros(0))
    with pytest.raises(Refused):
        decode.probe(empty)


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "webm"])
def test_a_file_cut_off_in_copying_says_so(
    sounds: dict[str, Path], tmp_path: Path, suffix: str, each_ffmpeg: str
) -> None:
    whole = sounds[suffix].read_bytes()
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(Truncated, match="cut off"):
        decode.probe(cut)
    assert 500 < decode.probe(cut, salvage=True).duration_ms < 2000


def test_a_file_without_its_index_is_broken(sounds: dict[str, Path], tmp_path: Path, each_ffmpeg: str) -> None:
    cut = tmp_path / "cut.m4a"
    cut.write_bytes(sounds["m4a"].read_bytes()[:6000])
    with pytest.raises(Broken, match="Copy it again"):
        decode.probe(cut)
    with pytest.raises(Broken):
        decode.read_mono(cut)


def test_length_is_capped_by_the_header_before_decoding(tmp_path: Path, each_ffmpeg: str) -> None:
    with pytest.raises(TooLong, match="longer than 5 min"):
        decode.probe(_silence(tmp_path / "long.flac", minutes=6), limit_ms=300_000)


def test_length_is_capped_while_decoding_when_the_header_is_silent(tmp_path: Path, each_ffmpeg: str) -> None:
    """A FLAC written to a pipe does not know its length; a small file must not become gigabytes."""
    streamed = tmp_path / "streamed.flac"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(_silence(tmp_path / "long.flac", 30))]
    streamed.write_bytes(subprocess.run([*command, "-f", "flac", "-"], check=True, capture_output=True).stdout)
    assert streamed.stat().st_size < 1_000_000
    tracemalloc.start()
    with pytest.raises(TooLong):
        decode.probe(streamed, limit_ms=600_000)
    with pytest.raises(TooLong):
        for _ in decode.pcm_blocks(streamed, limit_ms=600_000):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_blocks_join_to_the_whole(sounds: dict[str, Path], each_ffmpeg: str) -> None:
    whole = decode.read_mono(sounds["flac"])
    blocks = list(decode.pcm_blocks(sounds["flac"], block_ms=700))
    assert [block.size for block in blocks] == [11_200] * 4 + [3 * 16_000 - 4 * 11_200]
    assert all(block.dtype == np.float32 for block in blocks)
    assert np.array_equal(np.concatenate(blocks), whole)


@pytest.mark.parametrize("suffix", ["wav", "flac", "m4a", "mp3", "ogg", "opus", "webm", "aac"])
def test_a_stretch_is_the_same_wherever_reading_begins(tmp_path: Path, suffix: str, each_ffmpeg: str) -> None:
    """A word's clip must be the word: seeking may not land some frames away."""
    source = write_wav(tmp_path / "source.wav", chirps(12))
    path = encode(source, tmp_path / f"long.{suffix}", *ENCODINGS[suffix].split())
    whole = decode.read_mono(path, rate=RATE)
    part = decode.read_mono(path, 7300, 8450, rate=RATE)
    expected = whole[7300 * RATE // 1000 : 8450 * RATE // 1000]
    assert part.size == expected.size
    assert np.max(np.abs(part - expected)) < 0.02


def test_time_zero_of_a_compressed_file_is_time_zero_of_its_source(tmp_path: Path, each_ffmpeg: str) -> None:
    sound = chirps(3)
    source = write_wav(tmp_path / "source.wav", sound)
    for suffix in ("m4a", "mp3", "opus", "ogg"):
        decoded = decode.read_mono(encode(source, tmp_path / f"x.{suffix}", *ENCODINGS[suffix].split()), rate=RATE)
        n = 1 << 17
        product = np.fft.irfft(np.fft.rfft(decoded[: n // 2], n) * np.conj(np.fft.rfft(sound[: n // 2], n)))
        lag = int(np.argmax(product))
        assert min(lag, n - lag) <= RATE // 1000, suffix


def test_reading_past_the_end_gives_what_there_is(sounds: dict[str, Path]) -> None:
    assert decode.read_mono(sounds["wav"], 2500, 9000).size == 8000
    assert decode.read_mono(sounds["wav"], 9000, 9500).size == 0
    with pytest.raises(ValueError, match="not a stretch"):
        next(decode.pcm_blocks(sounds["wav"], start_ms=10, end_ms=5))


def test_a_reader_that_stops_early_leaves_no_process(tmp_path: Path) -> None:
    blocks = decode.pcm_blocks(_silence(tmp_path / "long.flac", minutes=10), block_ms=1000)
    next(blocks)
    blocks.close()
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    if children.exists():
        names = [Path(f"/proc/{pid}/comm").read_text() for pid in children.read_text().split()]
        assert not [name for name in names if "ffmpeg" in name]


def test_a_stalled_ffmpeg_is_ended(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    keep_open = os.open(pipe, os.O_RDWR)
    try:
        with pytest.raises(ffmpeg.FfmpegStalled):
            ffmpeg.run([*ffmpeg.untrusted_input(pipe, "wav"), "-f", "null", "-"], stall_s=0.3)
    finally:
        os.close(keep_open)
    with pytest.raises(NotSound):
        decode.probe(pipe)


def test_lengths_are_said_as_people_say_them() -> None:
    assert [str(spoken_length(ms)) for ms in (4500, 45_000, 720_000, 14_400_000, 16_200_000)] == [
        "4.5 s",
        "45 s",
        "12 min",
        "4 h",
        "4 h 30 min",
    ]


def _film(path: Path, with_sound: bool) -> Path:
    sound = ["-f", "lavfi", "-i", "sine=440:d=1"] if with_sound else []
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=d=1:s=64x64:r=5"]
    subprocess.run([*command, *sound, str(path)], check=True, timeout=60)
    return path


def _silence(path: Path, minutes: int) -> Path:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono"]
    subprocess.run([*command, "-t", str(minutes * 60), str(path)], check=True, timeout=60)
    return path


SPEECH, NO_DATA, SILENCE = b"\x3c" + bytes(31), b"\x7c", b"\x44" + bytes(5)
"""Frames of AMR at 12.2 kbit/s, 20 ms each: with data, without, and with a description of the noise."""


@pytest.mark.parametrize(
    "between",
    [NO_DATA * 50, (SILENCE + NO_DATA * 7) * 6 + NO_DATA * 2],
    ids=["nothing is sent", "the noise is described now and then"],
)
def test_a_telephone_s_silence_takes_its_time(tmp_path: Path, between: bytes, each_ffmpeg: str) -> None:
    """A second with data, one of silence and one with data are three: what is said later is not too early."""
    path = tmp_path / "told.amr"
    path.write_bytes(b"#!AMR\n" + SPEECH * 50 + between + SPEECH * 50)
    assert decode.probe(path).duration_ms == 3000
    assert len(decode.read_mono(path)) == 3 * 16_000
    assert len(decode.read_mono(path, 1500, 2500)) == 16_000
    made = make_listening(path, tmp_path / "listening.m4a")
    assert abs(made.duration_ms - 3000) <= 20


def _told_with_a_silence(folder: Path, suffix: str) -> Path:
    """A second of tone, one of which the telephone sent nothing, and one of tone, as AMR or in a 3GP."""
    tone = folder / "tone.amr"
    coder = ["-f", "lavfi", "-i", "sine=frequency=440:duration=1:sample_rate=8000", "-c:a", "libopencore_amrnb"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
    subprocess.run([*command, *coder, "-b:a", "12.2k", str(tone)], check=True, timeout=60)
    frames = tone.read_bytes()[len(b"#!AMR\n") :][: 50 * 32]
    told = folder / "told.amr"
    told.write_bytes(b"#!AMR\n" + frames + NO_DATA * 50 + frames)
    if suffix == "3gp":
        held = told.with_suffix(".3gp")
        subprocess.run([*command, "-i", str(told), "-c", "copy", str(held)], check=True, timeout=60)
        return held
    return told


@pytest.mark.parametrize("suffix", ["amr", "3gp"])
def test_what_is_marked_after_a_telephone_s_silence_is_what_is_taken_out(tmp_path: Path, suffix: str) -> None:
    path = _told_with_a_silence(tmp_path, suffix)
    assert abs(decode.probe(path).duration_ms - 3000) <= 40
    make_listening(path, tmp_path / "redacted.wav", redactions=[Span(2000, 3000)])
    loud = [float(np.abs(decode.read_mono(tmp_path / "redacted.wav", at, at + 500)).max()) for at in (200, 1200, 2200)]
    assert loud[0] > 0.05
    assert max(loud[1:]) < 0.01, "the second tone was marked and is heard"


@pytest.mark.parametrize("suffix", ["amr", "3gp"])
def test_a_copy_in_the_time_of_one_that_lacks_the_silences_lacks_them_too(tmp_path: Path, suffix: str) -> None:
    path = _told_with_a_silence(tmp_path, suffix)
    made = make_in_time(path, tmp_path / "redacted.wav", 2000, redactions=[Span(1000, 2000)])
    assert abs(made.duration_ms - 2000) <= 40
    loud = [float(np.abs(decode.read_mono(tmp_path / "redacted.wav", at, at + 500)).max()) for at in (200, 1200)]
    assert (loud[0] > 0.05, loud[1] < 0.01) == (True, True)
    with pytest.raises(OtherTime, match="is 3 s long"):
        make_in_time(path, tmp_path / "redacted.wav", 5000)
    assert not (tmp_path / "redacted.wav").exists()


def test_sounds_whose_channels_cancel_out_are_told_apart_and_silence_has_no_hash(tmp_path: Path) -> None:
    """Mixed to one channel they are all zeros: two of one length would have been the same sound."""

    def inverted(name: str, tone: str) -> Path:
        path = tmp_path / name
        said = ["-f", "lavfi", "-i", tone, "-af", "pan=stereo|c0=c0|c1=-1*c0", "-c:a", "pcm_s16le"]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *said, str(path)]
        subprocess.run(command, check=True, timeout=60)
        return path

    one, other = (inverted(f"{hertz}.wav", f"sine=frequency={hertz}:duration=1") for hertz in (300, 500))
    silent = inverted("silent.wav", "anullsrc=duration=1:channel_layout=mono")
    hashes = [decode.probe(path).pcm_sha256 for path in (one, other, silent)]
    assert hashes[2] == ""
    assert len({*hashes}) == 3
    flac = tmp_path / "one.flac"
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(one), str(flac)], check=True, timeout=60)
    assert decode.probe(flac).pcm_sha256 == hashes[0], "the same sound in another container"
