"""Orthographic clusters: the smallest pieces of text a reader sees as one.

A Khmer cluster is a base letter with its subscripts, vowel signs and marks, in whatever order they were typed. Cutting
anywhere inside one breaks what is on the page, so highlighting, karaoke wiping and word cutting all stand on these.
Source: The Unicode Standard, section 16.4 (Khmer); SIL, Khmer character specification.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

COENG = "\u17d2"
KHMER_BASE = "\u1780-\u17b3"
KHMER_MARK = "\u17b6-\u17d1\u17d3\u17dd"
# Inherent vowels U+17B4 and U+17B5 are deprecated and show nothing: invisibles like the rest.
INVISIBLE = "\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
KHMER_LETTER = KHMER_BASE + KHMER_MARK + COENG

# Nothing here is ever given back once it is taken: thousands of subscript signs in a row are gone through once.
_I = f"[{INVISIBLE}]*+"
_TAIL = f"(?:{_I}(?:{COENG}(?:{_I}{COENG})*+(?:{_I}[{KHMER_BASE}])?+|[{KHMER_MARK}]))*+"
KHMER_CLUSTER = f"[{KHMER_BASE}]{_TAIL}"
KHMER_ORPHAN = f"[{KHMER_MARK}{COENG}]{_TAIL}"

# Three kinds of piece: a Khmer cluster (or marks that lost their base), invisibles between clusters, everything else.
PIECE = re.compile(
    f"(?P<khmer>{KHMER_CLUSTER}|{KHMER_ORPHAN})|(?P<invisible>[{INVISIBLE}]+)|(?P<other>[^{KHMER_LETTER}{INVISIBLE}]+)"
)


class Cluster(NamedTuple):
    """One cluster as written, with its code point offsets in the text it was cut from."""

    text: str
    start: int
    end: int


def joins(character: str) -> bool:
    """Whether a character of another script belongs to the one before it: a combining mark."""
    return unicodedata.category(character)[0] == "M" or character in "\uff9e\uff9f"


def graphemes(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Offsets of each character of another script together with the marks on it."""
    at = start
    for here in range(start + 1, end):
        if not joins(text[here]):
            yield at, here
            at = here
    if at < end:
        yield at, end


def clusters(text: str) -> list[Cluster]:
    """Cut a text into clusters; joined they give the text back exactly.

    An invisible character inside a cluster belongs to it; one between clusters stands alone.
    """
    found: list[Cluster] = []
    for match in PIECE.finditer(text):
        if match.lastgroup == "other":
            found.extend(Cluster(text[a:b], a, b) for a, b in graphemes(text, match.start(), match.end()))
        else:
            found.append(Cluster(match.group(), match.start(), match.end()))
    return found
