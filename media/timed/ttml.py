"""Timed Text Markup Language 2 (https://www.w3.org/TR/ttml2/), the subset that IMSC 1.2 text players read.

One `p` for a line, one `span` for a word, media time as `HH:MM:SS.mmm`.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as Tree  # only to build; what comes in is parsed by defusedxml
from collections.abc import Sequence
from itertools import pairwise

from defusedxml import ElementTree as SafeTree
from defusedxml.common import DefusedXmlException

from archive.timing import TimedLine
from media.timed.lines import Credits, Mark, Unreadable, line_from_marks, marks, one_line, placed

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
    try:
        root = SafeTree.fromstring(text.encode())
    except (Tree.ParseError, DefusedXmlException, ValueError):
        raise Unreadable("The file is not well-formed TTML.") from None
    if not root.tag.endswith("}tt"):
        raise Unreadable("The file is XML, but not TTML.")
    found = []
    for paragraph in root.iter():
        if paragraph.tag.endswith("}p") and (line := _line(paragraph)):
            found.append(line)
    return found


def _line(paragraph: Tree.Element) -> TimedLine | None:
    start, end = _milliseconds(paragraph.get("begin")), _milliseconds(paragraph.get("end"))
    spans = [child for child in paragraph if child.tag.endswith("}span") and child.get("begin")]
    text = "".join(paragraph.itertext())
    if start is None or not text.strip():
        return None
    if not spans:
        return TimedLine(one_line(text), start, end)
    found: list[Mark] = [(start, paragraph.text or "")] if (paragraph.text or "").strip() else []
    for span in spans:
        begins = _milliseconds(span.get("begin"))
        until = _milliseconds(span.get("end"))
        at = start if begins is None else begins
        if found and not found[-1][1] and found[-1][0] >= at:
            found.pop()
        if not found and at > start:
            found.append((start, ""))
        found.append((at, "".join(span.itertext()) + (span.tail or "")))
        if until is not None:
            found.append((until, ""))
    return line_from_marks(found, end)


def _clock(time_ms: int) -> str:
    return f"{time_ms // 3_600_000:02d}:{time_ms // 60_000 % 60:02d}:{time_ms // 1000 % 60:02d}.{time_ms % 1000:03d}"


def _milliseconds(value: str | None) -> int | None:
    if value is None:
        return None
    if match := _CLOCK.fullmatch(value.strip()):
        whole = (int(match[1] or 0) * 60 + int(match[2])) * 60_000 + int(match[3]) * 1000
        return whole + int((match[4] or "0").ljust(3, "0")[:3])
    if match := _OFFSET.fullmatch(value.strip()):
        return round(float(match[1]) * _UNIT_MS[match[2]])
    return None
