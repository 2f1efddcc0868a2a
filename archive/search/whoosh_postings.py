"""Posting lists as numpy arrays.

Whoosh walks postings one by one, in Python; a common word of 200,000 passages then takes a tenth of a second and
more. Its blocks hold the same numbers in arrays, and a whole list of them decodes in a few milliseconds. This is the
only module that touches the insides of Whoosh (hence its exact pin); the codec's own `id()`, `weight()` and `value()`
stay the reference that a test compares with.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.reading import SegmentReader, TermNotFound

Ints = NDArray[np.int64]


class Postings(NamedTuple):
    """Documents that hold a term, how often each, and every position one after another."""

    docs: Ints
    counts: Ints
    positions: Ints


NONE = Postings(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))


def read(reader: SegmentReader, field: str, term: bytes) -> Postings:
    """All postings of a term in one segment, deleted documents included."""
    try:
        matcher = reader._terms.matcher(field, term, reader.schema[field].format)
    except TermNotFound:
        return NONE
    if isinstance(matcher, W3LeafMatcher):
        return _blocks(matcher)
    docs, counts, packed = [], [], []
    while matcher.is_active():
        docs.append(matcher.id())
        counts.append(matcher.weight())
        packed.append(matcher.value())
        matcher.next()
    return Postings(np.array(docs, np.int64), np.array(counts).astype(np.int64), _unpacked(packed))


def _blocks(matcher: Any) -> Postings:
    docs: list[Ints] = []
    counts: list[Any] = []
    packed: list[bytes] = []
    while True:
        matcher._read_data()
        gaps, weights, values = matcher._data
        docs.append(np.cumsum(np.asarray(gaps, np.int64)))
        if weights is None or isinstance(weights, float):
            counts.append(np.full(matcher._blocklength, weights or 1.0))
        else:
            counts.append(np.asarray(weights))
        packed.extend(values or ())
        if matcher._lastblock:
            break
        matcher._goto(matcher._nextoffset)
    if len(docs) == 1:
        return Postings(docs[0], counts[0].astype(np.int64), _unpacked(packed))
    return Postings(np.concatenate(docs), np.concatenate(counts).astype(np.int64), _unpacked(packed))


def _unpacked(values: list[bytes]) -> Ints:
    return np.frombuffer(b"".join(values), "<u4").astype(np.int64)


class PostingsCache:
    """Posting lists of one segment that were read lately, up to a number of entries in all.

    The words a query may run across into are few and the same for many queries; reading them again would cost more than
    everything else.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._lists: OrderedDict[str, Postings] = OrderedDict()

    def read(self, reader: SegmentReader, term: str) -> Postings:
        known = self._lists.get(term)
        if known is not None:
            self._lists.move_to_end(term)
            return known
        found = read(reader, "text", term.encode())
        self._lists[term] = found
        self._held += _size(found)
        while self._held > self._most:
            _, dropped = self._lists.popitem(last=False)
            self._held -= _size(dropped)
        return found


def _size(postings: Postings) -> int:
    return 16 + 2 * len(postings.docs) + len(postings.positions)
