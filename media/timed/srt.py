"""SubRip (.srt), as SubRip itself writes it and as the Library of Congress describes it (fdd000569).

A number, `HH:MM:SS,mmm --> HH:MM:SS,mmm`, the text, an empty line. It has no times for words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.timing import TimedLine
from media.timed.lines import Unreadable, one_line, placed

_TIMES = re.compile(r"^\s*(\d+):(\d\d):(\d\d)[,.](\d{1,3})\s*-->\s*(\d+):(\d\d):(\d\d)[,.](\d{1,3})", re.MULTILINE)
_MARKUP = re.compile(r"</?(?:b|i|u|s|font)(?:\s[^>]*)?>|\{\\[^}]*\}", re.IGNORECASE)


def write(lines: Sequence[TimedLine]) -> str:
    """Placed lines as SubRip."""
    blocks = (
        f"{number}\n{_clock(start)} --> {_clock(end)}\n{one_line(line.text)}\n"
        for number, (line, start, end) in enumerate(placed(lines), start=1)
    )
    return "\n".join(blocks)


def read(text: str) -> list[TimedLine]:
    """Lines of a SubRip file; the rows of one subtitle become one line, its markup is taken off.

    Raises:
        Unreadable: when there is no row of times in it.
    """
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    times = list(_TIMES.finditer(text))
    if not times:
        raise Unreadable("The file has no SubRip times, such as 00:00:01,000 --> 00:00:02,000.")
    found = []
    for number, match in enumerate(times):
        until = times[number + 1].start() if number + 1 < len(times) else len(text)
        rows = text[match.end() : until].split("\n")[1:]
        if number + 1 < len(times):
            rows = _without_number(rows)
        content = one_line(_MARKUP.sub("", " ".join(row.strip() for row in rows if row.strip())))
        start, end = _milliseconds(match.groups()[:4]), _milliseconds(match.groups()[4:])
        if content:
            found.append(TimedLine(content, start, max(start, end)))
    return found


def _without_number(rows: list[str]) -> list[str]:
    """Drop the number of the next subtitle, which stands right before its times."""
    while rows and not rows[-1].strip():
        rows = rows[:-1]
    return rows[:-1] if rows and rows[-1].strip().isdigit() else rows


def _clock(time_ms: int) -> str:
    return f"{time_ms // 3_600_000:02d}:{time_ms // 60_000 % 60:02d}:{time_ms // 1000 % 60:02d},{time_ms % 1000:03d}"


def _milliseconds(parts: Sequence[str]) -> int:
    return (int(parts[0]) * 60 + int(parts[1])) * 60_000 + int(parts[2]) * 1000 + int(parts[3].ljust(3, "0"))
