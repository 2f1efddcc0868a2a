"""Timed lines and utterances as lists of numbers and words, for JSON, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive.timing import TimedLine, Utterance, Word


def of_lines(lines: Sequence[TimedLine]) -> list[Any]:
    return [[line.text, line.start_ms, line.end_ms, _words(line.words)] for line in lines]


def lines(rows: Sequence[Any]) -> list[TimedLine]:
    return [TimedLine(text, start, end, _word_tuple(words)) for text, start, end, words in rows]


def of_utterances(said: Sequence[Utterance]) -> list[Any]:
    return [[one.start_ms, one.end_ms, one.text, _words(one.words), one.speaker] for one in said]


def utterances(rows: Sequence[Any]) -> list[Utterance]:
    return [
        Utterance(start, end, text, _word_tuple(words), speaker=speaker) for start, end, text, words, speaker in rows
    ]


def _words(words: Sequence[Word]) -> list[Any]:
    return [[word.text, word.start_ms, word.end_ms] for word in words]


def _word_tuple(rows: Sequence[Any]) -> tuple[Word, ...]:
    return tuple(Word(text, start, end) for text, start, end in rows)
