"""Sound to a file, in the formats a desk receives: what the suffix says is what the encoder writes."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ingest.samples.voice import Sound

_CODECS: Mapping[str, tuple[str, ...]] = {
    ".ogg": ("-c:a", "libopus", "-application", "audio"),
    ".mp3": ("-c:a", "libmp3lame", "-ar", "22050", "-ac", "1", "-b:a", "32k", "-id3v2_version", "3"),
    ".wav": ("-c:a", "pcm_s16le", "-ar", "8000", "-ac", "1", "-bitexact"),
    ".amr": ("-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k"),
}


def write_sound(sound: Sound, rate: int, path: Path, kbps: int, tags: Mapping[str, str]) -> None:
    """Encode `sound`, one column a channel, values from -1 to 1, as the suffix of `path` says; `kbps` is for Opus.

    Raises:
        subprocess.CalledProcessError: when ffmpeg refuses.
    """
    import imageio_ffmpeg

    channels = 1 if sound.ndim == 1 else sound.shape[1]
    metadata = [part for key, value in tags.items() for part in ("-metadata", f"{key}={value}")]
    bitrate = ("-b:a", f"{kbps}k") if path.suffix == ".ogg" else ()
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "f32le", "-ar", str(rate)]
    command += ["-ac", str(channels), "-i", "pipe:0", *_CODECS[path.suffix], *bitrate, "-fflags", "+bitexact"]
    command += [*metadata, str(path)]
    subprocess.run(command, input=sound.astype(np.float32).tobytes(), check=True)
