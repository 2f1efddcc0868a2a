"""What a file of timed text may hold at most, and the one way its numbers are read.

People bring files from anywhere. A reader stops at these limits and says so, with the row, instead of growing with what
somebody made up: no number is turned into an integer before its digits are counted, and no moment lies beyond a
hundred hours, which fits every database.
"""

from __future__ import annotations

from collections.abc import Sequence, Sized

from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message

LARGEST = 8 * 1024 * 1024
"""Bytes of a transcript; eight hours with a time for every word come near it."""
LARGEST_SONG = 1024 * 1024
"""Bytes of a song's timed words."""
MOST_LINES = 20_000
"""Cues, segments, paragraphs or events."""
MOST_ROWS = 500_000
"""Line ends of a file."""
LONGEST_LINE = 20_000
"""Characters of one of them."""
MOST_LETTERS = 2_000_000
"""Characters of all of them: eight hours of the fastest speech have half as many."""
MOST_WORDS = 200_000
"""Words with times of their own: eight hours of speech have about 70,000."""
LATEST_MS = 100 * 3_600_000 - 1
_MOST_DIGITS = 9

ROW = Message("Row {n}: {why}")
TOO_LONG = Message("One passage has more than {n} characters; break it into several.")


class Unreadable(ArchiveError, ValueError):
    """A file of timed text cannot be read.

    Attributes:
        line: the row of the file that is the matter, counted from 1; the sentence names it. None where there is none.
    """

    def __init__(self, told: Message | FilledMessage, line: int | None = None, **values: object) -> None:
        why = told if isinstance(told, FilledMessage) else FilledMessage(told, values)
        super().__init__(why if line is None else FilledMessage(ROW, {"n": line, "why": why}))
        self.line = line


class TooMuch(Unreadable):
    """The file may be well formed, but holds more than a transcript or a song can."""


def whole(digits: str, line: int | None = None) -> int:
    """A number without a sign, in the decimal digits of any script.

    Raises:
        Unreadable: it is none, or has more digits than any time or count.
    """
    if not digits.isdecimal() or len(digits) > _MOST_DIGITS:
        raise Unreadable(Message("This is not a number that a time or a count can have."), line)
    return int(digits)


def decimal_ms(text: str, factor: int, line: int | None = None) -> int:
    """A decimal number such as `12.345`, times `factor`, as a moment in milliseconds.

    Raises:
        Unreadable: it is none, is negative, or lies beyond the last moment a recording can have.
    """
    before, _, after = text.partition(".")
    if not before.isdecimal() or (after and not after.isdecimal()):
        raise Unreadable(Message("A time is a plain number, and not below zero."), line)
    fraction = after[:9]
    scaled = whole(before.lstrip("0") or "0", line) * factor * 10 ** len(fraction) + int(fraction or "0") * factor
    rounded, rest = divmod(scaled, 10 ** len(fraction))
    return checked_ms(rounded + (2 * rest >= 10 ** len(fraction)), line)


def clock_ms(parts: Sequence[str | None], line: int | None = None) -> int:
    """Hours, minutes, seconds and what stands behind their point as a moment in milliseconds; None counts as zero."""
    hours, minutes, seconds, fraction = parts
    rest = int((fraction or "0")[:3].ljust(3, "0"))
    passed = (whole(hours or "0", line) * 60 + whole(minutes or "0", line)) * 60 + whole(seconds or "0", line)
    return checked_ms(passed * 1000 + rest, line)


def checked_ms(time_ms: int, line: int | None = None) -> int:
    """The same moment, if a recording can have it."""
    if not 0 <= time_ms <= LATEST_MS:
        raise Unreadable(Message("This time lies outside every recording, which has a hundred hours at most."), line)
    return time_ms


def not_too_long(text: str, line: int | None = None) -> str:
    """The same text, if it can be one cue or paragraph."""
    if len(text) > LONGEST_LINE:
        raise TooMuch(TOO_LONG, line, n=LONGEST_LINE)
    return text


def not_too_many(found: Sized, line: int | None = None, most: int = MOST_LINES) -> None:
    """Raises TooMuch when no further passage may be added."""
    if len(found) >= most:
        raise TooMuch(Message("The file has more than {n} passages."), line, n=most)
