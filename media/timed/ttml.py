"""Timed Text Markup Language 2 (https://www.w3.org/TR/ttml2/), the subset that IMSC 1.2 text players read.

One `p` for a line, one `span` for a word, media time as `HH:MM:SS.mmm`.
"""

from __future__ import annotations

import xml.etree.ElementTree as Tree  # only to build; what comes in is read by `ttml_reading`
from collections.abc import Sequence
from itertools import pairwise

from archive.timing import TimedLine
from media.timed import captions, ttml_reading
from media.timed.lines import Credits, marks, one_line, placed

TT = "http://www.w3.org/ns/ttml"
_PARAMETER = "http://www.w3.org/ns/ttml#parameter"
_METADATA = "http://www.w3.org/ns/ttml#metadata"
_XML = "http://www.w3.org/XML/1998/namespace"
Tree.register_namespace("ttp", _PARAMETER)
Tree.register_namespace("ttm", _METADATA)


def write(lines: Sequence[TimedLine], about: Credits | None = None) -> str:
    """Placed lines as a TTML document."""
    about = about or Credits()
    own = {f"{{{_XML}}}lang": about.language, f"{{{_XML}}}space": "preserve", f"{{{_PARAMETER}}}timeBase": "media"}
    root = Tree.Element("tt", {"xmlns": TT, **own})  # said here: a prefix that is registered is every document's
    if about.title:
        Tree.SubElement(Tree.SubElement(root, "head"), f"{{{_METADATA}}}title").text = one_line(about.title)
    division = Tree.SubElement(Tree.SubElement(root, "body"), "div")
    for line, start, end in placed(lines):
        paragraph = Tree.SubElement(division, "p", {"begin": _clock(start), "end": _clock(end)})
        if not line.words:
            paragraph.text = one_line(line.text)
            continue
        found = marks(line)
        for (at, piece), (until, _) in pairwise(found):
            if piece:
                times = {"begin": _clock(at), "end": _clock(until)}
                Tree.SubElement(paragraph, "span", times).text = piece
    return Tree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def read(text: str) -> list[TimedLine]:
    """Lines of a TTML document, with the times of spans as words; times are those of the media.

    Raises:
        Unreadable: when it is no well-formed TTML, or tries what no lyric needs (entities, outside references).
    """
    return captions.ended([line for line, _ in ttml_reading.read(text)])


def _clock(time_ms: int) -> str:
    return f"{time_ms // 3_600_000:02d}:{time_ms // 60_000 % 60:02d}:{time_ms // 1000 % 60:02d}.{time_ms % 1000:03d}"
