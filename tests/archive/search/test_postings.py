"""Whole posting lists against Whoosh's own reading of them, one by one."""

from __future__ import annotations

import random
from array import array
from pathlib import Path

import numpy as np
import pytest
from whoosh.index import create_in

from archive.search import whoosh_postings
from archive.search.whoosh_schema import POSTINGS_PER_BLOCK, codec, schema


@pytest.mark.parametrize("documents", [1, 2, POSTINGS_PER_BLOCK, POSTINGS_PER_BLOCK + 1, 3 * POSTINGS_PER_BLOCK + 7])
def test_a_list_reads_as_whoosh_reads_it(tmp_path: Path, documents: int) -> None:
    chance = random.Random(documents)
    index = create_in(str(tmp_path), schema())
    writer = index.writer(codec=codec())
    for number in range(documents):
        places = sorted(chance.sample(range(1, 70_000), chance.randint(1, 4)))
        writer.add_document(text={"every": array("I", places), **({"some": array("I", [3])} if number % 3 else {})})
    writer.commit()
    with index.reader() as opened:
        (reader,) = (one for one, _ in opened.leaf_readers())
        for term in (b"every", b"some"):
            found = whoosh_postings.read(reader, "text", term)
            docs, counts, positions = [], [], []
            if (("text", term.decode())) in reader:
                matcher = reader.postings("text", term.decode())
                while matcher.is_active():
                    docs.append(matcher.id())
                    counts.append(matcher.weight())
                    positions.extend(array("I", matcher.value()))
                    matcher.next()
            assert found.docs.tolist() == docs
            assert found.counts.tolist() == counts
            assert found.positions.tolist() == positions
        assert len(whoosh_postings.read(reader, "text", b"never").docs) == 0


def test_lists_are_kept_up_to_a_number_of_entries(tmp_path: Path) -> None:
    index = create_in(str(tmp_path), schema())
    writer = index.writer(codec=codec())
    for number in range(40):
        writer.add_document(text={f"word{number}": array("I", [number]), "common": array("I", [1])})
    writer.commit()
    with index.reader() as opened:
        (reader,) = (one for one, _ in opened.leaf_readers())
        kept = whoosh_postings.PostingsCache(200)
        first = kept.read(reader, "common")
        assert kept.read(reader, "common") is first
        for number in range(40):
            assert kept.read(reader, f"word{number}").docs.tolist() == [number]
        again = kept.read(reader, "common")
        assert again is not first
        assert np.array_equal(again.docs, first.docs)
