"""Lyrics inside an MP3: the ID3v2 frames SYLT (timed) and USLT (plain), ID3v2.4.0 frames, sections 4.8 and 4.9.

Times are milliseconds (format 2), the content is lyrics (type 1). A text that begins with a line break begins a line,
as the specification says; an empty text ends one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mutagen.id3 import SYLT, USLT, Encoding

from archive.timing import TimedLine
from media.timed.lines import Mark, line_from_marks, marks, one_line, placed

_LANGUAGES = {"km": "khm", "en": "eng", "th": "tha", "vi": "vie", "zh": "zho", "fr": "fra", "es": "spa"}
_ID3_LYRICS = 1
_ID3_MILLISECONDS = 2


def language_code(bcp47: str) -> str:
    """ISO 639-2 for an ID3 frame: `khm` for `km` and `km-KH`; `und` when it is not known."""
    return _LANGUAGES.get(bcp47.split("-")[0].lower(), bcp47 if len(bcp47) == 3 else "und")


def timed_frame(lines: Sequence[TimedLine], language: str = "km", description: str = "") -> SYLT:
    """The SYLT frame of the placed lines, word by word where words are known."""
    content: list[Mark] = []
    timed = placed(lines)
    for number, (line, _, end) in enumerate(timed):
        first = True
        for at, piece in marks(line)[:-1]:
            content.append((at, f"\n{piece}" if first and number else piece))
            first = False
        if number + 1 == len(timed) or timed[number + 1][1] > end:
            content.append((end, ""))
    return SYLT(
        encoding=Encoding.UTF16,
        lang=language_code(language),
        format=_ID3_MILLISECONDS,
        type=_ID3_LYRICS,
        desc=description,
        text=[(text, at) for at, text in content],
    )


def plain_frame(lines: Sequence[TimedLine], language: str = "km", description: str = "") -> USLT:
    """The USLT frame: every line, placed or not, in the order of the lyric."""
    text = "\n".join(one_line(line.text) for line in lines)
    return USLT(encoding=Encoding.UTF16, lang=language_code(language), desc=description, text=text)


def read(frame: Any) -> list[TimedLine]:
    """Lines of a SYLT frame in milliseconds; nothing for one that counts MPEG frames."""
    if frame.format != _ID3_MILLISECONDS:
        return []
    groups: list[list[Mark]] = []
    for text, at in frame.text:
        begins = text.startswith(("\n", "\r"))
        if begins or not groups:
            groups.append([])
        groups[-1].append((at, text.lstrip("\r\n")))
    found = []
    for number, group in enumerate(groups):
        following = groups[number + 1][0][0] if number + 1 < len(groups) else None
        ends = group[-1][0] if not group[-1][1] else following
        if any(piece.strip() for _, piece in group):
            found.append(line_from_marks(group, ends))
    return found
