"""Praat TextGrid, long text form (https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html).

An interval tier leaves no moment out: pauses are intervals without text. Overlapping speech of one speaker cannot be
told in one tier, so what overlaps is shortened. Every speaker has a tier, and the words of all have one more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from archive.timing import Utterance
from media.timed.lines import Unreadable, one_line

_NOBODY = "speech"
_WORDS = "words"
_TOKEN = re.compile(r'"((?:[^"]|"")*)"|(?<![\w.\[])(-?\d+(?:\.\d+)?)(?![\w\]])')


class _Token(NamedTuple):
    """A quoted label or a number; the other is None."""

    label: str | None
    number: str | None


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
        raise Unreadable("The file is not a Praat TextGrid.")
    tokens = [_Token(match[1], match[2]) for match in _TOKEN.finditer(text)]
    found: list[Utterance] = []
    at = 5  # past the two names of the file's kind, its span and the number of its tiers
    while at < len(tokens):
        kind, name, _, _, size = _taken(tokens, at, 5)
        if kind.label not in {"IntervalTier", "TextTier"} or name.label is None or size.number is None:
            raise Unreadable("The TextGrid has a tier without a name or a length.")
        width = 3 if kind.label == "IntervalTier" else 2
        rows = _taken(tokens, at + 5, int(float(size.number)) * width)
        at += 5 + len(rows)
        speaker = name.label.replace('""', '"')
        if width == 3 and speaker != _WORDS:
            found += _said(rows, None if speaker == _NOBODY else speaker)
    return sorted(found, key=lambda said: (said.start_ms, said.end_ms))


def _taken(tokens: list[_Token], at: int, count: int) -> list[_Token]:
    if count < 0 or at + count > len(tokens):
        raise Unreadable("The TextGrid ends in the middle of a tier.")
    return tokens[at : at + count]


def _said(rows: list[_Token], speaker: str | None) -> Iterator[Utterance]:
    for start, end, said in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
        if start.number is None or end.number is None or said.label is None:
            raise Unreadable("The TextGrid has an interval without its times or its text.")
        if content := one_line(said.label.replace('""', '"')):
            begins, ends = round(float(start.number) * 1000), round(float(end.number) * 1000)
            yield Utterance(begins, max(begins, ends), content, speaker=speaker)


def _filled(intervals: Iterable[tuple[int, int, str]], whole: int) -> list[tuple[int, int, str]]:
    filled: list[tuple[int, int, str]] = []
    reached = 0
    for start, end, text in sorted(intervals):
        begins = max(start, reached)
        if end <= begins:
            continue
        if begins > reached:
            filled.append((reached, begins, ""))
        filled.append((begins, end, one_line(text)))
        reached = end
    if reached < whole or not filled:
        filled.append((reached, whole, ""))
    return filled


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _seconds(time_ms: int) -> str:
    return f"{time_ms // 1000}.{time_ms % 1000:03d}"
