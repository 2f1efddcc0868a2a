"""One form for text that looks the same.

Khmer can be typed in many orders that show the same page: the vowel before the subscript, the subscript ro before
another, a subscript da for a subscript ta, a split vowel for a whole one, a mark pressed twice, a zero-width space
anywhere. None of this is touched by NFC. `normalise` folds all of it for searching and comparing, and keeps the way
back to the text as it was written; `tidy` only puts what is stored in canonical order and changes no word of it.

The order inside a cluster is that of SIL's Khmer character specification: base, robat, subscripts with ro last,
register shifter, vowel, marks, final sign.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import lru_cache

from archive.language.clusters import COENG, INVISIBLE, PIECE, graphemes
from archive.language.marks import cut_short

_RO, _DA, _TA = "\u179a", "\u178a", "\u178f"
_PRE_E, _AA, _I_ABOVE, _II, _U, _NIKAHIT = "\u17c1", "\u17b6", "\u17b7", "\u17b8", "\u17bb", "\u17c6"
_TRIISAP, _MUUSIKATOAN = "\u17ca", "\u17c9"
_SHIFTERS = _TRIISAP + _MUUSIKATOAN
_RAISES_SHIFTERS = frozenset("\u17b7\u17b8\u17b9\u17ba\u17be\u17d0")
"""What stands above a letter and pushes its register shifter below, where it looks like the vowel u."""

_DROP_INVISIBLE = dict.fromkeys(map(ord, re.findall(f"[{INVISIBLE}]", "".join(map(chr, range(0x10000))))))

_REPLACED = str.maketrans(
    {
        "\u17a3": "\u17a2",  # deprecated independent vowel: the letter qa
        "\u17a4": "\u17a2\u17b6",
        "\u17a8": "\u17a7\u1780",
        "\u17b2": "\u17b1",  # two shapes of one letter
        "\u17d3": _NIKAHIT,
        "\u17d8": "\u17d4\u179b\u17d4",
    }
    | {chr(0x17E0 + n): str(n) for n in range(10)}
    | {chr(0x17F0 + n): str(n) for n in range(10)}
    | dict.fromkeys("\u2018\u2019\u201b\u02bc\u02b9\u0060\u00b4\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
)

_PLACE = (
    dict.fromkeys("\u17cc", 1)
    | dict.fromkeys(_SHIFTERS, 4)
    | dict.fromkeys("\u17c1\u17c2\u17c3", 5)
    | dict.fromkeys("\u17b7\u17b8\u17b9\u17ba", 6)
    | dict.fromkeys("\u17bb\u17bc\u17bd", 7)
    | dict.fromkeys("\u17b6\u17be\u17bf\u17c0\u17c4\u17c5", 8)
    | dict.fromkeys("\u17c6", 9)
    | dict.fromkeys("\u17cb\u17cd\u17ce\u17cf\u17d0\u17d1\u17d3\u17dd", 10)
    | dict.fromkeys("\u17c7\u17c8", 11)
)
_LONGEST_KEPT = 64  # characters of a cluster that is remembered; writing has no longer ones
_PAIR = re.compile(f"{COENG}++[\u1780-\u17b3]?+|.", re.DOTALL)


def _place(part: str) -> int:
    if part[0] == COENG:
        return 3 if part[-1] == _RO else 2
    return _PLACE.get(part, 12)


def _parts(cluster: str) -> list[str] | None:
    """A cluster's base and the signs on it, or None where it cannot be ordered without changing what it joins."""
    parts = _PAIR.findall(cluster)
    if not "\u1780" <= parts[0] <= "\u17b3" or any(part[-1] == COENG for part in parts):
        return None
    return parts


def _ordered(parts: list[str]) -> list[str]:
    return [parts[0], *sorted(parts[1:], key=_place)]


def _whole_vowels(signs: list[str], base: str) -> list[str]:
    """Put split vowels together, and the u that was typed where a register shifter only looks like one."""
    if _PRE_E in signs:
        for second, whole in ((_II, "\u17be"), (_AA, "\u17c4")):
            if second in signs:
                signs = [whole if sign == _PRE_E else sign for sign in signs if sign != second]
                break
    raised = _RAISES_SHIFTERS.intersection(signs) or {_AA, _NIKAHIT} <= set(signs)
    if _U in signs and raised:
        shifter = _TRIISAP if base in "\u179f\u17a0\u1794\u17a2" else _MUUSIKATOAN
        typed = set(_SHIFTERS).intersection(signs)  # then the u is the shifter once more, as old shapers drew it
        signs = [sign for sign in signs if sign != _U] if typed else [shifter if sign == _U else sign for sign in signs]
    return signs


