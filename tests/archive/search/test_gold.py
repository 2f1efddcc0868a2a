"""Retrieval on word-segmented Khmer that nobody here wrote, through the real engine."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from archive.language.clusters import clusters
from archive.language.normalise import normalise
from archive.ports import Allowed, SearchDocument
from archive.search.index import Paging
from archive.search.query import parse
from archive.search.whoosh_index import WhooshIndex
from tests.bench import khmer as bench

pytestmark = pytest.mark.data

Search = Callable[[str], list[int]]


@lru_cache(maxsize=1)
def gold(path: Path) -> tuple[list[bench.Sentence], list[bench.Sentence]]:
    sentences = bench.read_gold(path)
    return sentences, [[[normalise(part).text for part in parts] for parts in sentence] for sentence in sentences]


def documents(texts: list[str]) -> Iterator[SearchDocument]:
    for number, text in enumerate(texts):
        form = "redacted_transcript"
        yield SearchDocument(
            f"passage:{number}", "passage", str(number), (str(number),), form, {"km": text}, group=f"testimony:{number}"
        )


def searching(folder: Path, texts: list[str]) -> Search:
    index = WhooshIndex(folder)
    index.rebuild(documents(texts))
    allowed = Allowed({"redacted_transcript": frozenset(map(str, range(len(texts))))}, frozenset())

    def search(query: str) -> list[int]:
        return [int(hit.ref) for hit in index.search(parse(query), allowed, Paging(limit=len(texts))).hits]

    return search


def measure(folded: list[bench.Sentence], search: Search, ask: Callable[[str], str]) -> tuple[float, float, float]:
    """Recall and mean average precision of 200 content words, F1 of 100 phrases."""
    words, pairs = bench.choose(folded)
    assert len(words) == 200
    recall = precision = phrase = 0.0
    for word in words:
        relevant = {n for n, sentence in enumerate(folded) if bench.holds_word(sentence, word)}
        ranked = search(ask(word))
        recall += len(relevant.intersection(ranked)) / len(relevant) / len(words)
        precision += bench.average_precision(ranked, relevant) / len(words)
    for first, second in pairs:
        relevant = {n for n, sentence in enumerate(folded) if bench.holds_phrase(sentence, first, second)}
        ranked = search(f'"{ask(first + second)}"')
        phrase += 2 * len(relevant.intersection(ranked)) / (len(relevant) + len(ranked)) / len(pairs)
    return recall, precision, phrase


def test_words_and_phrases_are_found_and_ranked_however_they_were_typed(shared_data: Path, tmp_path: Path) -> None:
    sentences, folded = gold(shared_data / "khmer/gold.txt")
    plain = measure(folded, searching(tmp_path / "plain", [bench.text_of(s) for s in sentences]), str)
    assert plain[0] >= 0.99, "recall of words"
    assert plain[1] >= 0.97, "mean average precision of words"
    assert plain[2] >= 0.98, "F1 of phrases"

    chance = random.Random(bench.SEED)
    texts = [bench.everything(bench.text_of(sentence), chance) for sentence in sentences]
    disturbed = measure(folded, searching(tmp_path / "disturbed", texts), lambda q: bench.everything(q, chance))
    assert all(abs(a - b) <= 0.01 for a, b in zip(plain, disturbed, strict=True)), (plain, disturbed)


def test_a_changed_vowel_finds_only_texts_that_hold_the_changed_word(shared_data: Path, tmp_path: Path) -> None:
    sentences, folded = gold(shared_data / "khmer/gold.txt")
    search = searching(tmp_path, [bench.text_of(s) for s in sentences])
    texts = [[cluster.text for cluster in clusters(bench.text_of(sentence))] for sentence in folded]
    turned = {"ា": "ី", "ី": "ូ", "ូ": "េ", "េ": "ា"}
    asked = 0
    for word in bench.choose(folded)[0]:
        changed = re.sub("[ាីូេ]", lambda m: turned[m[0]], word, count=1)
        keys = [cluster.text for cluster in clusters(normalise(changed).text)]
        if changed == word:
            continue
        asked += 1
        for number in search(changed):
            own = texts[number]
            assert any(own[i : i + len(keys)] == keys for i in range(len(own))), (changed, "".join(own))
    assert asked > 50
