"""What the lyric desk asks of a Whoosh index: passages alike, how often a phrase is said, and words that rhyme.

All of it is counted over whole posting lists inside the view of one viewer, and only among passages: what it costs
hangs on how common the words are, hardly on how long the archive is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
from whoosh.reading import SegmentReader

from archive.ports import SearchHit
from archive.search.index import AlikeAnswer, RhymingTerm, UseCount, UsesAnswer
from archive.search.query import Words
from archive.search.whoosh_match import Matching
from archive.search.whoosh_postings import Ints
from archive.search.whoosh_schema import rhyme_label
from archive.search.whoosh_snapshot import Mask, Snapshot

PAIR = 0.5  # what two words side by side count for besides, as a share of what both count for
Told = Callable[[int], SearchHit]


def alike(
    matching: Matching, words: Collection[str], pairs: Collection[tuple[str, str]], most: int, told: Told
) -> AlikeAnswer:
    passages = _passages(matching.snapshot, matching.view.documents)
    count = int(np.count_nonzero(passages))
    score = np.zeros(matching.snapshot.count)
    spread: dict[str, int] = {}
    weight: dict[str, float] = {}
    for word in sorted(words):
        docs = _docs(matching, [[word]], passages)
        spread[word] = len(docs)
        weight[word] = float(np.log1p(count / (1 + len(docs))))
        score[docs] += weight[word]
    sharing = int(np.count_nonzero(score))
    for first, second in sorted(set(pairs)):
        docs = _docs(matching, [[first], [second]], passages)
        score[docs] += PAIR * (weight.get(first, 0.0) + weight.get(second, 0.0))
    found = np.flatnonzero(passages if count <= most else passages & (score > 0))
    if len(found) > most:
        found = found[np.argpartition(-score[found], most)[:most]]
    order = found[np.lexsort((found, -score[found]))]
    return AlikeAnswer(tuple(told(int(doc)) for doc in order), spread, count, sharing)


def uses(matching: Matching, phrase: Words, most: int, told: Told) -> UsesAnswer:
    snapshot = matching.snapshot
    docs = np.flatnonzero(_passages(snapshot, matching.evaluate(phrase)[0]))
    pairs = snapshot.pairs("community")
    of_card = np.full(len(snapshot.cards), -1, np.int64)
    of_card[pairs.cards] = pairs.codes
    cards = snapshot.card_of[docs]
    found = {}
    for code, community in enumerate(pairs.values):
        mine = cards[of_card[cards] == code]
        if len(mine):
            found[community] = UseCount(len(mine), len(np.unique(snapshot.group_of_card[mine])))
    return UsesAnswer(found, tuple(told(doc) for doc in _of_different_groups(snapshot, docs, most)))


def rhyming(matching: Matching, key: str, without: str, most: int, places: int, told: Told) -> list[RhymingTerm]:
    snapshot = matching.snapshot
    passages = _passages(snapshot, matching.view.documents)
    times: dict[str, int] = {}
    for number, leaf in enumerate(snapshot.leaves):
        offset = int(snapshot.offsets[number])
        reader = snapshot.readers[number]
        for term in _rhyming_in(reader, key):
            if term != without:
                found = leaf.lists.read(reader, term)
                said = int(np.count_nonzero(passages[found.docs + offset]))
                if said:
                    times[term] = times.get(term, 0) + said
    best = sorted(times, key=lambda term: (-times[term], term))[:most]
    return [
        RhymingTerm(
            term,
            times[term],
            tuple(told(doc) for doc in _of_different_groups(snapshot, _docs(matching, [[term]], passages), places)),
        )
        for term in best
    ]


def _rhyming_in(reader: SegmentReader, key: str) -> list[str]:
    """The words of one segment that rhyme on a key."""
    label = rhyme_label(key)
    return [found.decode().removeprefix(label) for found in reader.expand_prefix("rhyme", label.encode())]


def _passages(snapshot: Snapshot, documents: Mask) -> Mask:
    """Those of some documents that are passages."""
    if not snapshot.count:
        return documents
    cards = np.array([card.kind == "passage" for card in snapshot.cards], bool)
    found: Mask = documents & cards[snapshot.card_of]
    return found


def _docs(matching: Matching, slots: list[list[str]], passages: Mask) -> Ints:
    found = [docs for docs, _ in matching.runs(slots)]
    docs = np.concatenate(found) if found else np.zeros(0, np.int64)
    return docs[passages[docs]]


def _of_different_groups(snapshot: Snapshot, docs: Ints, most: int) -> list[int]:
    """The first documents of as many testimonies as are asked for."""
    if not len(docs):
        return []
    _, firsts = np.unique(snapshot.group_of_card[snapshot.card_of[docs]], return_index=True)
    return [int(doc) for doc in docs[np.sort(firsts)[:most]]]
