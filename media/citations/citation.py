"""What a citation says: of whom, of what, when, which version of the words, and from where until where.

A moment is cited in whole seconds, its beginning rounded down and its end up, and its address is made of the same
seconds: what is read, what is copied and what is opened are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from archive.days import Day

ARCHIVE = "Archive of the Messenger Band"
SECOND = 1000


@dataclass(frozen=True, slots=True)
class Citation:
    """One testimony as it is cited.

    Attributes:
        id: the testimony's.
        title, name: in the language of the citation; `name` is empty where the narrator may not be named.
        language: what is spoken, BCP 47.
        version: number of the transcript's version; 0 where no words are cited.
        start_ms, end_ms: whole seconds; None where no moment is cited.
        address: opens this version at this moment.
        seen_on: the day on which it was looked at.
    """

    id: str
    title: str
    name: str
    recorded_on: Day | None
    language: str
    version: int
    start_ms: int | None
    end_ms: int | None
    address: str
    seen_on: date

    @property
    def moment(self) -> str:
        """`0:20`, `0:20–0:31` or nothing."""
        if self.start_ms is None:
            return ""
        end = "" if self.end_ms is None else f"–{clock(self.end_ms)}"
        return f"{clock(self.start_ms)}{end}"

    @property
    def span(self) -> str | None:
        """As the address writes it."""
        return span(self.start_ms, self.end_ms) or None

    @property
    def part(self) -> str:
        """Which version and which moment, as a phrase."""
        version = f"transcript version {self.version}" if self.version else ""
        return ", ".join(filter(None, (version, self.moment)))

    @property
    def key(self) -> str:
        """A name for it in somebody's list of sources: letters, digits and hyphens."""
        start = None if self.start_ms is None else self.start_ms // SECOND
        end = None if self.end_ms is None else self.end_ms // SECOND
        parts = (f"v{self.version}" if self.version else "", "" if start is None else f"t{start}", end)
        return "-".join(["messenger-band", self.id, *(str(part) for part in parts if part)])


def whole_seconds(start_ms: int | None, end_ms: int | None) -> tuple[int | None, int | None]:
    """A moment as it is cited; an end that is not after the beginning counts as none."""
    if start_ms is None:
        return None, None
    start = start_ms // SECOND * SECOND
    end = None if end_ms is None else -(-end_ms // SECOND) * SECOND
    return start, end if end is not None and end > start else None


def span(start_ms: int | None, end_ms: int | None) -> str:
    """`4000`, `4000-9000`, or nothing: a moment in an address, in milliseconds."""
    return "-".join(str(each) for each in (start_ms, end_ms) if each is not None)


def clock(milliseconds: int) -> str:
    """Minutes and seconds, `3:07`; with hours where there are any."""
    minutes, seconds = divmod(milliseconds // SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def exact(day: Day | None) -> tuple[int, ...]:
    """Year, month and day as far as they are known; nothing of a decade or a stretch."""
    if day is None or day.precision in {"decade", "stretch"}:
        return ()
    parts = (day.first.year, day.first.month, day.first.day)
    return parts[: ("year", "month", "day").index(day.precision) + 1]
