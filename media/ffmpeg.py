"""The one way to ffmpeg: which program is used, and how it is kept from doing more than it was asked.

ffmpeg is generous by design. It guesses what a file is, follows playlists to other files and to the network, and
reads its own terminal. Uploads come from strangers' phones, so every input opened here is opened as one container
that was recognised beforehand, over the `file` protocol alone, by decoders for sound alone. It has a limit of processor
time, of memory, of the size of what it writes and of the time it is waited for. What stalls is stopped.

The system's ffmpeg is used where there is one; else the one carried by the imageio-ffmpeg wheel.
"""

from __future__ import annotations

import contextlib
import functools
import os
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from media.sniff import bytes_before_sound

STALL_S = 60.0
"""How long ffmpeg may stay silent while we wait for it, in seconds."""

SAFE_FORMATS = (
    "wav,w64,mp3,mov,mp4,m4a,3gp,3g2,mj2,amr,ogg,flac,matroska,webm,aac,asf,aiff,caf,au,avi,flv,mpeg,mpegts,dss,wv"
)
"""Containers that hold their own sound. No hls, concat, dash, sdp or any other list of names is among them."""

_SAFE_DECODERS = (
    "pcm_u8,pcm_s8,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le,pcm_s16be,pcm_s24be,pcm_s32be,pcm_f32be,pcm_f64be,"
    "pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd,adpcm_ms,adpcm_ima_wav,adpcm_ima_qt,adpcm_yamaha,adpcm_swf,g722,g726,g726le,"
    "adpcm_g722,adpcm_g726,adpcm_g726le,g723_1,truespeech,gsm,gsm_ms,mp3,mp3float,mp2,mp2float,aac,aac_latm,alac,flac,"
    "opus,vorbis,speex,libspeex,amrnb,amrwb,qdm2,libopus,libvorbis,wmav1,wmav2,wmapro,wmavoice,wmalossless,ac3,eac3,"
    "nellymoser,dss_sp,wavpack"
)
_BEHIND_TAGS = frozenset({"mp3", "aac", "flac"})
_MAX_ALLOCATION = 128 * 1024 * 1024
_READ = 1 << 16
_KEPT_LINES = 2000
_KEPT_BYTES = 2000
_REFUSED_PICTURES = "not on whitelist"
"""ffmpeg's complaint when it may not decode a film's pictures, which is as it should be."""


def decodes(codec: str) -> bool:
    """Whether sound of this coder is read here, by the name that ffmpeg shows for it."""
    return codec.replace("amr_", "amr") in _SAFE_DECODERS.split(",")


class FfmpegMissing(RuntimeError):
    """There is no ffmpeg on this machine, neither the system's nor the wheel's."""


class FfmpegFailed(RuntimeError):
    """ffmpeg ended with an error; `messages` holds the last lines it wrote, for the log of a developer."""

    def __init__(self, messages: str) -> None:
        super().__init__(f"ffmpeg failed: {messages.splitlines()[-1] if messages else 'it said nothing'}")
        self.messages = messages


class FfmpegStalled(RuntimeError):
    """ffmpeg gave nothing for longer than it may, or ran into a limit of time or size, and was stopped."""


@dataclass(frozen=True, slots=True)
class FfmpegLimits:
    """What one run of ffmpeg may use.

    Attributes:
        cpu_s: processor time in seconds.
        memory: bytes of address space.
        file_bytes: the largest file it may write.
        total_s: how long it may be waited for in all; the time its reader takes over a piece does not count.
    """

    cpu_s: int
    memory: int
    file_bytes: int
    total_s: float


def reading(limit_ms: int = 8 * 3_600_000) -> FfmpegLimits:
    """What decoding a recording may use that is at most so long: a laptop decodes a hundred times as fast."""
    cpu_s = 120 + limit_ms // 8000
    return FfmpegLimits(cpu_s, 512 * 1024 * 1024, 0, 2.0 * cpu_s)


LOOKING = FfmpegLimits(30, 512 * 1024 * 1024, 0, 60.0)
"""For the header of a file."""
WRITING = FfmpegLimits(24 * 3600, 4 * 1024**3, 64 * 1024**3, 48 * 3600.0)
"""For what we make ourselves, a film of eight hours included."""

