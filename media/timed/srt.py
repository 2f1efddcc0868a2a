"""SubRip (.srt), as SubRip itself writes it and as the Library of Congress describes it (fdd000569).

A number, `HH:MM:SS,mmm --> HH:MM:SS,mmm`, the text, an empty line. It has no times for words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.timing import TimedLine
from media.timed.limits import Unreadable, clock_ms, not_too_long, not_too_many
from media.timed.lines import one_line, placed, rows

_TIMES = re.compile(r"\s*(\d+):(\d\d):(\d\d)[,.](\d{1,3})\s*-->\s*(\d+):(\d\d):(\d\d)[,.](\d{1,3})")
_MARKUP = re.compile(r"</?(?:b|i|u|s|font)(?:\s[^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE)


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
        Unreadable: when there is no row of times in it, or a time that cannot be.
    """
    found: list[TimedLine] = []
    match: re.Match[str] | None = None
    shown: list[str] = []
    at = 0
    for number, row in enumerate(rows(text), start=1):
        if "-->" in row and (times := _TIMES.match(row)):
            _add(found, match, _without_number(shown), at)
            match, shown, at = times, [], number
        else:
            shown.append(row)
    if match is None:
        raise Unreadable("The file has no SubRip times, such as 00:00:01,000 --> 00:00:02,000.")
    _add(found, match, shown, at)
    return found


def _add(found: list[TimedLine], match: re.Match[str] | None, shown: list[str], at: int) -> None:
    """One subtitle; what stands before the first times is none."""
    if match is None:
        return
    start, end = clock_ms(match.group(1, 2, 3, 4), at), clock_ms(match.group(5, 6, 7, 8), at)
    joined = not_too_long(" ".join(row.strip() for row in shown if row.strip()), at)
    if content := one_line(_MARKUP.sub("", joined)):
        not_too_many(found, at)
        found.append(TimedLine(content, start, max(start, end)))


def _without_number(shown: list[str]) -> list[str]:
    """Drop the number of the next subtitle, which stands right before its times."""
    while shown and not shown[-1].strip():
        shown.pop()
    return shown[:-1] if shown and shown[-1].strip().isdigit() else shown


def _clock(time_ms: int) -> str:
    return f"{time_ms // 3_600_000:02d}:{time_ms // 60_000 % 60:02d}:{time_ms // 1000 % 60:02d},{time_ms % 1000:03d}"
