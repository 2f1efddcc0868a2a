"""LRC, plain and enhanced.

There is no standard. Plain: `[mm:ss.xx]text`, with `[ti:]`, `[ar:]`, `[al:]`, `[la:]`, `[offset:]` in front, as
Kuwano's Lyrics Displayer had it in 1998; a lone stamp ends a line; the same stamp again is a translation. Enhanced
("A2 extension", the A2 Media Player): `<mm:ss.xx>` before every word; others write `[mm:ss.xx]` there. Times of words
belong to the first stamp of a line that comes back, and move with the others. `[bg:…]` is a backing voice. Players
disagree about the sign of `offset`, so 0 is all that is written; read, a positive one shows lyrics sooner unless asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.language.messages import Message
from archive.timing import TimedLine
from media.timed.limits import (
    MOST_LETTERS,
    TooMuch,
    Unreadable,
    checked_ms,
    clock_ms,
    not_too_long,
    not_too_many,
    whole,
)
from media.timed.lines import Credits, Mark, line_from_marks, marks, one_line, placed, rows

_STAMP = r"(\d{1,4}):([0-5]?\d)(?:[.:,](\d{1,3}))?"
_LINE_STAMP = re.compile(rf"\s*\[{_STAMP}\]")
_WORD_STAMP = re.compile(rf"<{_STAMP}>|\[{_STAMP}\]")
_BACKING = re.compile(r"\s*\[bg:(.*)\]\s*$", re.IGNORECASE)
_VOICE = re.compile(r"\s*(?:v\d{1,2}|[FMD]):(?=\s|<)")
_TAG = re.compile(r"\s*\[([A-Za-z#][\w#]*):(.*)\]\s*$")
_MOST_STAMPS = 200  # before one row: a refrain comes back a few times
_OFFSET = re.compile(r"\s*([+-]?)(\d+)\s*")
_FORBIDDEN = str.maketrans({"[": "(", "]": ")", "<": "‹", ">": "›"})


def write(
    lines: Sequence[TimedLine],
    about: Credits | None = None,
    *,
    enhanced: bool = False,
    translations: Sequence[str] | None = None,
) -> str:
    """Lines as LRC.

    Args:
        enhanced: with the times of words.
        translations: one for each of `lines`, empty where there is none; written under the same stamp.

    Brackets in the text become round ones, because LRC cannot tell them from stamps.
    """
    about = about or Credits()
    head = {"ti": about.title, "ar": about.artist, "al": about.album, "la": about.language, "offset": "0"}
    written = [f"[{key}:{one_line(value).translate(_FORBIDDEN)}]" for key, value in head.items() if value]
    other = {id(line): text for line, text in zip(lines, translations or [""] * len(lines), strict=True)}
    timed = placed(lines)
    for number, (line, start, end) in enumerate(timed):
        written.append(f"[{_clock(start)}]{_words(line) if enhanced else one_line(line.text).translate(_FORBIDDEN)}")
        if other[id(line)]:
            written.append(f"[{_clock(start)}]{one_line(other[id(line)]).translate(_FORBIDDEN)}")
        following = timed[number + 1][1] if number + 1 < len(timed) else None
        if following is None or following > end:
            written.append(f"[{_clock(end)}]")
    written += [one_line(line.text).translate(_FORBIDDEN) for line in lines if line.start_ms is None]
    return "\n".join(written) + "\n"


def read(text: str, *, sooner: bool = True) -> list[TimedLine]:
    """Lines of an LRC file, plain or enhanced; lines without a stamp come last, without a place.

    Args:
        sooner: whether a positive `[offset:]` shows lyrics sooner, as most players have it, or later.

    Raises:
        Unreadable: when there is no stamp in it.
    """
    unplaced: list[TimedLine] = []
    stamped: list[tuple[int, int, str, bool]] = []
    letters = latest = 0
    for number, raw in enumerate(rows(text), start=1):
        backing = _BACKING.match(raw)
        times, rest = ([latest], backing[1]) if backing and stamped else _line_stamps(raw, number)
        if times:
            not_too_many(stamped, number)
            letters += len(times) * len(not_too_long(rest, number))
            if letters > MOST_LETTERS:
                raise TooMuch(Message("The file repeats more words than a song can have."), number)
            latest = times[0]
            stamped += [(at, at - times[0], rest, backing is not None) for at in times]
        elif raw.strip() and not _TAG.match(raw):
            not_too_many(unplaced, number)
            unplaced.append(TimedLine(not_too_long(one_line(raw), number)))
    if not stamped:
        raise Unreadable(Message("The file has no LRC time stamps, such as [01:23.45]."))
    shift = offset_of(text)
    return _lines(stamped, shift if sooner else -shift) + unplaced


def offset_of(text: str) -> int:
    """The milliseconds of `[offset:]`, with its sign; 0 where there is none. Raises Unreadable."""
    found = 0
    for number, raw in enumerate(rows(text), start=1):
        tag = _TAG.match(raw)
        if tag is not None and tag[1].lower() == "offset" and (said := _OFFSET.fullmatch(tag[2])):
            found = checked_ms(whole(said[2], number), number) * (-1 if said[1] == "-" else 1)
    return found


def _lines(stamped: list[tuple[int, int, str, bool]], offset: int) -> list[TimedLine]:
    stamped.sort(key=lambda item: item[0])
    starts = sorted({at for at, _, _, _ in stamped})
    following = dict(zip(starts, [*starts[1:], None], strict=True))
    found: list[TimedLine] = []
    seen: set[int] = set()
    for at, moved, rest, backing in stamped:
        if not rest.strip() or (at in seen and not backing):
            continue
        if not backing:
            seen.add(at)
        next_start = following[at]
        words = _word_marks(at, moved, _VOICE.sub("", rest, count=1), backing)
        stamped_words = len(words) > 1 or bool(_WORD_STAMP.search(rest))
        ends = words[-1][0] if stamped_words and not words[-1][1] else next_start
        shifted = [(max(0, moment - offset), piece) for moment, piece in words]
        last = (ends if ends is not None else words[-1][0]) - offset
        found.append(line_from_marks(shifted, max(0, last), word_times=stamped_words))
    return found


def _line_stamps(raw: str, number: int) -> tuple[list[int], str]:
    times: list[int] = []
    at = 0
    while match := _LINE_STAMP.match(raw, at):
        not_too_many(times, number, _MOST_STAMPS)
        times.append(_milliseconds(match))
        at = match.end()
    return times, raw[at:]


def _word_marks(start: int, moved: int, rest: str, backing: bool) -> list[Mark]:
    found: list[Mark] = []
    at, moment = 0, start
    for match in _WORD_STAMP.finditer(rest):
        if piece := rest[at : match.start()]:
            found.append((moment, piece))
        elif at:
            found.append((moment, ""))
        stamp = match.group(1, 2, 3) if match[2] is not None else match.group(4, 5, 6)
        at, moment = match.end(), checked_ms(max(0, clock_ms((None, *stamp)) + moved))
    found.append((moment, rest[at:] if rest[at:].strip() else ""))
    if backing and not found[0][1].strip() and len(found) > 1:
        found = found[1:]
    return [*([] if backing or found[0][0] <= start else [(start, "")]), *found]


def _words(line: TimedLine) -> str:
    return "".join(f"<{_clock(at)}>{piece.translate(_FORBIDDEN)}" for at, piece in marks(line))


def _clock(time_ms: int) -> str:
    hundredths = (time_ms + 5) // 10
    return f"{hundredths // 6000:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"


def _milliseconds(match: re.Match[str]) -> int:
    return clock_ms((None, *match.group(1, 2, 3)))