_UNDER_LIMITS = (
    "ulimit -c 0 2>/dev/null || :; ulimit -t $1 2>/dev/null || :; ulimit -v $2 2>/dev/null || :; "
    'ulimit -f $3 2>/dev/null || :; shift 3; exec "$@"'
)
_OVERRUN = (-signal.SIGXCPU, -signal.SIGXFSZ, -signal.SIGKILL, 255)
"""How a run ends that came to its limits; 255 is ffmpeg's own answer to a signal that it could still hear."""


def _under(limits: FfmpegLimits, command: list[str]) -> list[str]:
    """The command with its limits set by a shell, which then becomes it; a limit a system does not know is left out."""
    told = (str(limits.cpu_s), str(limits.memory // 1024), str(limits.file_bytes // 512))
    return ["/bin/sh", "-c", _UNDER_LIMITS, "ffmpeg", *told, *command]


@functools.cache
def binary() -> str:
    """The ffmpeg to run.

    Raises:
        FfmpegMissing: when neither the system nor the wheel has one for this machine.
    """
    if found := shutil.which("ffmpeg"):
        return found
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise FfmpegMissing("there is no ffmpeg for this machine: install it, or the imageio-ffmpeg package") from error


def untrusted_input(path: Path, demuxer: str | None = None, seek_ms: int = 0) -> list[str]:
    """Arguments that open a file from outside as sound and nothing else.

    Args:
        path: an existing file; its name is never interpreted as a protocol or an option.
        demuxer: the container to read it as, so that ffmpeg guesses nothing; None lets it choose among `SAFE_FORMATS`.
        seek_ms: start decoding at or somewhat before this; samples keep their timestamps, to be trimmed by `atrim`.
    """
    forced = ["-f", demuxer] if demuxer else []
    tags = bytes_before_sound(path) if demuxer in _BEHIND_TAGS else 0
    behind = ["-skip_initial_bytes", str(tags)] if tags else []
    seek = ["-copyts", "-start_at_zero", "-noaccurate_seek", "-ss", f"{seek_ms}ms"] if seek_ms else []
    return [
        *("-max_alloc", str(_MAX_ALLOCATION), "-protocol_whitelist", "file,pipe", "-format_whitelist", SAFE_FORMATS),
        *("-codec_whitelist", _SAFE_DECODERS, *forced, *behind, *seek, "-vn", "-sn", "-dn"),
        # A telephone writes silence as frames of no data, which count as errors: most of a recording may be such.
        *("-max_error_rate", "1", "-i", f"file:{path.absolute()}"),
    ]


def output_file(path: Path) -> str:
    """A file to write, named so that ffmpeg takes it for a file whatever characters it holds."""
    return f"file:{path.absolute()}"


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """What one finished run left: its exit status and the last lines it wrote to stderr."""

    status: int
    messages: str


def run(
    arguments: list[str],
    *,
    loglevel: str = "error",
    check: bool = True,
    stall_s: float = STALL_S,
    on_output: Callable[[bytes], None] | None = None,
    folder: Path | None = None,
    limits: FfmpegLimits = WRITING,
) -> FinishedRun:
    """Run ffmpeg to its end.

    Args:
        on_output: receives what ffmpeg writes to stdout, in pieces (a `-progress pipe:1` report, for one).
        stall_s: stop when stdout brings nothing for so long; every run reports its progress there.
        folder: where ffmpeg runs, so that a filter may name files beside it without escaping their paths.

    Raises:
        FfmpegFailed: when it ends with an error and `check` is set.
        FfmpegStalled: when it stalls.
    """
    process = Process(
        ["-progress", "pipe:1", *arguments], loglevel=loglevel, stall_s=stall_s, folder=folder, limits=limits
    )
    with process:
        for piece in process.pieces():
            if on_output is not None:
                on_output(piece)
    outcome = process.outcome()
    if check and outcome.status != 0:
        raise FfmpegFailed(outcome.messages)
    return outcome


class Process:
    """A running ffmpeg whose stdout is read as it comes; leaving the `with` block ends it, whatever happened.

    The stall clock runs only while we wait for ffmpeg: a reader that takes a minute over each block does not count.
    """

    def __init__(
        self,
        arguments: list[str],
        *,
        loglevel: str = "error",
        stall_s: float = STALL_S,
        folder: Path | None = None,
        limits: FfmpegLimits = WRITING,
    ) -> None:
        command = [binary(), "-nostdin", "-hide_banner", "-nostats", "-v", loglevel, "-y", *arguments]
        self._stall_s, self._left_s = stall_s, limits.total_s
        self._child = subprocess.Popen(
            _under(limits, command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            cwd=folder,
        )
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self.error_lines = 0
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        self._listener.join()
        for pipe in (self._child.stdout, self._child.stderr):
            if pipe is not None:
                pipe.close()

    def pieces(self) -> Iterator[bytes]:
        """Stdout as it arrives, until ffmpeg closes it; waits for the exit status at the end."""
        assert self._child.stdout is not None
        descriptor = self._child.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN | select.POLLHUP)
        while True:
            began = time.monotonic()
            answered = poll.poll(max(0.0, min(self._stall_s, self._left_s)) * 1000)
            self._left_s -= time.monotonic() - began
            if not answered:
                raise FfmpegStalled("ffmpeg stopped answering and was ended")
            piece = os.read(descriptor, _READ)
            if not piece:
                break
            yield piece
        try:
            self._child.wait(self._stall_s)
        except subprocess.TimeoutExpired as error:
            raise FfmpegStalled("ffmpeg did not end and was stopped") from error
        if self._child.returncode in _OVERRUN:
            raise FfmpegStalled("ffmpeg used more time or room than it may and was ended")

    def outcome(self) -> FinishedRun:
        """Exit status and last messages, once the process has ended."""
        self._listener.join()
        return FinishedRun(self._child.returncode, "\n".join(self._lines))

    def _listen(self) -> None:
        assert self._child.stderr is not None
        while line := self._child.stderr.readline(_KEPT_BYTES):
            text = line.decode("utf-8", "replace").rstrip()
            self._lines.append(text)
            if _REFUSED_PICTURES not in text and not text.startswith("    Last message repeated"):
                self.error_lines += 1


class Encoder:
    """An ffmpeg that is fed raw sound and writes one file; the file is removed when anything goes wrong on the way.

    Args:
        rate, channels: of the interleaved float32 samples that will be written.
        arguments: everything between the input and the name of the file.
    """

    def __init__(self, target: Path, rate: int, channels: int, arguments: list[str]) -> None:
        raw = ["-f", "f32le", "-ar", str(rate), "-ac", str(channels), "-i", "pipe:0"]
        command = [binary(), "-hide_banner", "-nostats", "-v", "error", "-y", *raw, *arguments, output_file(target)]
        self._target = target
        self._messages = tempfile.TemporaryFile()  # noqa: SIM115
        limited = _under(WRITING, command)
        self._child = subprocess.Popen(limited, stdin=subprocess.PIPE, stderr=self._messages, env=_environment())

    def __enter__(self) -> Encoder:
        return self

    def write(self, samples: bytes) -> None:
        """Encode some more; raises FfmpegFailed when the encoder has given up."""
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(samples)
        except BrokenPipeError:
            self._child.wait()
            raise FfmpegFailed(self._said()) from None

    def __exit__(self, failure: object, *_: object) -> None:
        assert self._child.stdin is not None
        try:
            with contextlib.suppress(BrokenPipeError):
                self._child.stdin.close()
            if failure is not None:
                self._child.kill()
            status = self._child.wait()
            if failure is not None or status != 0:
                self._target.unlink(missing_ok=True)
            if failure is None and status != 0:
                raise FfmpegFailed(self._said())
        finally:
            self._messages.close()

    def _said(self) -> str:
        self._messages.seek(0)
        return self._messages.read()[-4000:].decode("utf-8", "replace").strip()


def _environment() -> dict[str, str]:
    """Only what a program needs to start: no proxy, no home, no report switches from the surroundings."""
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"MALLOC_ARENA_MAX": "2"}
