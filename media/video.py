"""A karaoke video: title card, lines swept word by word, credits, over the song's own sound.

For projectors at village gatherings (16:9) and for phones (9:16). libass draws the text with complex shaping and with
our own font, so that Khmer comes out as it is written on machines that have no Khmer font at all. Two blocks of lines
take turns: the next line already waits while one is sung.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from archive.timing import TimedLine
from media import ffmpeg
from media.decode import probe
from media.sniff import demuxer_of
from media.timed import ass
from media.timed.lines import Credits, Mark, marks, one_line, placed
from media.typeface import Typeface, broken

Progress = Callable[[float], None]

TITLE_MS = 4000
CREDITS_MS = 5000
WAITING_MS = 4000
"""How long before it is sung a line may already stand there."""
_LINGER_MS = 400
_OUT_TIME = re.compile(rb"out_time_us=(\d+)")


@dataclass(frozen=True, slots=True)
class Picture:
    """Size, frame rate and colours (RRGGBB) of the video."""

    width: int = 1920
    height: int = 1080
    frames_per_second: int = 30
    ground: str = "1B1512"
    sung: str = "FFC145"
    unsung: str = "F7F1E8"


WIDE = Picture()
TALL = Picture(1080, 1920)


@dataclass(frozen=True, slots=True)
class Cards:
    """What stands before and after the song: its title, who sings, and the rows of the credits."""

    title: str
    artist: str = ""
    credits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Video:
    """What was made: its length, and by how much the song begins later than the picture."""

    duration_ms: int
    lead_ms: int


@dataclass(frozen=True, slots=True)
class _Layout:
    picture: Picture
    face: Typeface

    @property
    def em(self) -> float:
        """Height of the letters in pixels."""
        return min(self.picture.width, self.picture.height) * 0.072

    @property
    def ems(self) -> float:
        """The widest row, in ems of the lyric's size."""
        return 0.88 * self.picture.width / self.em

    def font_size(self, em: float) -> int:
        """What libass calls the size of a font: the height of its rows."""
        return round(em * self.face.line_height)

    def fitted(self, rows: Sequence[str], scale: float = 1.0) -> float:
        """The em at which the widest of the rows still fits into the picture."""
        widest = max((self.face.width(row) for row in rows), default=1.0)
        return self.em * min(scale, self.ems / max(widest, 1e-6))

    def style(self, scale: float = 1.0) -> ass.Style:
        picture = self.picture
        return ass.Style(
            self.face.family,
            self.font_size(self.em * scale),
            picture.sung,
            picture.unsung,
            picture.ground,
            picture.width,
            picture.height,
            alignment=5,
            margin=0,
        )


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
        translations: one small row under each of `lines`, empty where there is none.
        progress: told the share that is done.

    Raises:
        Refused: when the sound cannot be read.
        FfmpegFailed: when drawing fails; nothing is left at `target` then.
    """
    sound_ms = probe(audio).duration_ms
    timed = placed(lines)
    lead_ms = max(0, TITLE_MS - timed[0][1]) if timed else 0
    total_ms = lead_ms + sound_ms + CREDITS_MS
    layout = _Layout(picture, face or Typeface())
    with tempfile.TemporaryDirectory(prefix="video-") as name:
        folder = Path(name)
        (folder / "fonts").mkdir()
        shutil.copy(layout.face.file, folder / "fonts" / "letters.ttf")
        script = karaoke_script(lines, cards, layout.picture, layout.face, sound_ms, translations)
        (folder / "lyrics.ass").write_text(script, encoding="utf-8")
        try:
            ffmpeg.run(
                _arguments(audio, target, picture, lead_ms, total_ms),
                folder=folder,
                on_output=None if progress is None else _reporter(progress, total_ms),
            )
        except (ffmpeg.FfmpegFailed, ffmpeg.FfmpegStalled):
            target.unlink(missing_ok=True)
            raise
    return Video(total_ms, lead_ms)


def karaoke_script(
    lines: Sequence[TimedLine],
    cards: Cards,
    picture: Picture,
    face: Typeface,
    sound_ms: int,
    translations: Sequence[str] | None = None,
) -> str:
    """The ASS file that the video is drawn from; its times are the video's, the song beginning after the title."""
    layout = _Layout(picture, face)
    timed = placed(lines)
    lead = max(0, TITLE_MS - timed[0][1]) if timed else 0
    other = {id(line): one_line(text) for line, text in zip(lines, translations or [""] * len(lines), strict=True)}
    first_shown = max(0, timed[0][1] + lead - WAITING_MS // 2) if timed else lead + sound_ms
    events = [_card([cards.title, cards.artist], 0, min(first_shown, TITLE_MS * 2), layout, (1.5, 0.75))]
    free = [first_shown, first_shown]
    for number, (line, start, end) in enumerate(timed):
        block = number % 2
        shown = min(start + lead, max(free[block], start + lead - WAITING_MS))
        until = end + lead + _LINGER_MS
        if number + 2 < len(timed):
            until = max(end + lead, min(until, timed[number + 2][1] + lead))
        free[block] = until
        events += _block(line, shown, until, lead, block, other[id(line)], layout)
    credits_from = max(lead + sound_ms, max(free) if timed else 0)
    rows = list(cards.credits) or [cards.title]
    events.append(_card(rows, credits_from, lead + sound_ms + CREDITS_MS, layout, (0.75, 0.75)))
    about = Credits(cards.title, cards.artist)
    styles = [ass.style_row("Default", layout.style()), ass.style_row("Small", layout.style(0.55))]
    return ass.document(events, about, styles, layout.style())


def _block(line: TimedLine, shown: int, until: int, lead: int, block: int, other: str, layout: _Layout) -> list[str]:
    """The events of one line: its rows around the block's middle, and the translation beneath."""
    later = [(at + lead, piece) for at, piece in marks(line)]
    pieces = [piece for _, piece in later if piece]
    breaks = broken(pieces, layout.ems, layout.face)
    edges = [0, *breaks, len(pieces)]
    size = layout.font_size(layout.fitted(["".join(pieces[a:b]) for a, b in pairwise(edges)]))
    middle = layout.picture.height * (0.36 if block == 0 else 0.68)
    place = f"{{\\an5\\pos({layout.picture.width // 2},{round(middle)})\\fs{size}}}"
    events = [ass.dialogue(shown, until, place + _swept(later, breaks, shown))]
    if other:
        below = round(middle + size * 0.5 * (len(edges) - 1))
        place = f"{{\\an8\\pos({layout.picture.width // 2},{below})\\1c&H{_bgr(layout.picture.unsung)}&}}"
        events.append(ass.dialogue(shown, until, place + ass.escaped(other), "Small"))
    return events


def _swept(later: Sequence[Mark], breaks: Sequence[int], shown: int) -> str:
    """The line as swept text with row breaks in front of the pieces in `breaks`."""
    rows: list[Mark] = []
    number = 0
    for at, piece in later:
        rows.append((at, f"\n{piece}" if piece and number in breaks else piece))
        number += bool(piece)
    return ass.swept(rows, shown).replace("\n", r"\N")


def _card(rows: Sequence[str], start: int, end: int, layout: _Layout, scales: tuple[float, float]) -> str:
    """Rows in the middle of the picture, the first by one scale and the others by another; fades in and out."""
    shown = [one_line(row) for row in rows if one_line(row)]
    first, others = (layout.font_size(layout.fitted(shown, scale)) for scale in scales)
    text = r"\N".join(f"{{\\fs{others if n else first}}}{ass.escaped(row)}" for n, row in enumerate(shown))
    place = f"{{\\an5\\pos({layout.picture.width // 2},{layout.picture.height // 2})\\fad(300,300)"
    return ass.dialogue(start, max(end, start), f"{place}\\1c&H{_bgr(layout.picture.unsung)}&}}{text}")


def _arguments(audio: Path, target: Path, picture: Picture, lead_ms: int, total_ms: int) -> list[str]:
    ground = f"color=c=0x{picture.ground}:s={picture.width}x{picture.height}:r={picture.frames_per_second}"
    sound = f"adelay={lead_ms}:all=1,apad" if lead_ms else "apad"
    return [
        *ffmpeg.untrusted_input(audio, demuxer_of(audio)),
        *("-f", "lavfi", "-i", ground),
        *("-filter_complex", f"[1:v]ass=lyrics.ass:shaping=complex:fontsdir=fonts[v];[0:a:0]{sound}[a]"),
        *("-map", "[v]", "-map", "[a]", "-t", f"{total_ms}ms", "-map_metadata", "-1", "-map_chapters", "-1"),
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-tune", "animation", "-pix_fmt", "yuv420p"),
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


def _bgr(rgb: str) -> str:
    return rgb[4:6] + rgb[2:4] + rgb[0:2]
