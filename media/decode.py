"""Recordings from outside become samples: checked first, then read in windows.

Nothing here loads a whole recording where a window will do. A FLAC of 6 MB can hold ten silent hours, which a
trusting decoder turns into gigabytes; so the length is capped by what the header says before decoding, and by what
has been counted while decoding, because a header can lie.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from archive.language.messages import Message
from media import ffmpeg
from media.refused import (
    Broken,
    EmptyFile,
    NoSoundTrack,
    NotSound,
    Truncated,
    cannot_be_read,
    spoken_length,
    too_long,
)
from media.sniff import demuxer_of, leaves_silence_out, missing_bytes

Samples: TypeAlias = npt.NDArray[np.float32]
"""Mono samples, shape (n,), about -1 to 1."""

RATES = range(2_000, 768_001)
"""Samples a second that a recorder writes: an old dictaphone's to a studio's."""
MOST_CHANNELS = 64
DEFAULT_LIMIT_MS = 8 * 60 * 60 * 1000
WHOLE_ARRAY_LIMIT_MS = 60 * 60 * 1000
"""The longest stretch `read_mono` returns at once: an hour at 16 kHz is 230 MB."""

_RUN_IN_MS = 2000
"""Decoded and thrown away before a seek point, so that overlapped transforms and seek tables have settled."""
_LEAST_BYTES_A_SECOND, _SCANT_FROM_S = 100, 1200
"""The poorest coder of speech writes six times as much; less, for longer, is a bomb and not a long silence."""
_EXACT_SEEKING = frozenset({"wav", "flac", "mov", "aiff", "caf", "w64"})

_FLOATS = frozenset({"pcm_f32le", "pcm_f64le"})
_LOUDEST = 1.0
_STREAM = re.compile(r"^ +Stream #0:\d+.*?: Audio: (?P<codec>\w+)(?P<rest>.*)$", re.MULTILINE)
_ANY_STREAM = re.compile(r"^ +Stream #0:\d+", re.MULTILINE)
_RATE = re.compile(r"\b(\d+) Hz, ([^,]+)")
_DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d)\.(\d+)", re.MULTILINE)
_CONTAINER = re.compile(r"^Input #0, (\S+), from", re.MULTILINE)
_LAYOUTS = {"mono": 1, "stereo": 2, "2.1": 3, "3.0": 3, "4.0": 4, "quad": 4, "5.0": 5, "5.1": 6, "7.1": 8}


@dataclass(frozen=True, slots=True)
class Probe:
    """What a recording is, found by decoding it.

    Attributes:
        container: ffmpeg's name of the demuxer it was read with: wav, mp3, mov, amr, ogg, flac, matroska, aac.
        codec: ffmpeg's name of the codec of the first sound track.
        duration_ms: counted from the decoded samples, not from the header.
        channels, rate: of that track; rate in Hz.
        pcm_sha256: hash of the decoded samples, mixed to one channel of 16 bits at the track's own rate; the same for
            the same samples in another container, or with other tags. Where the channels cancel out, of the first one
            alone; empty where there is nothing but silence, since all silence is the same.
        missing_ms: about how much longer the file's own header says it is; 0 for a whole recording.
        decode_errors: lines of complaint while decoding; more than none means damage that could be bridged.
    """

    container: str
    codec: str
    duration_ms: int
    channels: int
    rate: int
    decode_errors: int = 0
    pcm_sha256: str = ""
    missing_ms: int = 0


@dataclass(frozen=True, slots=True)
class _Header:
    codec: str
    channels: int
    rate: int
    claimed_ms: int | None
    container: str


def probe(path: Path, *, limit_ms: int = DEFAULT_LIMIT_MS, salvage: bool = False) -> Probe:
    """Check that a file is a recording and measure it by decoding it once, in bounded memory.

    Args:
        limit_ms: the longest recording that is taken.
        salvage: take a recording that ends before its header says; a phone that died is still a witness.

    Raises:
        Refused: one of EmptyFile, NotSound, NoSoundTrack, PlaylistRefused, TooLong, Broken, Truncated.
    """
    path = Path(path)
    demuxer = demuxer_of(path)
    header = _read_header(path, demuxer)
    if header.claimed_ms is not None and header.claimed_ms > limit_ms:
        raise too_long(limit_ms)
    if header.rate not in RATES or not 1 <= header.channels <= MOST_CHANNELS:
        raise Broken(
            Message(
                "The file tells of {rate} samples a second in {channels} channels, which no recorder writes; "
                "it is damaged."
            ),
            rate=header.rate,
            channels=header.channels,
        )
    try:
        samples, errors, digest = _count_samples(path, demuxer, header, limit_ms)
        if not digest and header.channels > 1:
            digest = _count_samples(path, demuxer, header, limit_ms, "pan=mono|c0=c0")[2]
    except ffmpeg.FfmpegStalled:
        raise Broken(
            Message("The sound takes longer to read than any recording should; the file is damaged.")
        ) from None
    duration_ms = samples * 1000 // header.rate
    if duration_ms == 0:
        if errors:
            raise Broken(Message("The file begins like a recording, but no sound can be read from it."))
        raise EmptyFile(Message("The recording holds no sound: its length is zero."))
    missing = _missing_ms(path, demuxer, header, duration_ms)
    if missing and not salvage:
        cut = Truncated(
            Message("The file is cut off after {length}: its recording was longer. Copy it again from the recorder."),
            length=spoken_length(duration_ms),
        )
        cut.kept_ms, cut.missing_ms = duration_ms, missing
        raise cut
    container = demuxer or header.container
    return Probe(container, header.codec, duration_ms, header.channels, header.rate, errors, digest, missing)


def _missing_ms(path: Path, demuxer: str | None, header: _Header, duration_ms: int) -> int:
    """How much about the header announces beyond what can be read; 0 for a whole recording."""
    lacking = missing_bytes(path) if demuxer == "wav" else 0
    by_bytes = lacking * duration_ms // max(1, path.stat().st_size)
    by_clock = (header.claimed_ms or 0) - duration_ms
    if by_clock <= max(1000, duration_ms // 50):
        by_clock = 0
    return max(by_clock, by_bytes, 1 if lacking else 0)


def pcm_blocks(
    path: Path,
    rate: int = 16_000,
    block_ms: int = 30_000,
    start_ms: int = 0,
    end_ms: int | None = None,
    *,
    limit_ms: int = DEFAULT_LIMIT_MS,
) -> Iterator[Samples]:
    """Decode to mono float32, one block at a time.

    Args:
        rate: of the samples that come out, in Hz.
        block_ms: length of each block; the last is as long as what is left.
        start_ms, end_ms: the stretch to read, in ms of the recording; to its end when `end_ms` is None.
        limit_ms: stop with `TooLong` when decoding passes this point.

    Raises:
        Refused: when the file is not a recording, cannot be decoded, or is too long.
    """
    if start_ms < 0 or block_ms <= 0 or (end_ms is not None and end_ms < start_ms):
        raise ValueError(f"not a stretch of a recording: {start_ms} to {end_ms} ms in blocks of {block_ms}")
    path = Path(path)
    block = block_ms * rate // 1000
    wanted = None if end_ms is None else _at(end_ms, rate) - _at(start_ms, rate)
    held: list[Samples] = []
    size = 0
    with closing(_samples_from(path, rate, start_ms, wanted, limit_ms)) as pieces:
        for piece in pieces:
            held.append(piece)
            size += piece.size
            while size >= block:
                joined = np.concatenate(held)
                yield joined[:block]
                held, size = [joined[block:]], size - block
    if size:
        yield np.concatenate(held)


def read_mono(path: Path, start_ms: int = 0, end_ms: int | None = None, rate: int = 16_000) -> Samples:
    """A stretch of a recording as one mono float32 array of shape (n,); empty when it starts after the end.

    Raises:
        TooLong: when the stretch is longer than `WHOLE_ARRAY_LIMIT_MS`; use `pcm_blocks` for those.
        Refused: when the file is not a recording or cannot be decoded.
    """
    if end_ms is not None and end_ms - start_ms > WHOLE_ARRAY_LIMIT_MS:
        raise too_long(WHOLE_ARRAY_LIMIT_MS)
    limit_ms = start_ms + WHOLE_ARRAY_LIMIT_MS
    blocks = list(pcm_blocks(path, rate=rate, start_ms=start_ms, end_ms=end_ms, limit_ms=limit_ms))
    return np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.float32)


def in_time(path: Path, demuxer: str | None, *filters: str, silences: bool = True) -> list[str]:
    """Filters for a decoder's output, so that what a telephone left out of silence takes its time all the same.

    Not so where `silences` is False: copies that were made before this was known lack them.

    A telephone that hears nothing writes a frame without data every 20 ms (RFC 4867, 3GPP TS 26.093), of which ffmpeg
    makes no samples: without this, all that is said later would come too early.
    """
    gaps = ["aresample=async=1"] if silences and leaves_silence_out(path, demuxer) else []
    return ["-af", ",".join([*gaps, *filters])] if gaps or filters else []


def _samples_from(
    path: Path, rate: int, start_ms: int, wanted: int | None, limit_ms: int
) -> Generator[Samples, None, None]:
    """Samples from `start_ms` on, `wanted` of them at most, in whatever pieces they arrive."""
    demuxer = demuxer_of(path)
    seek_ms = max(0, start_ms - _RUN_IN_MS) if demuxer in _EXACT_SEEKING else 0
    skip = 0 if seek_ms else _at(start_ms, rate)
    trim = [f"atrim=start={start_ms}ms,asetpts=PTS-STARTPTS"] if seek_ms else []
    allowed = _at(limit_ms, rate) - (_at(start_ms, rate) if seek_ms else 0)
    source = ffmpeg.untrusted_input(path, demuxer, seek_ms)
    until = [] if wanted is None else ["-t", f"{(skip + wanted) / rate + 0.5:.3f}"]
    taken = 0
    filters = in_time(path, demuxer, *trim)
    shape = ["-map", "0:a:0", *filters, "-ac", "1", "-ar", str(rate), *until, "-f", "f32le", "pipe:1"]
    with ffmpeg.Process([*source, *shape], limits=ffmpeg.reading(limit_ms)) as process:
        for found in _as_float32(process.pieces()):
            samples = numbers(found)
            taken += samples.size
            if wanted is None and taken > allowed:
                raise too_long(limit_ms)
            piece = samples[max(0, samples.size - (taken - skip)) :] if taken > skip else samples[:0]
            if wanted is not None:
                piece = piece[:wanted]
                wanted -= piece.size
            if piece.size:
                yield piece
            if wanted == 0:
                return
    if taken == 0 and process.outcome().status != 0:
        raise _explain(process.outcome().messages)


def numbers(samples: Samples) -> Samples:
    """The samples with silence where a damaged stream gave no number, and full scale where it gave infinity."""
    if np.isfinite(samples).all():
        return samples
    return np.nan_to_num(samples, nan=0.0, posinf=_LOUDEST, neginf=-_LOUDEST)


def _as_float32(pieces: Iterator[bytes]) -> Iterator[Samples]:
    for piece in _whole_floats(pieces):
        yield np.frombuffer(piece, dtype="<f4")


def _whole_floats(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        data = rest + piece
        whole = len(data) - len(data) % 4
        rest = data[whole:]
        if whole:
            yield data[:whole]


def _read_header(path: Path, demuxer: str | None) -> _Header:
    try:
        outcome = ffmpeg.run(ffmpeg.untrusted_input(path, demuxer), loglevel="info", check=False, limits=ffmpeg.LOOKING)
    except ffmpeg.FfmpegStalled:
        raise Broken(Message("The file takes longer to open than any recording should; it is damaged.")) from None
    stream = _STREAM.search(outcome.messages)
    if stream is None:
        if demuxer is None:
            raise NotSound(
                Message(
                    "The file is not a kind of sound recording that is taken here. "
                    "Open it with the program that made it and save it as WAV or MP3."
                )
            )
        raise _explain(outcome.messages)
    shape = _RATE.search(stream["rest"])
    if shape is None:
        raise Broken(Message("The file begins like a recording, but no sound can be read from it."))
    clock = _DURATION.search(outcome.messages)
    estimated = "Estimating duration from bitrate" in outcome.messages
    claimed = None
    if clock is not None and not estimated:
        hours, minutes, seconds = int(clock[1]), int(clock[2]), float(f"{clock[3]}.{clock[4]}")
        claimed = round(((hours * 60 + minutes) * 60 + seconds) * 1000)
    container = _CONTAINER.search(outcome.messages)
    return _Header(
        stream["codec"], _channels(shape[2]), int(shape[1]), claimed, container[1].split(",")[0] if container else ""
    )


def _channels(layout: str) -> int:
    """The number of channels behind ffmpeg's name of a layout: `stereo`, `5.1(side)`, `3 channels`."""
    name = layout.strip().split("(")[0].split(" ")[0]
    return _LAYOUTS.get(name, int(name) if name.isdigit() else 1)