def _fold_khmer(cluster: str) -> str:
    text = unicodedata.normalize("NFKC", cluster.translate(_DROP_INVISIBLE).translate(_REPLACED))
    text = re.sub(f"{COENG}+", COENG, text)
    pieces = [match.group() for match in PIECE.finditer(text)]
    if len(pieces) > 1:
        return "".join(fold_cluster(piece) for piece in pieces)
    parts = _parts(text) if text else None
    if parts is None:
        return re.sub(r"(.)\1+", r"\1", text)
    base, *signs = _ordered(
        parts
    )  # before vowels are put together: two of one place stay in the order they come to lie
    signs = [COENG + _TA if sign == COENG + _DA else sign for sign in dict.fromkeys(signs)]
    signs = _whole_vowels(list(dict.fromkeys(signs)), base)
    return "".join(_ordered([base, *signs]))


def _fold_other(grapheme: str) -> str:
    folded = unicodedata.normalize("NFKC", grapheme.translate(_REPLACED)).casefold().translate(_REPLACED)
    folded = unicodedata.normalize("NFKC", folded).translate(_DROP_INVISIBLE)
    return "".join(" " if c.isspace() else c for c in folded)


def fold_cluster(cluster: str) -> str:
    """The search form of one cluster or one grapheme; folding it again changes nothing."""
    return _fold(cluster) if len(cluster) <= _LONGEST_KEPT else _fold.__wrapped__(cut_short(cluster))


@lru_cache(maxsize=1 << 16)
def _fold(cluster: str) -> str:
    for _ in range(4):
        match = PIECE.match(cluster)
        folded = _fold_khmer(cluster) if match is not None and match.lastgroup == "khmer" else _fold_other(cluster)
        if folded == cluster:
            break
        cluster = folded
    return cluster


@dataclass(frozen=True, slots=True)
class Normalised:
    """Text in its search form, with the way back.

    Attributes:
        text: the folded text.
    """

    text: str
    _starts: array[int] = field(repr=False, compare=False)
    _ends: array[int] = field(repr=False, compare=False)

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Where folded characters `start` up to `end` stand in the original, widened to whole clusters.

        Raises:
            ValueError: when the offsets are not a stretch of the folded text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"not a stretch of the text: {start} to {end} of {len(self.text)}")
        if start == end:
            at = self._starts[start] if start < len(self.text) else (self._ends[-1] if self._ends else 0)
            return at, at
        return self._starts[start], self._ends[end - 1]

    def normalised_span(self, start: int, end: int) -> tuple[int, int]:
        """Which folded characters come from original characters `start` up to `end`, even in part."""
        first = bisect_right(self._ends, start)
        return first, max(first, bisect_left(self._starts, end))


def normalise(text: str) -> Normalised:
    """Fold a text for searching and comparing.

    Invisibles go; clusters come to one order and one spelling; Khmer digits become ASCII; letters lose their case;
    quotation marks, apostrophes, dashes and white space come to one form each. Line breaks become spaces.
    """
    out: list[str] = []
    starts = array("I")
    ends = array("I")
    for match in PIECE.finditer(text):
        start, end = match.span()
        kind = match.lastgroup
        if kind == "khmer":
            folded = fold_cluster(match.group())
            out.append(folded)
            starts.extend((start,) * len(folded))
            ends.extend((end,) * len(folded))
        elif kind == "other":
            _fold_run(text, start, end, out, starts, ends)
    return Normalised("".join(out), starts, ends)


def _fold_run(text: str, start: int, end: int, out: list[str], starts: array[int], ends: array[int]) -> None:
    """Fold a stretch of other scripts; plain ASCII keeps its length and needs no cutting."""
    run = text[start:end]
    follows = end < len(text) and text[end] in "\uff9e\uff9f"
    if run.isascii() and not follows:
        out.append(run.lower().translate(_ASCII))
        starts.extend(range(start, end))
        ends.extend(range(start + 1, end + 1))
        return
    for a, b in graphemes(text, start, end):
        folded = fold_cluster(text[a:b])
        out.append(folded)
        starts.extend((a,) * len(folded))
        ends.extend((b,) * len(folded))


_ASCII = str.maketrans(dict.fromkeys("\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f", " ") | {"`": "'"})


def tidy(text: str) -> str:
    """Text as it is stored: NFC, Khmer clusters in canonical order, every word, space and digit as it was written.

    Zero-width spaces between clusters are kept, since people set them as word boundaries; those inside a cluster, where
    they can only be slips, go. Nothing is respelt: subscript da stays da and a lengthened vowel stays long. Of more
    combining marks in a row than any writing has, those past the thirtieth go (`marks.cut_short`).
    """
    composed = unicodedata.normalize("NFC", cut_short(text))
    return unicodedata.normalize("NFC", PIECE.sub(lambda match: _tidy_piece(match.group()), composed))


def _tidy_piece(piece: str) -> str:
    return _tidy_short(piece) if len(piece) <= _LONGEST_KEPT else _tidy_short.__wrapped__(piece)


@lru_cache(maxsize=1 << 16)
def _tidy_short(piece: str) -> str:
    match = PIECE.match(piece)
    if match is None or match.lastgroup != "khmer":
        return piece
    bare = piece.translate(_DROP_INVISIBLE)
    parts = _parts(bare)
    return piece if parts is None else "".join(_ordered(parts))
