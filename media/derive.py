"""The one listening file: what is aligned, drawn as a waveform, played and redacted, for every recording.

Phones bring a dozen formats whose players disagree about time zero and drift when they seek. One canonical file ends
that: AAC in MP4 with its index in front, at one loudness, its encoder delay told in the edit list so that time 0 is
time 0, and with nothing of the original's tags, pictures, chapters or positions. The same input gives the same bytes.

Two channels of which one is dead, or the other's mirror image, become one good one here; the original stays as it is.

A redacted or exported form is made from the original again, by the same path with the redaction in the middle, so
that its neighbours are those of the unredacted file and no voice passes through a lossy encoder twice.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import numpy as np

from archive.language.messages import Message
from archive.timing import Span
from media import ffmpeg
from media.decode import DEFAULT_LIMIT_MS, Probe, in_time, numbers, probe
from media.findings import examine
from media.loudness import LISTENING_LUFS, Loudness, amplified, measure
from media.peaks import Outline, Peaks
from media.redact import Frames, Mode, redacted
from media.refused import Broken, OtherTime, spoken_length, too_long
from media.sniff import demuxer_of

RATE = 44_100
RECIPE = 2
"""How a listening file is made, counted up when one that is made anew would sound better than one that lies there."""
SAME_MS = 60
"""Two copies whose lengths differ by more are not in one time: a mark set in one is elsewhere in the other."""
_BLOCK_FRAMES = RATE

Progress = Callable[[float], None]
"""Called with the share that is done, 0 to 1."""

_PLAIN = ["-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
_ENCODINGS = {
    # At 64 kbit/s the "fast" coder comes nearer to most speech than the default, in two thirds of the time.
    ".m4a": ["-c:a", "aac", "-aac_coder", "fast", "-movflags", "+faststart", "-f", "ipod"],
    ".mp3": ["-c:a", "libmp3lame", "-id3v2_version", "0", "-f", "mp3"],
    ".wav": ["-c:a", "pcm_s16le", "-f", "wav"],
    ".flac": ["-c:a", "flac", "-sample_fmt", "s16", "-f", "flac"],
}
_KBPS = {(".m4a", 1): 64, (".m4a", 2): 112, (".mp3", 1): 96, (".mp3", 2): 192}


@dataclass(frozen=True, slots=True)
class Derived:
    """What was made: its length, channels and outline, and how loud the original was."""

    duration_ms: int
    channels: int
    loudness: Loudness
    peaks: Peaks


def make_listening(
    source: Path,
    target: Path,
    *,
    probed: Probe | None = None,
    loudness: Loudness | None = None,
    redactions: Sequence[Span] = (),
    mode: Mode = "silence",
    channels: Literal[1, 2] | None = None,
    lufs: float = LISTENING_LUFS,
    begin_ms: int = 0,
    length_ms: int | None = None,
    limit_ms: int = DEFAULT_LIMIT_MS,
    salvage: bool = False,
    silences: bool = True,
    progress: Progress | None = None,
) -> Derived:
    """Make a listening file of a recording, with spans taken out where some are given.

    Args:
        target: `.m4a` for listening; `.mp3`, `.wav` or `.flac` for exports. Overwritten.
        probed, loudness: what `probe` and `measure` found, when they were asked before.
        redactions: in milliseconds of the listening file, whose time is that of the decoded original.
        channels: of the result; as many as the original has, two at most, when None.
        lufs: loudness of the result.
        begin_ms: the moment of the original that becomes 0, and from which `redactions` count, so that an instrumental
            lies in the time of its vocal; a negative one puts silence in front.
        salvage: of a recording that ends before its header says, make what is there.
        silences: what a telephone left out of silence takes its time; see `decode.in_time`.
        length_ms: cut, or filled with silence, to so much.

    Raises:
        Refused: when the source is no recording, or longer than `limit_ms`.
        FfmpegFailed: when encoding fails; nothing is left at `target` then.
    """
    found = probed or probe(source, limit_ms=limit_ms, salvage=salvage)
    mix = examine(source, found.channels, found.rate, limit_ms=limit_ms).mix if found.channels == 2 else ""
    channels = channels or (1 if found.channels == 1 or mix else 2)
    loudness = loudness or _measured(source, channels, mix)
    decoded = _decoded(source, channels, limit_ms, mix, silences=silences)
    frames = _moved(amplified(decoded, loudness.gain_db(lufs), RATE), begin_ms, length_ms, channels)
    whole_ms = found.duration_ms - begin_ms if length_ms is None else length_ms
    outline = Outline(RATE)
    with closing(decoded), ffmpeg.Encoder(target, RATE, channels, _encoding(target.suffix, channels)) as encoder:
        for block in redacted(frames, redactions, RATE, mode):
            encoder.write(block.tobytes())
            outline.add(block)
            if progress is not None:
                progress(min(1.0, outline.duration_ms / max(whole_ms, 1)))
    return Derived((peaks := outline.peaks()).duration_ms, channels, loudness, peaks)


def make_in_time(source: Path, target: Path, known_ms: int | None, **options: Any) -> Derived:
    """A listening file in the time of an earlier one, which text and marks were set by.

    Earlier ones of a telephone's recordings may lack its silences; then this one does, too, so that what is taken out
    of it is what was marked.

    Args:
        known_ms: how long the earlier one is; None where there is none.
        options: of `make_listening`.

    Raises:
        OtherTime: it is of another length whichever way it is made; nothing is left at `target`.
        Refused, FfmpegFailed: see `make_listening`.
    """
    made = make_listening(source, target, **options)
    if known_ms is None or abs(made.duration_ms - known_ms) <= SAME_MS:
        return made
    shorter = make_listening(source, target, silences=False, **options)
    if abs(shorter.duration_ms - known_ms) <= SAME_MS:
        return shorter
    target.unlink()
    raise OtherTime(
        Message(
            "The recording is {now} long when it is read today and {before} in its listening copy, so that marks would "
            "take out other words than were marked. Nothing was made; whoever keeps the archive has to look at it."
        ),
        now=spoken_length(made.duration_ms),
        before=spoken_length(known_ms),
    )


def _measured(source: Path, channels: int, mix: str) -> Loudness:
    try:
        return measure(source, channels, true_peak=False, mix=mix)
    except (ffmpeg.FfmpegFailed, ffmpeg.FfmpegStalled):
        raise Broken(Message("The sound of the file breaks off or cannot be read; it is damaged.")) from None


def _encoding(suffix: str, channels: int) -> list[str]:
    kbps = _KBPS.get((suffix, channels))
    return [*_ENCODINGS[suffix], *(["-b:a", f"{kbps}k"] if kbps else []), *_PLAIN]


def _moved(frames: Iterator[Frames], begin_ms: int, length_ms: int | None, channels: int) -> Iterator[Frames]:
    """The same sound beginning elsewhere, and as long as asked."""
    if begin_ms == 0 and length_ms is None:
        yield from frames
        return
    skip = max(0, begin_ms * RATE // 1000)
    left = -1 if length_ms is None else length_ms * RATE // 1000
    for block in chain(_silence(-begin_ms * RATE // 1000, channels), frames):
        kept = block[skip:]
        skip -= len(block) - len(kept)
        if left >= 0:
            kept = kept[:left]
            left -= len(kept)
        if len(kept):
            yield kept
        if left == 0:
            return
    yield from _silence(left, channels)


def _silence(frames: int, channels: int) -> Iterator[Frames]:
    for at in range(0, frames, _BLOCK_FRAMES):
        yield np.zeros((min(_BLOCK_FRAMES, frames - at), channels), dtype=np.float32)


def _decoded(
    source: Path, channels: int, limit_ms: int, mix: str = "", *, silences: bool = True
) -> Generator[Frames, None, None]:
    """The original in blocks of about a second of shape (frames, channels)."""
    demuxer = demuxer_of(source)
    arguments = ffmpeg.untrusted_input(source, demuxer)
    filters = in_time(source, demuxer, *([mix] if mix else []), silences=silences)
    shape = ["-map", "0:a:0", *filters, "-ac", str(channels), "-ar", str(RATE)]
    frame_bytes = 4 * channels
    held = bytearray()
    taken = 0
    with ffmpeg.Process([*arguments, *shape, "-f", "f32le", "pipe:1"], limits=ffmpeg.reading(limit_ms)) as process:
        for piece in process.pieces():
            held += piece
            taken += len(piece)
            if taken > limit_ms * RATE // 1000 * frame_bytes:
                raise too_long(limit_ms)
            while len(held) >= _BLOCK_FRAMES * frame_bytes:
                yield _frames(held[: _BLOCK_FRAMES * frame_bytes], channels)
                del held[: _BLOCK_FRAMES * frame_bytes]
    outcome = process.outcome()
    if outcome.status != 0 and taken == 0:
        raise Broken(Message("The file begins like a recording, but no sound can be read from it."))
    if held:
        yield _frames(held[: len(held) - len(held) % frame_bytes], channels)


def _frames(data: bytearray, channels: int) -> Frames:
    return numbers(np.frombuffer(bytes(data), dtype="<f4")).reshape(-1, channels)
