"""Moments in a recording: frozen values in integer milliseconds.

Times are whole milliseconds everywhere inside the system. Seconds as floats add up rounding errors over an hour of
words, and two formats that round differently then disagree about which word is sung; integers compare and hash exactly.
Formats that count otherwise (centiseconds, beats, frames) convert where they are read and written, from absolute times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a recording, from `start_ms` up to and not including `end_ms`.

    Raises:
        ValueError: when the span starts before zero or ends before it starts.
    """

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if self.start_ms < 0 or self.end_ms < self.start_ms:
            raise ValueError(f"not a span of time: {self.start_ms} to {self.end_ms} ms")

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.start_ms

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one millisecond."""
        return self.start_ms < other.end_ms and other.start_ms < self.end_ms


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same time in fewer spans: in order, and none touching the next."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start_ms <= found[-1].end_ms:
            found[-1] = Span(found[-1].start_ms, max(found[-1].end_ms, span.end_ms))
        else:
            found.append(span)
    return found


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was said or sung.

    Attributes:
        text: the word as written, without the spaces around it.
        start_ms, end_ms: when it sounds, in the canonical listening file.
        confidence: the recogniser's probability, 0 to 1; None when a person set it or nothing is known.
    """

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """One segment of a transcript: a few seconds of speech with its text and its words.

    Attributes:
        flags: why the text is not to be trusted, from `FLAGS`; empty when nothing is wrong with it.
        speaker: a label such as "S1" until a person names the speaker.
        language: BCP 47 of this segment's text when it is known.
    """

    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()
    flags: tuple[str, ...] = ()
    confidence: float | None = None
    speaker: str | None = None
    language: str | None = None


FLAGS = ("silence", "repetition", "script", "low-confidence", "language-switch", "music")


@dataclass(frozen=True, slots=True)
class TimedLine:
    """One line of a lyric in a recording; a line that could not be placed has no times and no words."""

    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    words: tuple[Word, ...] = field(default=())
    confidence: float | None = None

    @property
    def placed(self) -> bool:
        return self.start_ms is not None
