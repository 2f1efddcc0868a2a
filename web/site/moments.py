"""Moments of a recording as people write them: as the page shows them, `0:27` and `1:02:03`, or as seconds, `27.5`."""

from __future__ import annotations

import re
from typing import Final

from archive.language.numerals import western

_CLOCK: Final = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6})(?:[.,](\d{1,3}))?")
MOMENT_LENGTH: Final = 16  # of a field, with room for spaces


class NotAMoment(ValueError):
    """What was written is no moment."""


def written_moment(text: str) -> int:
    """A moment in milliseconds, in digits of either script.

    Raises:
        NotAMoment: it is none; nor is `0:75`, which could be a slip for anything.
    """
    match = _CLOCK.fullmatch(western(text.strip()))
    if match is None:
        raise NotAMoment(text)
    hours, minutes, seconds, rest = match.groups()
    if (minutes is not None and int(seconds) > 59) or (hours is not None and int(minutes) > 59):
        raise NotAMoment(text)
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds)
    return whole * 1000 + int((rest or "0").ljust(3, "0"))
