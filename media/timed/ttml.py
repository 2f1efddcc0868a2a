"""Timed Text Markup Language 2 (https://www.w3.org/TR/ttml2/), the subset that IMSC 1.2 text players read.

One `p` for a line, one `span` for a word, media time as `HH:MM:SS.mmm`.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as Tree  # only to build; what comes in is read by `xml_events`
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from archive.timing import TimedLine
from media.timed.limits import MOST_WORDS, TooMuch, Unreadable, clock_ms, decimal_ms, not_too_long, not_too_many
from media.timed.lines import Credits, Mark, line_from_marks, marks, one_line, placed
from media.timed.xml_events import walk

TT = "http://www.w3.org/ns/ttml"
_PARAMETER = "http://www.w3.org/ns/ttml#parameter"
_METADATA = "http://www.w3.org/ns/ttml#metadata"
_XML = "http://www.w3.org/XML/1998/namespace"
_CLOCK = re.compile(r"(?:(\d+):)?(\d\d):(\d\d)(?:\.(\d+))?")
_OFFSET = re.compile(r"(\d+(?:\.\d+)?)(h|m|s|ms)")
_UNIT_MS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


def write(lines: Sequence[TimedLine], about: Credits | None = None) -> str:
    """Placed lines as a TTML document."""
    about = about or Credits()
    for prefix, namespace in (("", TT), ("ttp", _PARAMETER), ("ttm", _METADATA)):
        Tree.register_namespace(prefix, namespace)
    root = Tree.Element(
        f"{{{TT}}}tt",
        {f"{{{_XML}}}lang": about.language, f"{{{_XML}}}space": "preserve", f"{{{_PARAMETER}}}timeBase": "media"},
    )
    if about.title:
        Tree.SubElement(Tree.SubElement(root, f"{{{TT}}}head"), f"{{{_METADATA}}}title").text = one_line(about.title)
    division = Tree.SubElement(Tree.SubElement(root, f"{{{TT}}}body"), f"{{{TT}}}div")
    for line, start, end in placed(lines):
        paragraph = Tree.SubElement(division, f"{{{TT}}}p", {"begin": _clock(start), "end": _clock(end)})
        if not line.words:
            paragraph.text = one_line(line.text)
            continue
        found = marks(line)
        for (at, piece), (until, _) in pairwise(found):
            if piece:
                times = {"begin": _clock(at), "end": _clock(until)}
                Tree.SubElement(paragraph, f"{{{TT}}}span", times).text = piece
    return Tree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def read(text: str) -> list[TimedLine]:
    """Lines of a TTML document, with the times of spans as words; times are those of the media.

    Raises:
        Unreadable: when it is no well-formed TTML, or tries what no lyric needs (entities, outside references).
    """
    heard = _Heard()
    walk(text.encode(), heard, "TTML")
    return heard.lines


@dataclass(slots=True)
class _Piece:
    """A timed span with what follows it, or what stands before the first one, without times."""

    start: int | None
    end: int | None
    text: list[str] = field(default_factory=list)


class _Heard:
    """The paragraphs of a TTML document, as they go by."""

    def __init__(self) -> None:
        self.lines: list[TimedLine] = []
        self._pieces: list[_Piece] = []
        self._times: tuple[int | None, int | None] = None, None
        self._depth = self._words = self._line = 0  # how deep inside a paragraph; 0 outside
        self._begun = False

    def start(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        if not self._begun and not name.endswith("}tt"):
            raise Unreadable("The file is XML, but not TTML.")
        self._begun = True
        if self._depth:
            self._depth += 1
            if self._depth == 2 and name.endswith("}span") and attributes.get("begin"):
                self._words += 1
                self._pieces.append(_Piece(*_times(attributes, line)))
        elif name.endswith("}p"):
            self._depth, self._line, self._times = 1, line, _times(attributes, line)
            self._pieces = [_Piece(None, None)]

    def text(self, piece: str) -> None:
        if self._depth:
            self._pieces[-1].text.append(piece)

    def end(self, _name: str) -> None:
        if self._depth:
            self._depth -= 1
            if not self._depth and (line := _line(*self._times, self._pieces)):
                not_too_many(self.lines, self._line)
                if self._words > MOST_WORDS:
                    raise TooMuch(f"The file has more than {MOST_WORDS} words with times.", self._line)
                not_too_long(line.text, self._line)
                self.lines.append(line)


def _line(start: int | None, end: int | None, pieces: Sequence[_Piece]) -> TimedLine | None:
    written = [("".join(piece.text), piece) for piece in pieces]
    text = "".join(content for content, _ in written)
    if start is None or not text.strip():
        return None
    if len(pieces) == 1:
        return TimedLine(one_line(text), start, end)
    found: list[Mark] = [(start, written[0][0])] if written[0][0].strip() else []
    for content, piece in written[1:]:
        at = start if piece.start is None else piece.start
        if found and not found[-1][1] and found[-1][0] >= at:
            found.pop()
        if not found and at > start:
            found.append((start, ""))
        found.append((at, content))
        if piece.end is not None:
            found.append((piece.end, ""))
    return line_from_marks(found, end)


def _clock(time_ms: int) -> str:
    return f"{time_ms // 3_600_000:02d}:{time_ms // 60_000 % 60:02d}:{time_ms // 1000 % 60:02d}.{time_ms % 1000:03d}"


def _times(attributes: Mapping[str, str], line: int) -> tuple[int | None, int | None]:
    return _milliseconds(attributes.get("begin"), line), _milliseconds(attributes.get("end"), line)


def _milliseconds(value: str | None, line: int) -> int | None:
    if value is None:
        return None
    if match := _CLOCK.fullmatch(value.strip()):
        return clock_ms(match.group(1, 2, 3, 4), line)
    if match := _OFFSET.fullmatch(value.strip()):
        return decimal_ms(match[1], _UNIT_MS[match[2]], line)
    return None