def _count_samples(
    path: Path, demuxer: str | None, header: _Header, limit_ms: int, *filters: str
) -> tuple[int, int, str]:
    """Decode everything, keep nothing: how many samples, how often the decoder complained, and the samples' hash, empty
    where every one of them is zero."""
    digest, heard = hashlib.sha256(), False
    floats = header.codec in _FLOATS
    size = 4 if floats else 2
    most = limit_ms * header.rate // 1000 * size
    scant = max(_SCANT_FROM_S, path.stat().st_size // _LEAST_BYTES_A_SECOND) * header.rate * size
    taken = 0
    source = [*ffmpeg.untrusted_input(path, demuxer), "-map", "0:a:0", *in_time(path, demuxer, *filters)]
    arguments = [*source, "-ac", "1", "-ar", str(header.rate)]
    shape = ["-f", "f32le" if floats else "s16le", "pipe:1"]
    with ffmpeg.Process([*arguments, *shape], limits=ffmpeg.reading(limit_ms)) as process:
        pieces = _whole_floats(process.pieces()) if floats else process.pieces()
        for piece in pieces:
            taken += len(piece)
            digest.update(piece)
            heard = heard or piece.count(0) != len(piece)
            if taken > most:
                raise too_long(limit_ms)
            if taken > scant:
                raise Broken(Message("The file holds far too little for the length of its sound; it is damaged."))
            if floats and not np.isfinite(np.frombuffer(piece, dtype="<f4")).all():
                raise Broken(
                    Message(
                        "Some samples of the file are no numbers; open it in a sound editor and save it as WAV, 16 bit."
                    )
                )
    outcome = process.outcome()
    if taken == 0 and outcome.status != 0:
        raise _explain(outcome.messages) if ffmpeg.decodes(header.codec) else cannot_be_read(header.codec.upper())
    if outcome.status != 0:
        raise Broken(
            Message("Most of the file cannot be read as sound; it is damaged. Copy it again from the recorder.")
        )
    return taken // size, process.error_lines, digest.hexdigest() if heard else ""


def _explain(messages: str) -> Broken | NoSoundTrack:
    """Turn what ffmpeg said about a file it could not read into the refusal that fits."""
    if _ANY_STREAM.search(messages) or "matches no streams" in messages:
        return NoSoundTrack(Message("This film has no sound in it."))
    return Broken(
        Message("The file is broken or cut off: no sound can be read from it. Copy it again from the recorder.")
    )


def _at(time_ms: int, rate: int) -> int:
    """The sample that sounds at a time."""
    return time_ms * rate // 1000
