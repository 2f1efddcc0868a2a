"""How a stretch of time is shared among the words said or sung in it, where nobody has timed them one by one.

By clusters: a letter with its signs and subscripts is said in one go, and takes about as long as the next one. Marks,
spaces and signs that lost their letter take no time. `web/static/js/site/clusters.js` does the same in the browser, and
a test compares the two.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise

from archive.language.clusters import Cluster, clusters


def moments(text: str, offsets: Sequence[int], start_ms: int, end_ms: int) -> list[int]:
    """When a voice that says the text evenly reaches each of these code point offsets."""
    said = [cluster.start for cluster in clusters(text) if _is_said(cluster)]
    whole = len(said) or 1
    return [
        end_ms if offset >= len(text) else start_ms + (end_ms - start_ms) * bisect_left(said, offset) // whole
        for offset in offsets
    ]


def shared_out(pieces: Sequence[str], start_ms: int, end_ms: int) -> list[tuple[int, int]]:
    """When each of the pieces, which are said one after the other, begins and ends."""
    borders = [0, *accumulate(len(piece) for piece in pieces)]
    return list(pairwise(moments("".join(pieces), borders, start_ms, end_ms)))


def _is_said(cluster: Cluster) -> bool:
    return any(letter.isalnum() for letter in cluster.text)
