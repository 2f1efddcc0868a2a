"""The making of the video: libass draws over a still ground, x264 and AAC pack it into an MP4."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.timing import TimedLine
from media import ffmpeg
from media.decode import probe
from media.sniff import demuxer_of
from media.typeface import Typeface
from media.video.extents import FILTER, measured
from media.video.layout import WIDE, Cards, Layout, Picture
from media.video.script import planned, written

Progress = Callable[[float], None]

_OUT_TIME = re.compile(rb"out_time_us=(\d+)")
_COLOURS = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"  # told before the letters are drawn
_SCRIPT = "lyrics.ass"


@dataclass(frozen=True, slots=True)
class Video:
    """What was made: its length, and by how much the song begins later than the picture."""

    duration_ms: int
    lead_ms: int


def make_video(
    audio: Path,
    lines: Sequence[TimedLine],
    target: Path,
    cards: Cards,
    *,
    picture: Picture = WIDE,
    translations: Sequence[str] | None = None,
    face: Typeface | None = None,
    progress: Progress | None = None,
) -> Video:
    """Make an MP4 of a song.

    Args:
        audio: the sound to sing to, in whose time the lines are.
        translations: one small text under each of `lines`, empty where there is none.
        progress: told the share that is done.

    Raises:
        Refused: when the sound cannot be read.
        FfmpegFailed, FfmpegStalled: when drawing fails; nothing is left at `target` then.
    """
    layout = Layout(picture, face or Typeface())
    plan = planned(lines, cards, layout, probe(audio).duration_ms, translations)
    with tempfile.TemporaryDirectory(prefix="video-") as name:
        folder = Path(name)
        carry_typeface(layout.face, folder)
        script = written(plan, measured(plan.rows, layout, folder), layout)
        (folder / _SCRIPT).write_text(script, encoding="utf-8")
        try:
            ffmpeg.run(
                _arguments(audio, target, picture, plan.lead_ms, plan.total_ms),
                folder=folder,
                on_output=None if progress is None else _reporter(progress, plan.total_ms),
            )
        except (ffmpeg.FfmpegFailed, ffmpeg.FfmpegStalled):
            target.unlink(missing_ok=True)
            raise
    return Video(plan.total_ms, plan.lead_ms)


def carry_typeface(face: Typeface, folder: Path) -> None:
    """Put a typeface where libass looks for it."""
    (folder / "fonts").mkdir()
    shutil.copy(face.file, folder / "fonts" / "letters.ttf")


def _arguments(audio: Path, target: Path, picture: Picture, lead_ms: int, total_ms: int) -> list[str]:
    ground = f"color=c=0x{picture.ground}:s={picture.width}x{picture.height}:r={picture.frames_per_second}"
    sound = f"adelay={lead_ms}:all=1,apad" if lead_ms else "apad"
    return [
        *ffmpeg.untrusted_input(audio, demuxer_of(audio)),
        *("-f", "lavfi", "-i", f"{ground},format=yuv420p,{_COLOURS}"),
        *("-filter_complex", f"[1:v]{FILTER.format(script=_SCRIPT)}[v];[0:a:0]{sound}[a]"),
        *("-map", "[v]", "-map", "[a]", "-t", f"{total_ms}ms", "-map_metadata", "-1", "-map_chapters", "-1"),
        # no frame looks ahead or waits for another: on a still ground that gains little and takes most of the time
        *("-c:v", "libx264", "-preset", "superfast", "-crf", "20", "-tune", "zerolatency", "-pix_fmt", "yuv420p"),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-c:a", "aac", "-b:a", "160k", "-ar", "44100", "-ac", "2", "-movflags", "+faststart"),
        *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-f", "mp4"),
        ffmpeg.output_file(target),
    ]


def _reporter(progress: Progress, total_ms: int) -> Callable[[bytes], None]:
    def report(piece: bytes) -> None:
        if times := _OUT_TIME.findall(piece):
            progress(min(1.0, int(times[-1]) / 1000 / total_ms))

    return report
