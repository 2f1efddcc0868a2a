"""Placed words become timed lines: where words and lines end, and how far each line is to be trusted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from archive.timing import TimedLine, Word
from ingest.aligning.listener import FRAME_MS
from ingest.aligning.lyrics import LyricPhrase
from ingest.aligning.placing import Frames, pace

SHORTEST_WORD_MS = 60

# A word is held for as long as its neighbours let it, but not past these multiples of the song's usual pace: the one
# for a word inside a line, where singers draw words out, the other for a line's last word, after which they breathe.
_LONGEST_INSIDE = 6.0
_LONGEST_LAST = 2.0
_UNKNOWN_PACE = 12.0  # frames a token takes, when no line has two words

# Measured: the strength at which as many lines are wrong as right, and how fast that changes.
_EVEN_STRENGTH = 2.25
_STEEPNESS = 4.0


@dataclass(frozen=True, slots=True)
class PlacedPhrase:
    """A phrase with its place.

    Attributes:
        starts: frames, one per word.
        strength: mean evidence of its words where they were put.
    """

    phrase: LyricPhrase
    starts: Frames
    strength: float

    @property
    def confidence(self) -> float:
        """The chance that the line begins where it was put; see the decision record on aligning."""
        return 1 / (1 + math.exp(-_STEEPNESS * (self.strength - _EVEN_STRENGTH)))


def timed_lines(lines: Sequence[str], placed: Sequence[PlacedPhrase], duration_ms: int) -> list[TimedLine]:
    """Every line, in order; a line none of whose phrases has a place is left without times.

    Args:
        placed: in order; their words begin one after another.
        duration_ms: of the recording; nothing ends after it.
    """
    words: dict[int, list[Word]] = {}
    doubts: dict[int, list[float]] = {}
    for item, timed in zip(placed, _words(placed, duration_ms), strict=True):
        words.setdefault(item.phrase.line, []).extend(timed)
        doubts.setdefault(item.phrase.line, []).append(item.confidence)
    return [
        TimedLine(
            text,
            words[index][0].start_ms,
            words[index][-1].end_ms,
            tuple(words[index]),
            round(fmean(doubts[index]), 3),
        )
        if index in words
        else TimedLine(text, confidence=0.0)
        for index, text in enumerate(lines)
    ]


def _words(placed: Sequence[PlacedPhrase], duration_ms: int) -> Iterator[list[Word]]:
    counts = [[len(word.tokens) for word in item.phrase.words] for item in placed]
    usual_ms = (pace(counts, [item.starts for item in placed]) or _UNKNOWN_PACE) * FRAME_MS
    for index, item in enumerate(placed):
        following = int(placed[index + 1].starts[0]) * FRAME_MS if index + 1 < len(placed) else duration_ms
        begins = [int(frame) * FRAME_MS for frame in item.starts]
        timed = []
        for at, (word, start) in enumerate(zip(item.phrase.words, begins, strict=True)):
            last = at + 1 == len(begins)
            limit = following if last else begins[at + 1]
            longest = usual_ms * len(word.tokens) * (_LONGEST_LAST if last else _LONGEST_INSIDE)
            end = min(limit, start + max(round(longest), SHORTEST_WORD_MS), duration_ms)
            timed.append(Word(word.text, start, max(end, start), round(item.confidence, 3)))
        yield timed
