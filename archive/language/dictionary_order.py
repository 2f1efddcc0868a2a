"""The order of Khmer words in a dictionary: by consonant, then by vowel, then by what is joined below.

Code points sort a subscript word before one with a vowel, signs that only colour a sound before letters, and the
independent vowels after everything. Khmer dictionaries (that of Chuon Nath, and those after it) have: the consonants in
their row, each first without a vowel, then with each vowel in its row, the vowels with nikahit and reahmuk last, then
with subscripts; independent vowels after the letter whose sound they have. Register shifters, robat and the silencing
signs only decide between words that are otherwise the same. Other scripts come first, letters without regard to case.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from archive.language.normalise import normalise

_COENG = "\u17d2"
_AFTER = {
    "\u179a": "\u17ab\u17ac",
    "\u179b": "\u17ad\u17ae",
    "\u17a2": "\u17a5\u17a6\u17a7\u17a9\u17aa\u17af\u17b0\u17b1\u17b3",
}
_VOWELS: Final = (
    "\u17b6", "\u17b7", "\u17b8", "\u17b9", "\u17ba", "\u17bb", "\u17bc", "\u17bd", "\u17be", "\u17bf", "\u17c0",
    "\u17c1", "\u17c2", "\u17c3", "\u17c4", "\u17c5", "\u17bb\u17c6", "\u17c6", "\u17b6\u17c6", "\u17c7",
    "\u17b7\u17c7", "\u17bb\u17c7", "\u17c1\u17c7", "\u17c4\u17c7", "\u17c8",
)  # fmt: skip
_KHMER = 0x110000  # behind the code points of every other script


_PRIVATE = 0xF0000


def _letters() -> dict[str, int]:
    row = [chr(code) for code in range(0x1780, 0x17A3)]
    row[row.index("\u179d") : row.index("\u179f")] = []  # two for Sanskrit stand beside the sa that they sound like
    row.insert(row.index("\u179f"), "\u179d")
    row.insert(row.index("\u179f"), "\u179e")
    every = [letter for one in row for letter in (one, *_AFTER.get(one, ""))]
    return {letter: _KHMER + number for number, letter in enumerate(every)}


_WEIGHTS: Final = {
    **_letters(),
    **{vowel: _KHMER + 0x100 + number for number, vowel in enumerate(_VOWELS)},
    _COENG: _KHMER + 0x200,
}
_LONGEST_FIRST = sorted(_WEIGHTS, key=len, reverse=True)
_PIECE = re.compile("|".join(map(re.escape, _LONGEST_FIRST)) + "|.", re.DOTALL)
_ONLY_COLOURS = frozenset("\u17c9\u17ca\u17cb\u17cc\u17cd\u17ce\u17cf\u17d0\u17d1\u17dd")


@lru_cache(maxsize=1 << 14)
def sort_key(text: str) -> tuple[tuple[int, ...], str]:
    """What to sort texts by: `sorted(labels, key=sort_key)`."""
    folded = normalise(text).text
    pieces = (piece for piece in _PIECE.findall(folded) if piece not in _ONLY_COLOURS)
    return tuple(_WEIGHTS.get(piece, ord(piece[0])) for piece in pieces), folded


@lru_cache(maxsize=1 << 14)
def kept_key(text: str) -> str:
    """`sort_key` as a text that sorts by its code points, to be kept beside what a database sorts; empty for nothing.

    Khmer's weights stand in the last plane for private use, behind every script.
    """
    weights, folded = sort_key(text)
    if not folded:
        return ""
    return "".join(chr(one if one < _KHMER else one - _KHMER + _PRIVATE) for one in weights) + "\x01" + folded
