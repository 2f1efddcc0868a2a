"""WebVTT, W3C Candidate Recommendation (https://www.w3.org/TR/webvtt1/), with inline times for words and voices.

Inline stamps lie strictly inside their cue and ascend, as the specification asks; `::cue(:past)` can then paint what
was sung.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from archive.timing import TimedLine, Utterance
from media.timed.limits import LONGEST_LINE, MOST_WORDS, TooMuch, Unreadable, clock_ms, not_too_long, not_too_many
from media.timed.lines import Credits, Mark, line_from_marks, marks, one_line, placed, rows

_STAMP = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMES = re.compile(rf"\s*{_STAMP}\s+-->\s+{_STAMP}")
_INLINE = re.compile(rf"<{_STAMP}>")
_SPAN = re.compile(r"</?[^<>]*>")
_VOICE = re.compile(r"\s*<v(?:\.[^\s<>]*)?\s++([^<>]*)>")
_MOST_MARKUP = 10  # times the text itself
_NO_CHARACTER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")


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
        Unreadable: when it does not begin with WEBVTT.
    """
    return [line for _, line in _cues(text)]


def read_transcript(text: str) -> list[Utterance]:
    """The cues of a WebVTT file as speech; a cue's first voice span names the speaker. Raises Unreadable."""
    found = []
    for content, line in _cues(text):
        voice = _VOICE.match(content)
        speaker = one_line(_unescaped(voice[1])) if voice else None
        start = line.start_ms or 0
        found.append(Utterance(start, max(start, line.end_ms or 0), line.text, line.words, speaker=speaker or None))
    return found


def _cues(text: str) -> Iterator[tuple[str, TimedLine]]:
    written = rows(text.replace("\x00", "\ufffd"))
    if not re.match(r"WEBVTT(?:[ \t]|\Z)", written[0]):
        raise Unreadable("The file does not begin with WEBVTT.")
    cues: list[int] = []
    words = 0
    for number, block in _blocks(written):
        place = next((place for place, row in enumerate(block[:2]) if "-->" in row), None)
        times = _TIMES.match(block[place]) if place is not None else None
        if place is None or times is None:
            continue
        at = number + place
        start, end = clock_ms(times.group(1, 2, 3, 4), at), clock_ms(times.group(5, 6, 7, 8), at)
        content = " ".join(row.strip() for row in block[place + 1 :])
        if len(content) > LONGEST_LINE * _MOST_MARKUP:
            raise TooMuch(f"One passage has more than {LONGEST_LINE} characters; break it into several.", at)
        inline = _inline_marks(content, start, at)
        words += len(inline)
        if any(piece.strip() for _, piece in inline):
            not_too_many(cues, at)
            if words > MOST_WORDS:
                raise TooMuch(f"The file has more than {MOST_WORDS} words with times.", at)
            cues.append(at)
            line = line_from_marks(inline, end, word_times=len(inline) > 1)
            not_too_long(line.text, at)
            yield content, line


def _blocks(written: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """What stands between empty rows, with the number of its first row; the head of the file is left out."""
    held: list[str] = []
    head = True
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


def _inline_marks(content: str, start: int, line: int) -> list[Mark]:
    found: list[Mark] = []
    at, moment = 0, start
    for match in _INLINE.finditer(content):
        found.append((moment, _plain(content[at : match.start()])))
        at, moment = match.end(), clock_ms(match.group(1, 2, 3, 4), line)
    found.append((moment, _plain(content[at:])))
    return found


def _plain(text: str) -> str:
    return _unescaped(_SPAN.sub("", text))


def _unescaped(text: str) -> str:
    """Character references resolved; one with more digits than any character has stands for none."""
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text)) if "&" in text else text


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(time_ms: int) -> str:
    return f"{time_ms // 3_600_000:02d}:{time_ms // 60_000 % 60:02d}:{time_ms // 1000 % 60:02d}.{time_ms % 1000:03d}"
