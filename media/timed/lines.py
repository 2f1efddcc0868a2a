"""What the formats share: a line as marks in time, cut only where its script may be cut.

A mark is a moment and the text that begins to sound then; a mark without text is a pause. Marks are counted from the
beginning of the recording, never from each other, so that rounding does not add up along a line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from archive.language.clusters import clusters
from archive.language.messages import Message
from archive.timing import TimedLine, Word
from media.timed.limits import MOST_ROWS, TooMuch, Unreadable

Mark: TypeAlias = tuple[int, str]

_BREAKS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
_AROUND = " \t\u00a0\u200b\ufeff"

__all__ = [
    "Credits",
    "Mark",
    "TooMuch",
    "Unreadable",
    "end_of",
    "line_from_marks",
    "marks",
    "one_line",
    "placed",
    "rows",
]


@dataclass(frozen=True, slots=True)
class Credits:
    """What a file says of itself: title, who sings, who keeps it, and the language of the lines (BCP 47)."""

    title: str = ""
    artist: str = ""
    album: str = ""
    language: str = "km"


def one_line(text: str) -> str:
    """The text without line breaks and control characters, which end a line in most formats."""
    return _BREAKS.sub(" ", text).strip()


def rows(text: str) -> list[str]:
    """The rows of a file, whichever of the three line ends it has, without a byte order mark. Raises TooMuch."""
    found = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if found.count("\n") > MOST_ROWS:
        raise TooMuch(Message("The file has more than {n} rows."), n=MOST_ROWS)
    return found.split("\n")


def end_of(line: TimedLine) -> int:
    """When a placed line ends, by its own word, its last word's, or the moment it begins."""
    assert line.start_ms is not None
    if line.end_ms is not None:
        return max(line.end_ms, line.start_ms)
    return max(line.words[-1].end_ms if line.words else 0, line.start_ms)


def placed(lines: Sequence[TimedLine]) -> list[tuple[TimedLine, int, int]]:
    """The lines that have a place and a text, in order of time, with start and end."""
    found = [(line, line.start_ms, end_of(line)) for line in lines if line.start_ms is not None and one_line(line.text)]
    return sorted(found, key=lambda item: item[1:])


def marks(line: TimedLine) -> list[Mark]:
    """A placed line as marks: one for each word, pauses between them, and one without text at its end.

    Joined, the texts are the line. Words that do not follow one another in the text, or whose border would cut a
    cluster (a Khmer subscript from its base, a vowel from its consonant), sound together with the word before them.
    """
    assert line.start_ms is not None
    text, end = one_line(line.text), end_of(line)
    found: list[Mark] = []
    quiet_from = line.start_ms
    for word, piece in _pieces(text, line.words):
        start = min(max(word.start_ms, quiet_from), end)
        if start > quiet_from:
            found.append((quiet_from, ""))
        found.append((start, piece))
        quiet_from = min(max(word.end_ms, start), end)
    if not found:
        found.append((line.start_ms, text))
        quiet_from = end
    if quiet_from < end:
        found.append((quiet_from, ""))
    return [*found, (end, "")]


def line_from_marks(found: Sequence[Mark], end_ms: int | None = None, word_times: bool = True) -> TimedLine:
    """The line that marks tell: the reverse of `marks`.

    Args:
        found: marks in order of time; the last may be one without text, which ends the line.
        end_ms: end of the line where the format says it apart from the marks.
        word_times: whether the marks are words; a line timed only as a whole has none.
    """
    start = found[0][0]
    last = max(found[-1][0], start)
    end = last if end_ms is None else max(end_ms, start)
    text = "".join(piece for _, piece in found).strip()
    words = []
    if word_times:
        for (at, piece), (until, _) in pairwise([*found, (end, "")]):
            if piece.strip(_AROUND):
                words.append(Word(piece.strip(_AROUND), max(at, start), max(until, at)))
    return TimedLine(text, start, end, tuple(words))


def _pieces(text: str, words: Sequence[Word]) -> list[tuple[Word, str]]:
    """The text cut where words begin; a piece runs to the next word, so punctuation stays with what it follows."""
    allowed = {cluster.start for cluster in clusters(text)}
    cuts: list[tuple[int, Word]] = []
    reached = 0
    for word in sorted(words, key=lambda word: word.start_ms):
        wanted = one_line(word.text)
        at = text.find(wanted, reached) if wanted else -1
        if at < 0 or (cuts and at not in allowed):
            if cuts:
                cuts[-1] = (cuts[-1][0], _joined(cuts[-1][1], word))
            continue
        cuts.append((at, word))
        reached = at + len(wanted)
    borders = [0, *(at for at, _ in cuts[1:]), len(text)]
    return (
        [(word, text[start:end]) for (_, word), (start, end) in zip(cuts, pairwise(borders), strict=True)]
        if cuts
        else []
    )


def _joined(first: Word, second: Word) -> Word:
    return Word(first.text + second.text, first.start_ms, max(first.end_ms, second.end_ms))
