r"""Advanced SubStation Alpha (.ass), as libass reads it; the karaoke tags are those of Aegisub's manual.

`{\kfN}` sweeps over what follows in N hundredths of a second. Tags stand only where words begin: libass shapes the
text between two tags by itself, so that a tag inside a Khmer cluster gives dotted circles. A pause is an empty
`{\kN}`. Durations are differences of rounded moments, not rounded differences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from archive.language.messages import Message
from archive.timing import TimedLine
from media.timed import captions
from media.timed.limits import MOST_WORDS, TooMuch, Unreadable, checked_ms, clock_ms, not_too_long, not_too_many, whole
from media.timed.lines import Credits, Mark, line_from_marks, marks, one_line, placed, rows

_OVERRIDES = re.compile(r"(?<!\\)\{([^{}]*)\}")
_SYLLABLE = re.compile(r"\\(?:kf|ko|K|k)\s*(\d+)")
_CLOCK = re.compile(r"\s*(\d+):(\d\d):(\d\d)[.:,](\d{1,3})\s*$")
_DRAWING = re.compile(r"\\p(\d+)")
_JOINER = "\u2060"
_MOST_COLUMNS = 64


@dataclass(frozen=True, slots=True)
class Style:
    """How lines look.

    Colours are RRGGBB: `sung` sweeps over `unsung`. Sizes are in pixels of the `width` x `height` picture.
    `alignment` counts like the number pad: 2 is bottom centre, 5 the middle. `border` is the outline's width; without
    one it goes with the size.
    """

    font: str = "Noto Sans Khmer"
    size: int = 84
    sung: str = "FFC145"
    unsung: str = "F7F1E8"
    outline: str = "1B1512"
    width: int = 1920
    height: int = 1080
    alignment: int = 2
    margin: int = 120
    border: int | None = None


def write(lines: Sequence[TimedLine], about: Credits | None = None, style: Style | None = None) -> str:
    """Placed lines as ASS events, swept word by word where the words are known."""
    events = [
        dialogue(start, end, swept(marks(line)) if line.words else escaped(one_line(line.text)))
        for line, start, end in placed(lines)
    ]
    return document(events, about or Credits(), [style_row("Default", style or Style())], style or Style())


def document(events: Sequence[str], about: Credits, styles: Sequence[str], style: Style) -> str:
    """A whole ASS file around rows made by `dialogue` and `style_row`."""
    head = (
        f"[Script Info]\nTitle: {one_line(about.title)}\nScriptType: v4.00+\nWrapStyle: 0\nScaledBorderAndShadow: yes\n"
        f"PlayResX: {style.width}\nPlayResY: {style.height}\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, "
        "PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, "
        "ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n"
    )
    format_row = "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
    return head + "\n".join(styles) + "\n\n[Events]\n" + format_row + "\n".join(events) + "\n"


def style_row(name: str, style: Style) -> str:
    """One row of the styles section."""
    colours = ",".join(colour(value) for value in (style.sung, style.unsung, style.outline, style.outline))
    side = style.width // 16
    border = max(2, style.size // 24) if style.border is None else style.border
    return (
        f"Style: {name},{style.font},{style.size},{colours},0,0,0,0,100,100,0,0,1,{border},0,"
        f"{style.alignment},{side},{side},{style.margin},1"
    )


def dialogue(start_ms: int, end_ms: int, text: str, style: str = "Default", layer: int = 0) -> str:
    """One event; `text` is ready ASS, as `swept` and `escaped` give it."""
    return f"Dialogue: {layer},{_clock(start_ms)},{_clock(end_ms)},{style},,0,0,0,,{text}"


def swept(found: Sequence[Mark], from_ms: int | None = None) -> str:
    r"""Marks as `\kf` text; `from_ms` is the start of the event when it shows before it is sung."""
    written = ""
    reached = _hundredths(found[0][0] if from_ms is None else from_ms)
    if _hundredths(found[0][0]) > reached:
        written += f"{{\\k{_hundredths(found[0][0]) - reached}}}"
    for (at, piece), (until, _) in pairwise(found):
        length = _hundredths(until) - _hundredths(at)
        if piece:
            written += f"{{\\kf{length}}}{escaped(piece)}"
        elif length:
            written += f"{{\\k{length}}}"
    return written


def escaped(text: str) -> str:
    """Text that libass shows as it is."""
    return text.replace("\\", "\\" + _JOINER).replace("{", "\\{").replace("}", "\\}")


def read(text: str) -> list[TimedLine]:
    """Lines of an ASS file, one for each that is sung.

    Karaoke made with Aegisub's templater holds a line as a comment with the effect `karaoke`, and once more for every
    syllable as `fx`: the comment is the line. Of events at the same time, the one with syllables is sung and the rest
    translate it, or are its shadow.

    Raises:
        Unreadable: when it has no events section.
    """
    written = rows(text)
    begins = next((number for number, row in enumerate(written) if row.strip().lower() == "[events]"), None)
    if begins is None:
        raise Unreadable(Message("The file has no [Events] section, as an ASS file must."))
    columns = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"]
    found: dict[str, list[tuple[TimedLine, bool]]] = {"said": [], "karaoke": [], "fx": []}
    words = 0
    for number, row in enumerate(written[begins + 1 :], start=begins + 2):
        kind, _, values = row.partition(":")
        if kind.strip() == "Format":
            columns = [column.strip().lower() for column in values.split(",", _MOST_COLUMNS)]
        elif kind.strip() in ("Dialogue", "Comment"):
            cells = dict(zip(columns, values.split(",", len(columns) - 1), strict=False))
            role = _role(kind.strip(), cells)
            if role and (line := _line(cells, number)):
                not_too_many(found[role], number)
                words += len(line.words)
                if words > MOST_WORDS:
                    raise TooMuch(Message("The file has more than {n} words with times."), number, n=MOST_WORDS)
                found[role].append((line, bool(_SYLLABLE.search(cells.get("text", "")))))
        elif row.startswith("["):
            break
    return captions.ended(_once(found["karaoke"] + found["said"] or found["fx"]))


def _role(kind: str, cells: dict[str, str]) -> str:
    """What an event is to the reader; empty for templates and remarks."""
    effect = cells.get("effect", "").strip().lower()
    if kind == "Comment":
        return "karaoke" if effect == "karaoke" else ""
    return "fx" if effect == "fx" else "said"


def _once(lines: Sequence[tuple[TimedLine, bool]]) -> list[TimedLine]:
    """One line for each stretch of time: where several stand there, the first with syllables, else the first."""
    by_time: dict[tuple[int, int], tuple[TimedLine, bool]] = {}
    for line, sung in lines:
        place = line.start_ms or 0, line.end_ms or 0
        if place not in by_time or (sung and not by_time[place][1]):
            by_time[place] = line, sung
    return [line for line, _ in sorted(by_time.values(), key=lambda one: one[0].start_ms or 0)]


def _line(cells: dict[str, str], number: int) -> TimedLine | None:
    start, end = _CLOCK.match(cells.get("start", "")), _CLOCK.match(cells.get("end", ""))
    if start is None or end is None:
        return None
    begins, ends = clock_ms(start.group(1, 2, 3, 4), number), clock_ms(end.group(1, 2, 3, 4), number)
    found: list[Mark] = []
    at_ms = begins
    length = at = 0
    text = cells.get("text", "")
    sung = drawn = False
    for match in _OVERRIDES.finditer(text):
        if (piece := "" if drawn else text[at : match.start()]) or length:
            found.append((at_ms, _plain(piece)))
        drawn = any(int(size) for size in _DRAWING.findall(match[1])[-1:]) if _DRAWING.search(match[1]) else drawn
        for syllable in _SYLLABLE.finditer(match[1]):
            at_ms = checked_ms(at_ms + length * 10, number)
            length, sung = whole(syllable[1], number), True
        at = match.end()
    found.append((at_ms, "" if drawn else _plain(text[at:])))
    found.append((checked_ms(at_ms + length * 10, number) if sung else ends, ""))
    if not any(piece.strip() for _, piece in found):
        return None
    line = line_from_marks(found, ends, word_times=sung)
    not_too_long(line.text, number)
    return line


def _plain(text: str) -> str:
    spaced = re.sub(rf" ?\\[Nnh](?!{_JOINER}) ?", " ", text)
    return spaced.replace("\\{", "{").replace("\\}", "}").replace("\\" + _JOINER, "\\")


def colour(rgb: str) -> str:
    """RRGGBB as ASS writes it, opaque."""
    return f"&H00{rgb[4:6]}{rgb[2:4]}{rgb[0:2]}".upper()


def _hundredths(time_ms: int) -> int:
    return (time_ms + 5) // 10


def _clock(time_ms: int) -> str:
    total = _hundredths(time_ms)
    return f"{total // 360_000}:{total // 6000 % 60:02d}:{total // 100 % 60:02d}.{total % 100:02d}"
