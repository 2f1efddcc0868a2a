"""Timed lines from a file laid over a song's own lines: by their text, in order, whatever the file calls them.

Files differ from the song in spaces, marks, romanisation and now and then a word. Lines are therefore compared by their
letters in the search form, pair by pair of neighbours, and matched so that the order is kept and as much as possible
agrees; what agrees too little is left out and said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archive.language.normalise import normalise
from archive.models import LyricLine
from archive.songs import line_words
from archive.timing import TimedLine

LEAST = 0.55
_FITS = 0.9  # from here on the words of the file are taken to be those of the line


@dataclass(frozen=True, slots=True)
class Laid:
    """One line of the song and the number of the line of the file that it was found to be; `value` as edits have it."""

    line_id: str
    number: int
    likeness: float
    value: dict[str, Any]


def lay(lines: Sequence[LyricLine], found: Sequence[TimedLine]) -> list[Laid]:
    """Match a file's timed lines with the song's, in order; lines of either that match nothing are left out."""
    timed = [number for number, line in enumerate(found) if line.start_ms is not None]
    theirs = [_pairs(found[number].text) for number in timed]
    ours = [[_pairs(text) for text in (line.km, line.romanised, line.en) if text.strip()] for line in lines]
    likeness = [[max((_alike(own, their) for own in one), default=0.0) for their in theirs] for one in ours]
    return [
        Laid(lines[row].id, timed[column], likeness[row][column], _value(lines[row], found[timed[column]]))
        for row, column in _best_way(likeness)
    ]


def _pairs(text: str) -> Counter[str]:
    """The neighbouring letters of a text in its search form, without spaces and marks."""
    letters = "".join(letter for letter in normalise(text).text if letter.isalnum() or "\u17b0" <= letter <= "\u17d2")
    return Counter(letters[at : at + 2] for at in range(max(1, len(letters) - 1)))


def _alike(one: Counter[str], other: Counter[str]) -> float:
    whole = one.total() + other.total()
    return 2 * (one & other).total() / whole if whole else 0.0


def _best_way(likeness: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The pairs, ascending in both, whose likeness adds up to the most; none below `LEAST`."""
    rows, columns = len(likeness), len(likeness[0]) if likeness else 0
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in range(rows - 1, -1, -1):
        for column in range(columns - 1, -1, -1):
            here = likeness[row][column]
            taken = here + best[row + 1][column + 1] if here >= LEAST else 0.0
            best[row][column] = max(taken, best[row + 1][column], best[row][column + 1])
    way, row, column = [], 0, 0
    while row < rows and column < columns:
        here = likeness[row][column]
        if here >= LEAST and best[row][column] == here + best[row + 1][column + 1]:
            way.append((row, column))
            row, column = row + 1, column + 1
        elif best[row][column] == best[row + 1][column]:
            row += 1
        else:
            column += 1
    return way


def _value(line: LyricLine, timed: TimedLine) -> dict[str, Any]:
    start = timed.start_ms or 0
    end = max(start, timed.end_ms if timed.end_ms is not None else start)
    same = _alike(_pairs(line_words.text_of(line)), _pairs(timed.text)) >= _FITS
    laid = line_words.laid_over(line_words.pieces(line), timed.words if same else (), start, end)
    words = [[one.length, one.start_ms, one.end_ms] for one in laid]
    return {"start": start, "end": end, "words": words if timed.words and same else []}
