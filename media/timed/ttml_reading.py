"""TTML from elsewhere: of broadcasters, of video sites, and of music players with a span for every syllable.

Players put backing voices (`ttm:role="x-bg"`), translations and romanisations into the same paragraph. The backing
voice is a line of its own, the others are not sung and left out. Agents are who sings or speaks. Times are those of
the media: clocks with or without hours and frames, seconds, frames and ticks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archive.language.messages import Message
from archive.timing import TimedLine, Utterance
from media.timed.limits import (
    LATEST_MS,
    MOST_WORDS,
    TooMuch,
    Unreadable,
    checked_ms,
    clock_ms,
    decimal_ms,
    not_too_long,
    not_too_many,
    whole,
)
from media.timed.lines import Mark, line_from_marks, one_line
from media.timed.xml_events import walk

_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d\d)(?:\.(\d+)|:(\d{1,3})(?:\.\d+)?)?")
_OFFSET = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s|f|t)")
_BARE_SECONDS = re.compile(r"\d+(?:\.\d+)?")
_UNIT_MS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_UNSUNG = frozenset({"x-translation", "x-roman", "x-romanization"})
_BACKING = "x-bg"


@dataclass(slots=True)
class _Piece:
    """A timed span with what follows it, or what stands before the first one, without times."""

    start: int | None
    end: int | None
    text: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Line:
    """A paragraph, or the backing voice inside one."""

    start: int | None
    end: int | None
    agent: str
    at: int
    pieces: list[_Piece] = field(default_factory=lambda: [_Piece(None, None)])


def read(text: str) -> list[tuple[TimedLine, str]]:
    """The lines of a document with the name of who sings or says each, empty where none is told. Raises Unreadable."""
    heard = _Heard()
    walk(text.encode(), heard, Message("TTML"))
    return heard.named()


def read_transcript(text: str) -> list[Utterance]:
    """The lines of a document as speech. Raises Unreadable."""
    return [
        Utterance(line.start_ms or 0, line.end_ms or line.start_ms or 0, line.text, line.words, speaker=who or None)
        for line, who in read(text)
    ]


class _Heard:
    """The paragraphs of a TTML document, as they go by."""

    def __init__(self) -> None:
        self._lines: list[tuple[TimedLine, str]] = []
        self._agents: dict[str, str] = {}
        self._agent = ""
        self._naming = False
        self._open: list[_Line] = []
        self._spans: list[str] = []  # what each open element inside a paragraph is
        self._unsung = self._words = 0
        self._begun = False
        self._clock = _Rates()

    def start(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        local = name.rpartition("}")[2]
        told = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        if not self._begun:
            if local != "tt":
                raise Unreadable(Message("The file is XML, but not TTML."))
            self._clock = _Rates.of(told)
        self._begun = True
        if self._open:
            self._inside(local, told, line)
        elif local == "p":
            self._open.append(_Line(*self._times(told, line), told.get("agent", ""), line))
        elif local == "agent":
            not_too_many(self._agents, line, 1000)
            self._agent = told.get("id", "")
        elif local == "name" and self._agent:
            self._naming = True

    def _inside(self, local: str, told: Mapping[str, str], line: int) -> None:
        kind = ""
        if told.get("role", "") in _UNSUNG or self._unsung:
            kind = "unsung"
            self._unsung += 1
        elif told.get("role", "") == _BACKING:
            kind = "backing"
            start, end = self._times(told, line)
            self._open.append(_Line(start, end, self._open[-1].agent, line))
        elif local == "br":
            self._open[-1].pieces[-1].text.append(" ")
        elif local == "span" and told.get("begin"):
            self._words += 1
            if self._words > MOST_WORDS:
                raise TooMuch(Message("The file has more than {n} words with times."), line, n=MOST_WORDS)
            self._open[-1].pieces.append(_Piece(*self._times(told, line)))
        self._spans.append(kind)

    def text(self, piece: str) -> None:
        if self._naming:
            self._agents[self._agent] = one_line(self._agents.get(self._agent, "") + piece)[:80]
        elif self._open and not self._unsung:
            self._open[-1].pieces[-1].text.append(piece)

    def end(self, name: str) -> None:
        local = name.rpartition("}")[2]
        if self._open:
            kind = self._spans.pop() if self._spans else "paragraph"
            if kind == "unsung":
                self._unsung -= 1
            elif kind in ("backing", "paragraph"):
                self._finish(self._open.pop())
        elif local == "agent":
            self._agent = ""
        elif local == "name":
            self._naming = False

    def _finish(self, line: _Line) -> None:
        if found := _timed_line(line):
            not_too_many(self._lines, line.at)
            not_too_long(found.text, line.at)
            self._lines.append((found, line.agent))

    def named(self) -> list[tuple[TimedLine, str]]:
        return [
            (line, self._agents.get(agent, ""))
            for line, agent in sorted(self._lines, key=lambda one: one[0].start_ms or 0)
        ]

    def _times(self, told: Mapping[str, str], line: int) -> tuple[int | None, int | None]:
        start = self._clock.milliseconds(told.get("begin"), line)
        end = self._clock.milliseconds(told.get("end"), line)
        if (
            end is None
            and start is not None
            and (length := self._clock.milliseconds(told.get("dur"), line)) is not None
        ):
            end = checked_ms(start + length, line)
        return start, end


@dataclass(frozen=True, slots=True)
class _Rates:
    """How many frames and ticks a second has."""

    frames: int = 30
    ticks: int = 1

    @classmethod
    def of(cls, told: Mapping[str, str]) -> _Rates:
        rates = [told.get(name, "") for name in ("frameRate", "tickRate")]
        frames, ticks = (int(rate) if rate.isdecimal() and 0 < len(rate) < 10 else 0 for rate in rates)
        return cls(frames or 30, ticks or frames or 1)

    def milliseconds(self, value: str | None, line: int) -> int | None:
        if value is None:
            return None
        value = value.strip()
        if match := _CLOCK.fullmatch(value):
            start = clock_ms(match.group(1, 2, 3, 4), line)
            return start if match[5] is None else checked_ms(start + whole(match[5], line) * 1000 // self.frames, line)
        if match := _OFFSET.fullmatch(value):
            if match[2] in _UNIT_MS:
                return decimal_ms(match[1], _UNIT_MS[match[2]], line)
            rate = self.frames if match[2] == "f" else self.ticks
            digits = match[1].partition(".")[0]
            if len(digits) > 18:
                raise Unreadable(Message("This is not a number that a time or a count can have."), line)
            return checked_ms(min(int(digits) * 1000 // rate, LATEST_MS + 1), line)
        return decimal_ms(value, 1000, line) if _BARE_SECONDS.fullmatch(value) else None


def _timed_line(line: _Line) -> TimedLine | None:
    written = [("".join(piece.text), piece) for piece in line.pieces]
    text = "".join(content for content, _ in written)
    begins = [piece.start for _, piece in written if piece.start is not None]
    start = line.start if line.start is not None else min(begins, default=None)
    if start is None or not text.strip():
        return None
    if len(line.pieces) == 1:
        return TimedLine(" ".join(one_line(text).split()), start, line.end)
    marks = _marks(start, written)
    ends = [piece.end for _, piece in written if piece.end is not None]
    return line_from_marks(marks, line.end if line.end is not None else max(ends, default=None))


def _marks(start: int, written: Sequence[tuple[str, _Piece]]) -> list[Mark]:
    found: list[Mark] = [(start, written[0][0])] if written[0][0].strip() else []
    for content, piece in written[1:]:
        at = start if piece.start is None else piece.start
        if found and not found[-1][1] and found[-1][0] >= at:
            found.pop()
        if not found and at > start:
            found.append((start, ""))
        found.append((at, " ".join(content.split("\n")) if "\n" in content else content))
        if piece.end is not None:
            found.append((piece.end, ""))
    return found
