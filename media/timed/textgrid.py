"""Praat TextGrid, long text form (https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html).

An interval tier leaves no moment out: pauses are intervals without text. Overlapping speech of one speaker cannot be
told in one tier, so what overlaps is shortened. Every speaker has a tier, and the words of all have one more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from archive.language.messages import Message
from archive.timing import Utterance
from media.timed.limits import (
    LATEST_MS,
    LONGEST_LINE,
    MOST_LINES,
    TooMuch,
    Unreadable,
    checked_ms,
    decimal_ms,
    not_too_long,
    not_too_many,
)
from media.timed.lines import one_line
from media.timed.markup import guarded, plain

_NOBODY = "speech"
_WORDS = "words"
_TOKEN = re.compile(r'"((?:[^"]++|"")*+)(?:"|(\Z))|(?<![\w.\[])(-?+\d++(?:\.\d++)?+(?:[eE][-+]?\d{1,3})?+)(?![\w\]])')
_MOST_TOKENS = 1_000_000


class _Token(NamedTuple):
    """A quoted label or a number, the other is None; `at` is where it stands in the text."""

    label: str | None
    number: str | None
    at: int


def write(utterances: Sequence[Utterance], duration_ms: int | None = None) -> str:
    """A transcript as a TextGrid as long as the recording."""
    whole = max([duration_ms or 0, *(said.end_ms for said in utterances)], default=0)
    speakers = list(dict.fromkeys(said.speaker or _NOBODY for said in utterances)) or [_NOBODY]
    tiers = []
    for speaker in speakers:
        own = [said for said in utterances if (said.speaker or _NOBODY) == speaker]
        tiers.append((speaker, _filled(((said.start_ms, said.end_ms, said.text) for said in own), whole)))
    words = [(word.start_ms, word.end_ms, word.text) for said in utterances for word in said.words]
    if words:
        tiers.append((_WORDS, _filled(words, whole)))
    rows = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {_seconds(whole)}"]
    rows += ["tiers? <exists>", f"size = {len(tiers)}", "item []:"]
    for number, (name, intervals) in enumerate(tiers, start=1):
        rows += [f"    item [{number}]:", '        class = "IntervalTier"', f"        name = {_quoted(name)}"]
        rows += ["        xmin = 0", f"        xmax = {_seconds(whole)}", f"        intervals: size = {len(intervals)}"]
        for place, (start, end, text) in enumerate(intervals, start=1):
            rows += [f"        intervals [{place}]:", f"            xmin = {_seconds(start)}"]
            rows += [f"            xmax = {_seconds(end)}", f"            text = {_quoted(text)}"]
    return "\n".join(rows) + "\n"


def read(text: str) -> list[Utterance]:
    """The intervals with text of every tier but `words`, long form or short; a tier's name is the speaker.

    Raises:
        Unreadable: when it is no TextGrid.
    """
    text = text.lstrip("\ufeff")
    if '"TextGrid"' not in text[:200]:
        raise Unreadable(Message("The file is not a Praat TextGrid."))
    return _Reading(text).said()


class _Reading:
    """One pass over a file, which holds no more of it than what was said."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[Utterance] = []
        self._tokens = self._read()

    def said(self) -> list[Utterance]:
        for _ in range(5):  # the two names of the file's kind, its span and the number of its tiers
            next(self._tokens, None)
        while (kind := next(self._tokens, None)) is not None:
            name, _, _, size = (self._next() for _ in range(4))
            if kind.label not in {"IntervalTier", "TextTier"} or name.label is None or size.number is None:
                raise Unreadable(Message("The TextGrid has a tier without a name or a length."), self._row(kind.at))
            count, speaker = self._count(size), name.label.replace('""', '"')
            if kind.label == "TextTier" or speaker == _WORDS:
                for _ in range(count * (2 if kind.label == "TextTier" else 3)):
                    self._next()
            else:
                self._tier(count, None if speaker == _NOBODY else speaker)
        return sorted(self._found, key=lambda said: (said.start_ms, said.end_ms))

    def _tier(self, count: int, speaker: str | None) -> None:
        for _ in range(count):
            start, end, said = self._next(), self._next(), self._next()
            if start.number is None or end.number is None or said.label is None:
                raise Unreadable(
                    Message("The TextGrid has an interval without its times or its text."), self._row(said.at)
                )
            if content := one_line(plain(said.label.replace('""', '"'))):
                if len(self._found) >= MOST_LINES or len(content) > LONGEST_LINE:
                    not_too_many(self._found, self._row(said.at))
                    not_too_long(content, self._row(said.at))
                begins, ends = self._moment(start), self._moment(end)
                self._found.append(Utterance(begins, ends, content, speaker=speaker))

    def _read(self) -> Iterator[_Token]:
        for number, match in enumerate(_TOKEN.finditer(self._text)):
            if match[2] is not None:
                raise Unreadable(Message("A quotation mark is opened and never closed."), self._row(match.start()))
            if number >= _MOST_TOKENS:
                raise TooMuch(Message("The TextGrid has more parts than a transcript can have."))
            yield _Token(match[1], match[3], match.start())

    def _next(self) -> _Token:
        token = next(self._tokens, None)
        if token is None:
            raise Unreadable(Message("The TextGrid ends in the middle of a tier."))
        return token

    def _count(self, size: _Token) -> int:
        try:
            return decimal_ms(size.number or "", 1)
        except Unreadable:
            raise Unreadable(
                Message("The TextGrid has a tier without a name or a length."), self._row(size.at)
            ) from None

    def _moment(self, token: _Token) -> int:
        """Seconds as milliseconds; Praat writes the smallest ones with an exponent."""
        said = token.number or ""
        try:
            if "e" in said or "E" in said:
                return checked_ms(round(min(float(said) * 1000, 2.0 * LATEST_MS)))
            return decimal_ms(said, 1000)
        except Unreadable as error:
            raise Unreadable(error.sentence, self._row(token.at)) from None

    def _row(self, at: int) -> int:
        return self._text.count("\n", 0, at) + 1


def _filled(intervals: Iterable[tuple[int, int, str]], whole: int) -> list[tuple[int, int, str]]:
    filled: list[tuple[int, int, str]] = []
    reached = 0
    for start, end, text in sorted(intervals):
        begins = max(start, reached)
        if end <= begins:
            continue
        if begins > reached:
            filled.append((reached, begins, ""))
        filled.append((begins, end, guarded(one_line(text))))
        reached = end
    if reached < whole or not filled:
        filled.append((reached, whole, ""))
    return filled


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _seconds(time_ms: int) -> str:
    return f"{time_ms // 1000}.{time_ms % 1000:03d}"
