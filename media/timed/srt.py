"""SubRip (.srt), as SubRip itself writes it and as the Library of Congress describes it (fdd000569).

A number, `HH:MM:SS,mmm --> HH:MM:SS,mmm`, the text, an empty line. It has no times for words. Others write it without
numbers, without milliseconds, with points for commas and with any line end; all of that is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.language.messages import Message
from archive.timing import TimedLine
from media.timed import captions
from media.timed.captions import CaptionCue, Captions, times_of
from media.timed.limits import Unreadable, clock_ms, not_too_long, not_too_many
from media.timed.lines import one_line, placed, rows
from media.timed.markup import guarded, plain

_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_CURLY = re.compile(r"\{([bius])\}([^{}]*+)\{/\1\}", re.IGNORECASE)


def write(lines: Sequence[TimedLine]) -> str:
    """Placed lines as SubRip."""
    blocks = (
        f"{number}\n{_clock(start)} --> {_clock(end)}\n{guarded(one_line(line.text))}\n"
        for number, (line, start, end) in enumerate(placed(lines), start=1)
    )
    return "\n".join(blocks)


def read(text: str) -> list[TimedLine]:
    """Lines of a SubRip file; the rows of one subtitle become one line, its markup is taken off.

    Raises:
        Unreadable: when there is no row of times in it, or a time that cannot be.
    """
    found = [
        TimedLine(one_line(plain(" ".join(cue.rows))), cue.start_ms, cue.end_ms)
        for cue in captions.unrolled(cues(text))[0]
    ]
    return captions.ended([one for one in found if one.text])


def read_transcript(text: str) -> Captions:
    """The subtitles of a SubRip file as speech. Raises Unreadable."""
    return captions.read(cues(text))


def cues(text: str) -> list[CaptionCue]:
    """The subtitles as they stand. Raises Unreadable."""
    found: list[CaptionCue] = []
    match: re.Match[str] | None = None
    shown: list[str] = []
    at = number = 0
    for place, row in enumerate(rows(text), start=1):
        if times := times_of(row):
            number = _take_number(shown, number)
            _add(found, match, shown, at)
            match, shown, at = times, [], place
        else:
            shown.append(row)
    if match is None:
        raise Unreadable(Message("The file has no SubRip times, such as 00:00:01,000 --> 00:00:02,000."))
    _add(found, match, shown, at)
    return found


def _add(found: list[CaptionCue], match: re.Match[str] | None, shown: list[str], at: int) -> None:
    """One subtitle; what stands before the first times is none."""
    if match is None:
        return
    start, end = clock_ms(match.group(1, 2, 3, 4), at), clock_ms(match.group(5, 6, 7, 8), at)
    kept = [_CURLY.sub(r"\2", _OVERRIDE.sub("", row)).strip() for row in shown if row.strip()]
    not_too_long(" ".join(kept), at)
    if any(kept):
        not_too_many(found, at)
        found.append(CaptionCue(start, end, tuple(kept), at))


def _take_number(shown: list[str], last: int) -> int:
    """Take the number of the next subtitle away, which stands right above its times.

    A row of digits that does not come after an empty one, nor counts on, is what somebody said.
    """
    said = shown[-1].strip() if shown else ""
    if not (said.isdecimal() and len(said) < 7):
        return last
    if len(shown) == 1 or not shown[-2].strip() or int(said) == last + 1:
        shown.pop()
        return int(said)
    return last


def _clock(time_ms: int) -> str:
    return f"{time_ms // 3_600_000:02d}:{time_ms // 60_000 % 60:02d}:{time_ms // 1000 % 60:02d},{time_ms % 1000:03d}"
