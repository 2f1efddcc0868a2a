"""Where the words of a query stand in a text, and the stretch of it to show.

Works on the text as it is written, from the database; the index is not asked. Khmer is compared cluster by cluster,
so a highlight covers whole clusters in their original spelling, zero-width spaces and all, and never cuts one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from archive.language.clusters import PIECE, clusters
from archive.language.normalise import fold_cluster
from archive.search.analysis import is_khmer, tokens
from archive.search.query import Words

SHOWN = 240  # characters of a snippet, about four lines on a phone
_BEFORE = 60
CUT = "…"


class SnippetPart(NamedTuple):
    """A stretch of a snippet; `hit` says whether it was searched for. The text is as written and not escaped."""

    text: str
    hit: bool


class _Unit(NamedTuple):
    """What is compared: a cluster of a Khmer word, or a whole word of another script."""

    key: str
    start: int
    end: int


@lru_cache(maxsize=512)
def _units(text: str) -> tuple[_Unit, ...]:
    found = []
    for match in PIECE.finditer(text):
        if match.lastgroup == "khmer":
            key = fold_cluster(match.group())
            if key:
                found.append(_Unit(key, *match.span()))
        elif match.lastgroup == "other" and not match.group().isspace():
            first = match.start()
            found.extend(_Unit(token.text, first + token.start, first + token.end) for token in tokens(match.group()))
    return tuple(found)


def _keys(words: Words) -> list[str]:
    keys: list[str] = []
    for term in words.terms:
        keys.extend([cluster.text for cluster in clusters(term)] if is_khmer(term) else [term])
    return keys


def hits(text: str, wanted: Iterable[Words]) -> list[tuple[int, int]]:
    """Code point offsets of every place where the words stand, ascending and apart."""
    units = _units(text)
    by_key: dict[str, list[int]] = {}
    for i, unit in enumerate(units):
        by_key.setdefault(unit.key, []).append(i)
    spans: list[tuple[int, int]] = []
    for words in wanted:
        keys = _keys(words)
        n = len(keys)
        starts = by_key.get(keys[0], []) if n > 1 or not words.prefix else range(len(units))
        for i in starts:
            if i + n <= len(units) and _fits([unit.key for unit in units[i : i + n]], keys, prefix=words.prefix):
                spans.append((units[i].start, units[i + n - 1].end))
    return _merged(spans)


def _fits(found: Sequence[str], keys: Sequence[str], *, prefix: bool) -> bool:
    if not prefix:
        return list(found) == list(keys)
    return list(found[:-1]) == list(keys[:-1]) and found[-1].startswith(keys[-1])


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def snippet(text: str, spans: Sequence[tuple[int, int]], shown: int = SHOWN) -> tuple[SnippetPart, ...]:
    """A stretch of the text around its first hit, cut between clusters, in parts that joined give it as written."""
    start, end = _window(text, spans, shown)
    parts: list[SnippetPart] = [SnippetPart(CUT, False)] if start else []
    at = start
    for a, b in spans:
        if a < start or b > end:
            continue
        if a > at:
            parts.append(SnippetPart(text[at:a], False))
        parts.append(SnippetPart(text[a:b], True))
        at = b
    if at < end:
        parts.append(SnippetPart(text[at:end], False))
    if end < len(text):
        parts.append(SnippetPart(CUT, False))
    return tuple(parts)


def _window(text: str, spans: Sequence[tuple[int, int]], shown: int) -> tuple[int, int]:
    if len(text) <= shown:
        return 0, len(text)
    first_start, first_end = spans[0] if spans else (0, 0)
    wanted_start = max(0, min(first_start - _BEFORE, len(text) - shown))
    wanted_end = max(wanted_start + shown, first_end)
    edges = [0, *(unit.start for unit in _units(text)), len(text)]
    start = max(edge for edge in edges if edge <= wanted_start)
    end = max((edge for edge in edges if first_end <= edge <= wanted_end), default=len(text))
    return start, end
