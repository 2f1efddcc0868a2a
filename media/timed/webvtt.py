"""WebVTT, W3C Candidate Recommendation (https://www.w3.org/TR/webvtt1/), with inline times for words and voices.

Inline stamps lie strictly inside their cue and ascend, as the specification asks; `::cue(:past)` can then paint what
was sung.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from archive.language.messages import Message
from archive.timing import TimedLine, Utterance
from media.timed import captions
from media.timed.captions import CaptionCue, Captions, times_of
from media.timed.limits import (
    LONGEST_LINE,
    MOST_WORDS,
    TOO_LONG,
    TooMuch,
    Unreadable,
    clock_ms,
    not_too_long,
    not_too_many,
)
from media.timed.lines import Credits, Mark, line_from_marks, marks, one_line, placed, rows

_SPAN = re.compile(r"<(?!/?v[.\s>]|/?br[\s/>]|[\d:.,]+>)[^<>]*+>")
_MOST_MARKUP = 10  # times the text itself


def write(lines: Sequence[TimedLine], about: Credits | None = None, *, word_times: bool = True) -> str:
    """Placed lines as cues; a line of no length is given a millisecond, because a cue must have one."""
    about = about or Credits()
    head = f"WEBVTT\n\nNOTE {one_line(about.title).replace('-->', '→')}\n" if about.title else "WEBVTT\n"
    cues = [head]
    for line, start, last in placed(lines):
        end = max(last, start + 1)
        text = _inline(marks(line), start, end) if word_times and line.words else _escaped(one_line(line.text))
        cues.append(f"{_clock(start)} --> {_clock(end)}\n{text}\n")
    return "\n".join(cues)


def write_transcript(utterances: Sequence[Utterance], *, word_times: bool = True) -> str:
    """Speech as cues, each with its speaker as a voice span where one is known."""
    cues = ["WEBVTT\n"]
    for said in utterances:
        text = one_line(said.text)
        if not text:
            continue
        start, end = said.start_ms, max(said.end_ms, said.start_ms + 1)
        line = TimedLine(text, start, end, said.words)
        content = _inline(marks(line), start, end) if word_times and said.words else _escaped(text)
        voice = f"<v {_escaped(one_line(said.speaker))}>" if said.speaker else ""
        cues.append(f"{_clock(start)} --> {_clock(end)}\n{voice}{content}\n")
    return "\n".join(cues)


def read(text: str) -> list[TimedLine]:
    """Lines of a WebVTT file, one for each cue, with words where the cue has inline times.

    Raises:
        Unreadable: when it neither begins with WEBVTT nor has a cue.
    """
    found: list[TimedLine] = []
    words = 0
    for cue in captions.unrolled(cues(text))[0]:
        inline = captions.inline_marks(" ".join(cue.rows), cue.start_ms, cue.at)
        if not any(piece.strip() for _, piece in inline):
            continue
        words += len(inline)
        if words > MOST_WORDS:
            raise TooMuch(Message("The file has more than {n} words with times."), cue.at, n=MOST_WORDS)
        line = line_from_marks(inline, cue.end_ms, word_times=len(inline) > 1)
        not_too_long(line.text, cue.at)
        found.append(replace(line, end_ms=cue.end_ms))
    return captions.ended(found)


def read_transcript(text: str) -> Captions:
    """The cues of a WebVTT file as speech; voices, or names before a colon, are speakers. Raises Unreadable."""
    return captions.read(cues(text))


def cues(text: str) -> list[CaptionCue]:
    """The cues as they stand; a file whose first row was lost is read all the same. Raises Unreadable."""
    written = rows(text.replace("\x00", "\ufffd"))
    headed = bool(re.match(r"WEBVTT(?:[ \t]|\Z)", written[0]))
    found: list[CaptionCue] = []
    for at, times, below in _timed(_blocks(written, headed)):
        start, end = clock_ms(times.group(1, 2, 3, 4), at), clock_ms(times.group(5, 6, 7, 8), at)
        shown = tuple(stripped for row in below if (stripped := _other_spans(row.strip())))
        if sum(map(len, shown)) > LONGEST_LINE * _MOST_MARKUP:
            raise TooMuch(TOO_LONG, at, n=LONGEST_LINE)
        if shown:
            not_too_many(found, at)
            found.append(CaptionCue(start, end, shown, at))
    if not headed and not found:
        raise Unreadable(Message("The file does not begin with WEBVTT."))
    return found


def _timed(blocks: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, re.Match[str], list[str]]]:
    """The row of each cue's times, those times, and the rows below; the empty row between two cues may be missing."""
    for number, block in blocks:
        places = [(place, times) for place, row in enumerate(block) if (times := times_of(row))]
        if not places or places[0][0] > 1:  # a remark, or a style
            continue
        for (place, times), (following, _) in pairwise([*places, (len(block), None)]):
            below = block[place + 1 : following]
            if following < len(block) and below and below[-1].strip().isdecimal():
                below.pop()  # the number of the next cue
            if times is not None:
                yield number + place, times, below


def _other_spans(row: str) -> str:
    """A row without spans that say nothing here; voices, times and line breaks stay."""
    return _SPAN.sub("", row) if "<" in row else row


def _blocks(written: Sequence[str], headed: bool) -> Iterator[tuple[int, list[str]]]:
    """What stands between empty rows, with the number of its first row; the head of the file is left out."""
    held: list[str] = []
    head = headed
    for number, row in enumerate([*written, ""], start=1):
        if row:
            held.append(row)
        elif held:
            if not head:
                yield number - len(held), held
            held, head = [], False


def _inline(found: Sequence[Mark], start: int, end: int) -> str:
    written, latest = "", start
    for at, piece in found:
        if latest < at < end:
            written += f"<{_clock(at)}>"
            latest = at
        written += _escaped(piece)
    return written


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(time_ms: int) -> str:
    return f"{time_ms // 3_600_000:02d}:{time_ms // 60_000 % 60:02d}:{time_ms // 1000 % 60:02d}.{time_ms % 1000:03d}"
