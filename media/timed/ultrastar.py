"""UltraStar TXT, format 1.1.0 (https://usdx.eu/format/).

Notes are counted in beats from GAP: ms = GAP + beat * 60000 / (BPM * 4). Our lines have no pitch, so their notes are
freestyle (`F`), which every player shows and none scores. `- beat` ends a line, `E` the song. A space at the end of a
note's text is the space between words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from archive.language.messages import Message
from archive.timing import TimedLine
from media.timed.limits import LATEST_MS, MOST_WORDS, Unreadable, checked_ms, not_too_long, not_too_many, whole
from media.timed.lines import Credits, Mark, line_from_marks, marks, one_line, placed
from media.timed.lines import rows as rows_of

BPM = 400
BEAT_MS = 60_000 / (BPM * 4)
_HEADER = re.compile(r"#([A-Za-z0-9]+):(.*)$")
_FASTEST_BPM = 10_000
_LONGEST_BREAK = 80  # characters of a row that ends a line
_SINGER = re.compile(r"P ?\d")
_NOTE = re.compile(r"[:*FRG]\s+(-?\d+)\s+(\d+)\s+-?\d+ ?(.*)$")


def write(
    lines: Sequence[TimedLine], about: Credits | None = None, *, audio: str = "song.mp3", instrumental: str = ""
) -> str:
    """Placed lines as notes.

    Args:
        audio, instrumental: names of the files beside this one.
    """
    about = about or Credits()
    timed = placed(lines)
    gap = timed[0][1] if timed else 0
    head = {
        "VERSION": "1.1.0",
        "TITLE": about.title or "-",
        "ARTIST": about.artist or "-",
        "LANGUAGE": about.language,
        "MP3": audio,
        "AUDIO": audio,
        "INSTRUMENTAL": instrumental,
        "BPM": str(BPM),
        "GAP": str(gap),
    }
    written = [f"#{key}:{one_line(value)}" for key, value in head.items() if value]
    free = 0
    for number, (line, _, end) in enumerate(timed):
        found = marks(line)
        for (at, piece), (until, _) in pairwise(found):
            if piece:
                start = max(free, _beat(at - gap))
                free = max(_beat(until - gap), start + 1)
                written.append(f"F {start} {free - start} 0 {piece}")
        if number + 1 < len(timed):
            free = max(free, min(_beat(end - gap), _beat(timed[number + 1][1] - gap)))
            written.append(f"- {free}")
    return "\n".join([*written, "E"]) + "\n"


def read(text: str) -> list[TimedLine]:
    """Lines of an UltraStar file; of a duet, both singers' in order of time, what they sing together once.

    Raises:
        Unreadable: when it has no BPM or no notes.
    """
    head: dict[str, str] = {}
    rows = rows_of(text)
    for row in rows:
        if match := _HEADER.match(row):
            head[match[1].upper()] = match[2].strip()
    try:
        tempo = float(head["BPM"].replace(",", "."))
        gap = float(head.get("GAP", "0").replace(",", ".") or 0)
    except (KeyError, ValueError):
        raise Unreadable(Message("The file has no #BPM, as an UltraStar song must.")) from None
    if not (1 <= tempo <= _FASTEST_BPM and abs(gap) <= LATEST_MS):
        raise Unreadable(Message("The #BPM or the #GAP of the file is none that a song can have."))
    beat = 60_000 / (tempo * 4)
    found = _lines(rows, beat, gap, head.get("RELATIVE", "").upper() == "YES")
    if not found:
        raise Unreadable(Message("The UltraStar file has no notes."))
    return found


def _lines(rows: Sequence[str], beat: float, gap: float, relative: bool) -> list[TimedLine]:
    found: list[TimedLine] = []
    notes: list[Mark] = []
    origin = 0

    def at(beats: int, number: int) -> int:
        return checked_ms(max(0, round(gap + (origin + beats) * beat)), number)

    def finish(ends: int | None, number: int | None = None) -> None:
        if any(piece.strip() for _, piece in notes):
            not_too_many(found, number)
            found.append(line_from_marks(notes, max(notes[-1][0], ends or 0)))
            not_too_long(found[-1].text, number)
        notes.clear()

    for number, row in enumerate(rows, start=1):
        if match := _NOTE.match(row.lstrip()):
            first = _signed(match[1], number)
            start, end = at(first, number), at(first + whole(match[2], number), number)
            if notes and not notes[-1][1] and notes[-1][0] >= start:
                notes.pop()
            not_too_many(notes, number, MOST_WORDS)
            notes += [(start, match[3].replace("~", "")), (end, "")]
        elif row.lstrip().startswith("-"):
            numbers = [_signed(said, number) for said in re.findall(r"-?\d+", row.lstrip()[1:][:_LONGEST_BREAK])]
            finish(at(numbers[0], number) if numbers else None, number)
            origin += numbers[-1] if relative and numbers else 0
        elif _SINGER.fullmatch(row.strip()):
            finish(None, number)
            origin = 0
        elif row.strip() == "E":
            break
    finish(None)
    once = {(line.start_ms or 0, line.text): line for line in reversed(found)}
    return [once[place] for place in sorted(once)]


def _signed(said: str, number: int) -> int:
    return -whole(said[1:], number) if said.startswith("-") else whole(said, number)


def _beat(time_ms: int) -> int:
    return max(0, round(time_ms / BEAT_MS))
