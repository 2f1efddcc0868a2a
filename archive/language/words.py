"""Words with their places in the text.

Khmer is written without spaces between words; they are found here by the likeliest cut over clusters. What a person has
marked wins: a zero-width space is a strong hint, and boundaries that someone has corrected are taken as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from archive.language.clusters import INVISIBLE, KHMER_CLUSTER, KHMER_LETTER, KHMER_ORPHAN
from archive.language.lexicon import Lexicon, shipped
from archive.language.normalise import fold_cluster, normalise

_LETTER = (
    r"(?:(?![\u1780-\u17dd])[^\W\d_]|[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0903"
    r"\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f])"
)
_RUN = re.compile(
    f"(?P<khmer>[{KHMER_LETTER}](?:[{KHMER_LETTER}{INVISIBLE}]*[{KHMER_LETTER}])?)"
    rf"|(?P<number>\d+(?:[.,]\d+)*)"
    rf"|(?P<latin>{_LETTER}(?:[{INVISIBLE}]*(?:{_LETTER}|\d)|['’ʼ](?={_LETTER}))*)"
    rf"|(?P<space>[\s{INVISIBLE}]+)"
    r"|(?P<mark>.)",
    re.DOTALL,
)

_KHMER_PIECES = re.compile(f"{KHMER_CLUSTER}|{KHMER_ORPHAN}|[{INVISIBLE}]+")

# A word may run across one zero-width space only where the text is very unlikely otherwise.
HINT_COST = 12.0
_LONGEST_KEPT = 100  # characters of a word that is remembered


class BoundaryError(ValueError):
    """Corrected word boundaries that do not fit the text they are given with."""


class WordSpan(NamedTuple):
    """A piece of text: a word, or what stands between words.

    Attributes:
        start, end: code point offsets into the text it was cut from.
        is_word: false for spaces, punctuation and the repetition sign.
    """

    text: str
    start: int
    end: int
    is_word: bool


def words(
    text: str,
    *,
    corrected: Sequence[tuple[int, int]] = (),
    hints: bool = True,
    lexicon: Lexicon | None = None,
) -> list[WordSpan]:
    """Cut a text into words and what stands between them; joined, the pieces give the text back exactly.

    Args:
        corrected: ascending spans of words that a person has set; each is taken as it is.
        hints: whether zero-width spaces count as marks of a boundary. Search turns this off, so that a text is found
            the same with and without them.
        lexicon: the words to cut by; the shipped one unless given.

    Raises:
        BoundaryError: when corrected spans overlap, are empty, or reach outside the text.
    """
    return [
        WordSpan(text[start:end], start, end, folded is not None)
        for start, end, folded in _pieces(text, corrected, hints, lexicon or shipped())
    ]


# Offsets of a piece and, if it is a word, its search form.
_Piece = tuple[int, int, str | None]


@lru_cache(maxsize=1 << 11)
def rows_may_end_after(text: str) -> tuple[str, ...]:
    """A text in the pieces between which a row may end: words, each with the signs and spaces behind it.

    For what is drawn or printed, where nothing else knows that Khmer has no spaces.
    """
    found: list[str] = []
    for piece in words(text):
        if found and not piece.is_word:
            found[-1] += piece.text
        else:
            found.append(piece.text)
    return tuple(found)


def _pieces(text: str, corrected: Sequence[tuple[int, int]], hints: bool, lexicon: Lexicon) -> Iterator[_Piece]:
    at = 0
    for start, end in corrected:
        if not at <= start < end <= len(text):
            raise BoundaryError(f"the corrected word at {start} to {end} does not fit the text")
        yield from _cut(text, at, start, hints, lexicon)
        word = text[start:end]
        yield start, end, _folded(word) if any(c.isalnum() for c in word) else None
        at = end
    yield from _cut(text, at, len(text), hints, lexicon)


def _folded(word: str) -> str:
    return _folded_short(word) if len(word) <= _LONGEST_KEPT else normalise(word).text


@lru_cache(maxsize=1 << 14)
def _folded_short(word: str) -> str:
    return normalise(word).text


def _cut(text: str, start: int, end: int, hints: bool, lexicon: Lexicon) -> Iterator[_Piece]:
    for match in _RUN.finditer(text, start, end):
        kind = match.lastgroup
        if kind == "khmer":
            yield from _cut_khmer(match.group(), match.start(), hints, lexicon)
        else:
            yield match.start(), match.end(), _folded(match.group()) if kind in ("number", "latin") else None


def _cut_khmer(run: str, offset: int, hints: bool, lexicon: Lexicon) -> Iterator[_Piece]:
    pieces = _KHMER_PIECES.findall(run)
    keys: list[str] = []
    places: list[int] = []
    gaps: list[int] = []
    at = offset
    for piece in pieces:
        key = fold_cluster(piece)
        if key:
            keys.append(key)
            places.append(at)
        else:
            gaps.append(len(keys))
        at += len(piece)
    if not gaps:
        places.append(at)
        first = 0
        for last in lexicon.cut(keys):
            yield places[first], places[last], "".join(keys[first:last])
            first = last
        return
    yield from _cut_with_gaps(pieces, keys, places, lexicon.cut(keys, frozenset(gaps), HINT_COST if hints else 0.0))


def _cut_with_gaps(pieces: list[str], keys: list[str], places: list[int], ends: list[int]) -> Iterator[_Piece]:
    """The words of a run with invisibles in it; those between words stand alone, those inside a word belong to it."""
    sizes = [len(piece) for piece in pieces if fold_cluster(piece)]
    first, at = 0, places[0]
    for last in ends:
        start, end = places[first], places[last - 1] + sizes[last - 1]
        if start > at:
            yield at, start, None
        yield start, end, "".join(keys[first:last])
        first, at = last, end


class Token(NamedTuple):
    """A word as the search engine stores it.

    Attributes:
        text: the word in its search form.
        start, end: code point offsets of whole clusters in the original text, for highlighting.
        position: its number among the words of the text, from 0.
    """

    text: str
    start: int
    end: int
    position: int


def search_tokens(
    text: str, *, corrected: Sequence[tuple[int, int]] = (), lexicon: Lexicon | None = None
) -> list[Token]:
    """The words of a text or of a query in search form, the same whatever invisibles it holds and in whatever order it
    was typed."""
    found: list[Token] = []
    for start, end, folded in _pieces(text, corrected, False, lexicon or shipped()):
        if folded:
            found.append(Token(folded, start, end, len(found)))
    return found
