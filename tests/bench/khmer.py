"""How well Khmer is cut into words and found again, on sentences that nobody here wrote.

    python -m tests.bench.khmer [GOLD]

GOLD is word-segmented Khmer, one sentence a line, as khPOS writes it (spaces between words, `_`, `~` and `^` inside
compounds); `../shared/data/khmer/gold.txt` unless given. It is only measured against: nothing here or in the lexicon
learns from it. Every sentence is a document; relevant to a word are the sentences with that word or a compound holding
it; relevant to a phrase of two words are those with both side by side. The search below is the one described in
`archive.language`, over a dictionary instead of an engine.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from archive.language.clusters import COENG, clusters
from archive.language.normalise import normalise
from archive.language.vocabulary import Vocabulary
from archive.language.words import search_tokens, words

GOLD = Path(__file__).resolve().parents[2].parent / "shared/data/khmer/gold.txt"
SEED = 20131125
Sentence = list[list[str]]
Disturb = Callable[[str, random.Random], str]

_JOINTS = re.compile("[_~^]")
_KHMER = re.compile("[\u1780-\u17d3]+")
_MARKS = "\u17b6-\u17d1"


def read_gold(path: Path) -> list[Sentence]:
    """Sentences as words as parts."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [[[p for p in _JOINTS.split(word) if p] for word in line.split()] for line in lines if line.strip()]


def text_of(sentence: Sentence) -> str:
    return "".join("".join(parts) for parts in sentence)


# --- cutting ---


def boundary_scores(sentences: list[Sentence]) -> tuple[float, float]:
    """F1 of boundaries inside sentences, and of whole words."""
    hit = mine = theirs = word_hit = word_mine = word_theirs = 0
    for sentence in sentences:
        at, gold = 0, set()
        for parts in sentence:
            gold.add((at, at + len("".join(parts))))
            at += len("".join(parts))
        found = {(start, end) for _, start, end, _ in words(text_of(sentence))}
        gold_ends, found_ends = {b for _, b in gold} - {at}, {b for _, b in found} - {at}
        hit, mine, theirs = hit + len(gold_ends & found_ends), mine + len(found_ends), theirs + len(gold_ends)
        word_hit, word_mine, word_theirs = word_hit + len(gold & found), word_mine + len(found), word_theirs + len(gold)
    return 2 * hit / (mine + theirs), 2 * word_hit / (word_mine + word_theirs)


def speed(function: Callable[[str], object], text: str) -> float:
    """Million characters a second of processor time, best of three."""
    best = min(_seconds(function, text) for _ in range(3))
    return len(text) / best / 1e6


