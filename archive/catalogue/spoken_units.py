"""A sentence as what is compared when cues are looked for: English by words in their base form, Khmer by clusters.

Khmer is cut into words by guess, and the same words come apart differently in another sentence; clusters never do. So
a cue is found wherever its clusters stand, and only a short one has to fill whole words. Spellings that people use
side by side are one: the nikahit and the ma with a letter under it, and the two ways to write what is said for
"give".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.language import english
from archive.language.clusters import COENG, INVISIBLE, KHMER_LETTER, clusters
from archive.language.normalise import fold_cluster
from archive.language.words import words

_ENDS = re.compile(r"(?<=[!?\u17d4\u17d5\n\f])|(?<=[.;])(?=\s|$)")
_BREAKS = re.compile(r"[,:;—–()]|\s-\s")
_MA, _NIKAHIT = "\u1798", "\u17c6"
_MARKED = re.compile("[\u17b6-\u17d1\u17dd]")
_GIVE = (("\u17a2\u17c4", "\u1799"), "\u17b1\u17d2\u1799")  # spelt as it is said, and as it is written
_KHMER = re.compile(f"[{KHMER_LETTER}]")
_NUMBERS = dict(
    enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A word of a Latin script or a Khmer cluster.

    Attributes:
        form: what is compared; `word` is the same before it was brought to its base, in small letters.
        written: as it stands in the text, at `start` to `end`.
        begins, ends: whether a word begins and ends here.
        clause: counts up at commas, at joining words and, in Khmer, at spaces.
    """

    form: str
    word: str
    written: str
    start: int
    end: int
    begins: bool
    ends: bool
    clause: int
    khmer: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """The units of one sentence, and whether it ends as a question."""

    text: str
    units: tuple[Unit, ...]
    asks: bool


_JOINING = frozenset(
    (  # noqa: SIM905
        "but because when while so then until if though although where since after before that who which unless"
    ).split()
)


def sentences(text: str) -> Iterator[Sentence]:
    """A text cut at the ends of its sentences; one without a word is left out."""
    at = 0
    for piece in _ENDS.split(text):
        units = tuple(_units(piece, at))
        if units:
            yield Sentence(piece, units, piece.rstrip().endswith(("?", "\uff1f")))
        at += len(piece)


def _units(text: str, offset: int) -> Iterator[Unit]:
    clause = 0
    before_khmer = False
    for piece in words(text):
        start, end = offset + piece.start, offset + piece.end
        khmer = _KHMER.match(piece.text) is not None
        if not piece.is_word:
            bare = piece.text.strip(INVISIBLE)
            if _BREAKS.search(piece.text) or (before_khmer and bare and not bare.strip()):
                clause += 1
            continue
        before_khmer = khmer
        if khmer:
            yield from _clusters(piece.text, start, clause)
            continue
        for number, part in enumerate(english.parts(piece.text)):
            word = _NUMBERS.get(int(part), part) if part.isdecimal() and len(part) < 3 else part
            if word in _JOINING:
                clause += 1
            # What is said in two words is written in one: the second has no letters of its own.
            written = piece.text if number == 0 else ""
            yield Unit(english.stem(word), word, written, start, end, True, True, clause, False)


def _clusters(word: str, start: int, clause: int) -> Iterator[Unit]:
    found = [(form, one.start, one.end) for one in clusters(word) for form in _apart(fold_cluster(one.text))]
    found = _as_spelt_today(found)
    for number, (form, first, last) in enumerate(found):
        begins, ends = number == 0, number == len(found) - 1
        yield Unit(form, form, word[first:last], start + first, start + last, begins, ends, clause, True)


def khmer_forms(text: str) -> list[str]:
    """The clusters of Khmer words as they are compared."""
    found = [(form, 0, 0) for one in clusters(text) for form in _apart(fold_cluster(one.text))]
    return [form for form, _, _ in _as_spelt_today(found)]


def _apart(form: str) -> tuple[str, ...]:
    """A cluster of which the ma is a sign or carries another letter as two, however it was spelt."""
    if form[:1] == _MA and form[1:2] == COENG and len(form) > 2:
        return (_MA, *_apart(form[2:]))
    if form[-1:] == _NIKAHIT and not _MARKED.search(form[:-1]):
        return (form[:-1], _MA)
    return (form,) if form else ()


def _as_spelt_today(found: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Clusters in one of the spellings that stand side by side in what people write."""
    kept: list[tuple[str, int, int]] = []
    for form, first, last in found:
        if kept and (kept[-1][0], form) == _GIVE[0]:
            kept[-1] = (_GIVE[1], kept[-1][1], last)
        else:
            kept.append((form, first, last))
    return kept
