"""A recording that was broken off and gone on with, as one file: its stretches one after another, nothing coded anew.

WebM files may stand behind one another as they are, and are read so; what browsers write elsewhere (fragmented MP4) has
one header for a file, and is put into one container packet by packet.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from archive.language.messages import Message
from media import ffmpeg
from media.refused import Broken
from media.sniff import demuxer_of

_CHAINED = frozenset({"matroska", "ogg"})
_PIECE = 1 << 20


def joined(path: Path, lengths: Sequence[int], folder: Path) -> Path:
    """The file to keep of one whose stretches have these lengths in bytes: itself, or a new one in `folder`.

    Raises:
        Refused: a stretch is no recording.
    """
    if sum(lengths) != path.stat().st_size or any(length <= 0 for length in lengths):
        raise Broken(Message("The stretches of the recording do not fit its length. Send it again."))
    kind = demuxer_of(path)
    if len(lengths) == 1 or kind in _CHAINED:
        return path
    parts = _parts(path, lengths, folder)
    for part in parts:
        if demuxer_of(part) != kind:
            raise Broken(Message("The stretches of the recording are of different kinds. Send it again."))
    listed = folder / "stretches.txt"
    listed.write_text("".join(f"file '{part.name}'\n" for part in parts))
    target = folder / "joined.mka"
    source = ["-f", "concat", "-safe", "1", "-protocol_whitelist", "file,pipe"]
    allowed = ["-format_whitelist", f"concat,{ffmpeg.SAFE_FORMATS}", "-i", listed.name]
    copied = ["-map", "0:a:0", "-c", "copy", "-map_metadata", "-1", ffmpeg.output_file(target)]
    try:
        ffmpeg.run([*source, *allowed, *copied], folder=folder)
    except (ffmpeg.FfmpegFailed, ffmpeg.FfmpegStalled):
        raise Broken(Message("The stretches of the recording cannot be put together. Send it again.")) from None
    return target


def _parts(path: Path, lengths: Sequence[int], folder: Path) -> list[Path]:
    made = []
    with path.open("rb") as file:
        for number, length in enumerate(lengths):
            part = folder / f"stretch{number}"
            with part.open("wb") as target:
                left = length
                while left and (piece := file.read(min(_PIECE, left))):
                    left -= target.write(piece)
            made.append(part)
    return made