def _seconds(function: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    function(text)
    return time.process_time() - start


# --- disturbing, each in a way the page does not show ---


def _clusterwise(change: Callable[[str, random.Random], str]) -> Disturb:
    return lambda text, chance: "".join(change(c.text, chance) for c in clusters(text))


def _swap(cluster: str, chance: random.Random) -> str:
    parts = re.findall(f"{COENG}.|.", cluster)
    tail = parts[1:]
    chance.shuffle(tail)
    return "".join(parts[:1] + tail)


def _sprinkle(mark: str) -> Disturb:
    return lambda text, chance: "".join(c.text + (mark if chance.random() < 0.4 else "") for c in clusters(text))


def _within(mark: str) -> Disturb:
    return lambda text, chance: re.sub(f"(?=[{_MARKS}])", lambda _: mark if chance.random() < 0.4 else "", text)


DISTURBANCES: dict[str, Disturb] = {
    "as written": lambda text, chance: text,
    "order swapped": _clusterwise(_swap),
    "coeng-ro": lambda text, chance: re.sub(f"({COENG}[ក-អ])({COENG}រ)", r"\2\1", text),
    "da/ta": lambda text, chance: re.sub(f"{COENG}[ដត]", lambda _: COENG + chance.choice("ដត"), text),
    "split vowel": lambda text, chance: text.replace("ើ", "េី").replace("ោ", "េា"),
    "doubled mark": lambda text, chance: re.sub(f"[{_MARKS}]", lambda m: m[0] * chance.choice((1, 2)), text),
    "ZWSP": _sprinkle("\u200b"),
    "ZWNJ": _within("\u200c"),
    "digits": lambda text, chance: text.translate({0x17E0 + n: str(n) for n in range(10)}),
}


def everything(text: str, chance: random.Random) -> str:
    """All of them at once, one after another."""
    for disturb in DISTURBANCES.values():
        text = disturb(text, chance)
    return text


# --- searching ---


class Index:
    """Documents as folded tokens with positions: what an engine keeps."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.places: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for number, text in enumerate(texts):
            for token in search_tokens(text):
                self.places[token.text][number].add(token.position)
        self.vocabulary = Vocabulary(sorted(self.places, key=lambda term: -len(self.places[term])))

    def _slot(self, terms: Iterable[str]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        for term in terms:
            for number, positions in self.places.get(term, {}).items():
                found[number] |= positions
        return found

    def search(self, query: str) -> list[int]:
        """Documents that hold the query in any way, the surest first."""
        scores: dict[int, float] = {}
        for alternative in self.vocabulary.alternatives(query):
            found = self._slot(alternative.slots[0])
            for step, terms in enumerate(alternative.slots[1:], 1):
                after = self._slot(terms)
                found = {n: {p for p in found[n] if p + step in after[n]} for n in found.keys() & after.keys()}
            for number, positions in found.items():
                if positions:
                    scores[number] = max(scores.get(number, 0.0), alternative.weight)
        return sorted(scores, key=lambda number: (-scores[number], number))


def holds_word(sentence: Sentence, word: str) -> bool:
    """Whether a word stands in a sentence, as itself or as whole parts of a compound."""
    return any(
        "".join(parts[i:j]) == word
        for parts in sentence
        for i in range(len(parts))
        for j in range(i + 1, len(parts) + 1)
    )


def holds_phrase(sentence: Sentence, first: str, second: str) -> bool:
    """Whether two words stand side by side, each from the start of a part to the end of one."""
    cuts, at = {0}, 0
    for parts in sentence:
        for part in parts:
            at += len(part)
            cuts.add(at)
    text, start = text_of(sentence), -1
    while (start := text.find(first + second, start + 1)) >= 0:
        if {start, start + len(first), start + len(first + second)} <= cuts:
            return True
    return False


def choose(sentences: list[Sentence]) -> tuple[list[str], list[tuple[str, str]]]:
    """200 words of two clusters or more found in 2 to 10 % of sentences, and 100 pairs of neighbours."""
    chance = random.Random(SEED)
    spread = Counter(word for sentence in sentences for word in {"".join(parts) for parts in sentence})
    content = sorted(
        w for w, n in spread.items() if 2 <= n <= len(sentences) / 10 and _KHMER.fullmatch(w) and len(clusters(w)) > 1
    )
    pairs = sorted(
        {
            (a, b)
            for sentence in sentences
            for a, b in zip(map("".join, sentence), map("".join, sentence[1:]), strict=False)
            if _KHMER.fullmatch(a + b) and len(clusters(a)) > 1
        }
    )
    return chance.sample(content, min(200, len(content))), chance.sample(pairs, min(100, len(pairs)))


def average_precision(ranked: list[int], relevant: set[int]) -> float:
    hits, total = 0, 0.0
    for rank, number in enumerate(ranked, 1):
        if number in relevant:
            hits += 1
            total += hits / rank
    return total / len(relevant)


def retrieval(folded: list[Sentence], texts: list[str], ask: Callable[[str], str]) -> tuple[float, float, float]:
    """Recall and mean average precision of words, F1 of phrases."""
    index = Index(texts)
    contents, pairs = choose(folded)
    recall, precision, phrase = 0.0, 0.0, 0.0
    for word in contents:
        relevant = {n for n, sentence in enumerate(folded) if holds_word(sentence, word)}
        ranked = index.search(ask(word))
        recall += len(relevant.intersection(ranked)) / len(relevant) / len(contents)
        precision += average_precision(ranked, relevant) / len(contents)
    for first, second in pairs:
        relevant = {n for n, sentence in enumerate(folded) if holds_phrase(sentence, first, second)}
        ranked = index.search(ask(first + second))
        phrase += 2 * len(relevant.intersection(ranked)) / (len(relevant) + len(ranked)) / len(pairs)
    return recall, precision, phrase


def false_finds(folded: list[Sentence]) -> int:
    """Documents found for words with one vowel sign changed that do not hold the changed word as whole clusters."""
    index = Index(map(text_of, folded))
    texts = [[cluster.text for cluster in clusters(text_of(sentence))] for sentence in folded]
    wrong = 0
    for word in choose(folded)[0]:
        changed = re.sub("[ាីូេ]", lambda m: {"ា": "ី", "ី": "ូ", "ូ": "េ", "េ": "ា"}[m[0]], word, count=1)
        keys = [cluster.text for cluster in clusters(normalise(changed).text)]
        for number in index.search(changed) if changed != word else ():
            own = texts[number]
            wrong += not any(own[i : i + len(keys)] == keys for i in range(len(own)))
    return wrong


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else GOLD
    sentences = read_gold(path)
    folded = [[[normalise(part).text for part in parts] for parts in sentence] for sentence in sentences]
    whole = "\n".join(map(text_of, sentences))
    boundary, word = boundary_scores(sentences)
    print(f"{len(sentences)} sentences: boundary F1 {boundary:.3f}, word F1 {word:.3f}")
    print(f"M chars/s: normalise {speed(normalise, whole):.2f}, words {speed(words, whole):.2f}")
    print(f"{'disturbed':<16}{'recall':>8}{'MAP':>8}{'phrase F1':>11}")
    plain = retrieval(folded, [text_of(s) for s in sentences], str)
    for name, disturb in (DISTURBANCES | {"all at once": everything}).items():
        chance = random.Random(SEED)
        texts = [disturb(text_of(sentence), chance) for sentence in sentences]
        scores = retrieval(folded, texts, lambda query, d=disturb, c=chance: d(query, c))
        worse = max(a - b for a, b in zip(plain, scores, strict=True))
        print(f"{name:<16}{scores[0]:>8.3f}{scores[1]:>8.3f}{scores[2]:>11.3f}{'  WORSE' if worse > 0.01 else ''}")
    print(f"one vowel sign changed: {false_finds(folded)} documents found that do not hold it")


if __name__ == "__main__":
    main()
