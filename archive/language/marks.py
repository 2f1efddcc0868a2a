"""Combining marks in a row: no writing sets more than a few, and canonical order costs the square of their number.

The limit of thirty is that of the Stream-Safe Text Format (Unicode Standard Annex 15, section 12), which is far above
what any language needs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import chain

MOST = 30


def cut_short(text: str) -> str:
    """The text without marks past the thirtieth in a row; almost every text comes back as it is."""
    if len(text) <= MOST or text.isascii():
        return text
    return _too_many().sub(r"\1", text)


@cache
def _too_many() -> re.Pattern[str]:
    marks = "".join(_ranges())
    return re.compile(f"([{marks}]{{{MOST}}})[{marks}]++")


def _ranges() -> Iterator[str]:
    """Every character that begins with a mark when it is taken apart, as ranges for a pattern."""
    first = last = -2
    for code in chain(range(0x300, 0x3400), range(0xA000, 0xAC00), range(0xD7A4, 0x1F000)):  # no ideographs, no hangul
        if code == last + 1 and _is_mark(code):
            last = code
        elif _is_mark(code):
            if first >= 0:
                yield f"\\U{first:08x}-\\U{last:08x}"
            first = last = code
    yield f"\\U{first:08x}-\\U{last:08x}"


def _is_mark(code: int) -> bool:
    character = chr(code)
    if unicodedata.combining(character):
        return True
    parts = unicodedata.decomposition(character).split()
    return bool(parts) and unicodedata.combining(chr(int(parts[1 if parts[0].startswith("<") else 0], 16))) != 0
