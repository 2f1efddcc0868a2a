"""What SubRip and WebVTT share: cues of a few rows on a screen, and how speech is read out of them.

Captions that scroll show the row before once more, above the new one; broadcasters and video sites make whole films
so. Such a row is given once. Two passages that only happen to be the same, one after the other, are both kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from archive.language.messages import Message
from archive.timing import TimedLine, Utterance
from media.timed import names
from media.timed.limits import MOST_WORDS, TooMuch, clock_ms, not_too_long
from media.timed.lines import Mark, line_from_marks
from media.timed.markup import plain

STAMP = r"(?:(\d{1,}):)?([0-5]?\d):([0-5]\d)(?:[.,](\d{1,3}))?"
_TIMES = re.compile(rf"\s*{STAMP}\s*(?:-{{1,3}}>|[–—]>|→)\s*{STAMP}")
_DIGITS = {0x17E0 + digit: str(digit) for digit in range(10)}
INLINE = re.compile(rf"<{STAMP}>")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?(?:\s++([^<>]*))?>|</v>")
_CHANGE = re.compile(r"\s{0,8}(?:>|&gt;){2,3}\s*")
"""What broadcasters write where another person begins to speak."""
_HELD_MS = 50
"""A cue as short as this only holds what stands there until the next row has come."""
_GAP_MS = 500
_LEAST_SCROLLED, _MOST_STILL = 2, 0.5
_LEAST_MS, _MS_A_LETTER = 1000, 60

Plain = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class CaptionCue:
    """One cue as written: its rows with their markup, and the row of the file that has its times."""

    start_ms: int
    end_ms: int
    rows: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Captions:
    """What is said in a file of cues: `scrolled` rows were left out as repeated; `once` are uncertain speakers."""

    utterances: tuple[Utterance, ...]
    scrolled: int = 0
    once: tuple[str, ...] = ()


def times_of(row: str) -> re.Match[str] | None:
    """The times of a cue, where a row holds them; with Khmer digits, and with the arrow that Word makes of `-->`."""
    return _TIMES.match(row.translate(_DIGITS)) if ">" in row or "→" in row else None


def read(cues: Sequence[CaptionCue]) -> Captions:
    """Cues as speech; several voices in one are several speakers, over its whole time where no mark parts it."""
    kept, scrolled = unrolled(cues)
    every = [list(_parts(cue)) for cue in kept]
    known = names.found_in([text for parts in every for voice, text, _ in parts if not voice])
    found: list[Utterance] = []
    words = 0
    for cue, parts in zip(kept, every, strict=True):
        for speaker, raw in _joined([(voice, *known.parted(text), fresh) for voice, text, fresh in parts]):
            said = _utterance(cue, raw, speaker)
            words += len(said.words)
            if words > MOST_WORDS:
                raise TooMuch(Message("The file has more than {n} words with times."), cue.at, n=MOST_WORDS)
            if said.text:
                found.append(said)
    return Captions(tuple(found), scrolled, known.once)


def unrolled(cues: Sequence[CaptionCue]) -> tuple[list[CaptionCue], int]:
    """The cues without the rows that scrolling repeats, and how many those were."""
    shown = [[" ".join(plain(INLINE.sub("", row)).split()) for row in cue.rows] for cue in cues]
    repeated = [0] * len(cues)
    held: list[str] = []
    followed = scrolls = 0
    for number, cue in enumerate(cues):
        rows = [row for row in shown[number] if row]
        close = number > 0 and -_GAP_MS <= cue.start_ms - cues[number - 1].end_ms <= _GAP_MS
        if close:
            followed += 1
            repeated[number] = _again(held, rows, cue.end_ms - cue.start_ms <= _HELD_MS)
            scrolls += bool(repeated[number])
        held = rows
    if scrolls < _LEAST_SCROLLED or scrolls < _MOST_STILL * followed:
        return list(cues), 0
    kept: list[CaptionCue] = []
    for cue, texts, count in zip(cues, shown, repeated, strict=True):
        rows_with_words = [row for row, text in zip(cue.rows, texts, strict=True) if text]
        if fresh := rows_with_words[count:]:
            kept.append(replace(cue, rows=tuple(fresh)))
    return kept, sum(repeated)


def _again(before: Sequence[str], rows: Sequence[str], held: bool) -> int:
    """How many of the rows were on the screen already: the end of what stood there, and never all of a real cue."""
    most = len(rows) if held else len(rows) - 1
    for count in range(min(most, len(before)), 0, -1):
        if before[len(before) - count :] == rows[:count]:
            return count
    return 0


def _parts(cue: CaptionCue) -> Iterator[tuple[str, str, bool]]:
    """A voice, empty where none is named, what it says, and whether it is another one; a row begins a part."""
    voice = ""
    for row in cue.rows:
        change = _CHANGE.match(row)
        at = change.end() if change else 0
        fresh = change is not None
        for match in _VOICE.finditer(row):
            if before := row[at : match.start()].strip():
                yield voice, before, fresh
                fresh = False
            voice, at = " ".join(plain(match[1] or "").split()), match.end()
        if rest := row[at:].strip():
            yield voice, rest, fresh


def _joined(parts: Sequence[tuple[str, str | None, str, bool]]) -> list[tuple[str | None, str]]:
    """Rows that go on are one part; a voice or a name begins another."""
    found: list[tuple[str | None, str]] = []
    for voice, name, text, fresh in parts:
        speaker = voice or name
        goes_on = found and not fresh and (speaker is None or speaker == found[-1][0])
        if goes_on:
            found[-1] = (found[-1][0], f"{found[-1][1]} {text}".strip())
        else:
            found.append((speaker, text))
    return found


def _utterance(cue: CaptionCue, raw: str, speaker: str | None) -> Utterance:
    inline = inline_marks(raw, cue.start_ms, cue.at)
    timed = len(inline) > 1
    if timed and not inline[0][1].strip():
        inline = inline[1:]
    line = line_from_marks(inline, cue.end_ms, word_times=timed)
    text = not_too_long(" ".join(line.text.split()), cue.at)
    start = line.start_ms if timed and line.start_ms is not None else cue.start_ms
    return Utterance(start, cue.end_ms, text, line.words, speaker=speaker or None)


def inline_marks(content: str, start: int, line: int) -> list[Mark]:
    """The text of a cue by its inline times, as marks."""
    found: list[Mark] = []
    at, moment = 0, start
    for match in INLINE.finditer(content):
        found.append((moment, plain(content[at : match.start()])))
        at, moment = match.end(), clock_ms(match.group(1, 2, 3, 4), line)
    found.append((moment, plain(content[at:])))
    return found


def mended(said: Sequence[Utterance]) -> tuple[list[Utterance], list[Utterance]]:
    """The utterances with an end behind their beginning, and those whose end stood before it.

    Such a one ends where the next begins, or after as long as its words take to say.
    """
    starts = sorted({one.start_ms for one in said})
    following = _following(starts)
    wrong = [one for one in said if one.end_ms < one.start_ms]
    found = [
        one
        if one.end_ms >= one.start_ms
        else replace(one, end_ms=likely_end(one.start_ms, one.text, following[one.start_ms]))
        for one in said
    ]
    return found, wrong


def ended(lines: Sequence[TimedLine]) -> list[TimedLine]:
    """The same lines; one whose end stands before its beginning lasts until the next begins."""
    starts = sorted({line.start_ms for line in lines if line.start_ms is not None})
    following = _following(starts)
    return [
        line
        if line.start_ms is None or line.end_ms is None or line.end_ms >= line.start_ms
        else replace(line, end_ms=likely_end(line.start_ms, line.text, following[line.start_ms]))
        for line in lines
    ]


def _following(starts: Sequence[int]) -> dict[int, int | None]:
    """What begins next after each beginning."""
    return {one: starts[at + 1] if at + 1 < len(starts) else None for at, one in enumerate(starts)}


def likely_end(start_ms: int, text: str, next_ms: int | None) -> int:
    """When words end that begin then, going by their length and by what comes next."""
    spoken = start_ms + max(_LEAST_MS, _MS_A_LETTER * len(text))
    return spoken if next_ms is None else min(spoken, next_ms)
