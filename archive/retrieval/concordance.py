"""A concordance: every place where a word or a phrase is said, with the words before and after it, one under the other.

What is found is what a search for the phrase finds: the gate is asked in the same way, and the text is read from the
database as it is now. Khmer is counted by words. An archive may say a word more often than anybody reads: what is
looked at is bounded, and the page says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.language.dictionary_order import sort_key
from archive.language.words import words
from archive.models.narrator import COMMUNITIES
from archive.ports import SearchHit
from archive.retrieval import searching
from archive.retrieval.snippets import moment_of
from archive.search import highlight
from archive.search.analysis import terms
from archive.search.index import Paging, SearchIndex, UseCount
from archive.search.query import And, Filter, Words
from archive.transcripts.passages import Passage, Wanted, load

MOST_TESTIMONIES = 80
MOST_OF_ONE = 12  # passages of one testimony
MOST_TAKEN, MOST_TAKEN_OF_ONE = 300, 25  # of the same, in a table that somebody takes along and waits for
BESIDE = 9  # words on each side
SORTS = ("told", "left", "right")


@dataclass(frozen=True, slots=True)
class ConcordanceLine:
    """One place where it is said.

    Attributes:
        left, right: the words beside it, as written; `word` as it is written here.
        language: in which it was found.
        start_ms: when it is said, or the segment it stands in begins.
        draft: nobody has looked at these words yet.
    """

    testimony: str
    left: str
    word: str
    right: str
    language: str
    start_ms: int
    draft: bool


@dataclass(frozen=True, slots=True)
class Concordance:
    """What was found.

    Attributes:
        lines: every place that was looked at, in the order asked for.
        passages, testimonies: in how many it stands for this viewer, whether they were looked at or not.
        cut: not all of them were looked at.
        years: year -> of how many testimonies of it; `communities`: in how many passages and testimonies.
    """

    lines: tuple[ConcordanceLine, ...]
    passages: int
    testimonies: int
    cut: bool
    years: Mapping[str, int]
    communities: Mapping[str, UseCount]


def concordance(
    session: Session, index: SearchIndex, viewer: Viewer, typed: str, sort: str = "told", *, taken: bool = False
) -> Concordance:
    """Every place where what was typed is said, word after word.

    Args:
        sort: one of `SORTS`: by testimony and time, by what stands before, or by what stands after.
        taken: as many as somebody may take along, which needs seconds for a common word in a large archive.
    """
    phrase = Words(tuple(terms(typed)), typed)
    if not phrase.terms:
        return Concordance((), 0, 0, False, {}, {})
    allowed = searching.findable(session, viewer)
    node = And((phrase, Filter("community", COMMUNITIES)))
    most, of_one = (MOST_TAKEN, MOST_TAKEN_OF_ONE) if taken else (MOST_TESTIMONIES, MOST_OF_ONE)
    paging = Paging(most, 0, of_one, "date")
    answer = index.search(node, allowed, paging)
    hits = [hit for hit in answer.hits if hit.kind == "passage" and searching.stands(hit, allowed)]
    uses = index.uses(phrase, allowed, 0).by_community
    passages = sum(one.passages for one in uses.values())
    lines = _sorted(_lines(session, hits, phrase), sort)
    years = dict(sorted(answer.facets.get("year", {}).items()))
    looked_at = len(hits)
    told = sum(one.testimonies for one in uses.values())
    return Concordance(tuple(lines), passages, told, answer.bounded or looked_at < passages, years, uses)


def _lines(session: Session, hits: Sequence[SearchHit], phrase: Words) -> Iterator[ConcordanceLine]:
    wanted = {hit.key: Wanted(hit.testimonies[0], hit.form, hit.ref, hit.segments) for hit in hits}
    found = load(session, list(wanted.values())) if wanted else {}
    for hit in hits:
        passage = found.get(wanted[hit.key])
        if passage is not None:
            yield from _of_passage(hit, passage, phrase)


def _of_passage(hit: SearchHit, passage: Passage, phrase: Words) -> Iterator[ConcordanceLine]:
    for language, text in passage.texts().items():
        for start, end in highlight.hits(text, [phrase]):
            yield ConcordanceLine(
                testimony=hit.testimonies[0],
                left=_last(text[:start]),
                word=text[start:end],
                right=_first(text[end:]),
                language=language,
                start_ms=moment_of(passage, language, start),
                draft=hit.form.startswith("draft"),
            )


def _last(text: str) -> str:
    """The last `BESIDE` words of a text with what stands between them."""
    starts = [piece.start for piece in words(text) if piece.is_word]
    return text[starts[-BESIDE] if len(starts) > BESIDE else 0 :].strip()


def _first(text: str) -> str:
    ends = [piece.end for piece in words(text) if piece.is_word]
    return text[: ends[BESIDE - 1] if len(ends) > BESIDE else None].strip()


def _sorted(lines: Iterable[ConcordanceLine], sort: str) -> list[ConcordanceLine]:
    # Where it is the first or the last word that was written down, nothing stands beside it: those come at the end.
    if sort == "left":
        return sorted(lines, key=lambda line: (not line.left, _by_words(line.left)[::-1], *_place(line)))
    if sort == "right":
        return sorted(lines, key=lambda line: (not line.right, _by_words(line.right), *_place(line)))
    order: dict[str, int] = {}
    kept = [(order.setdefault(line.testimony, len(order)), line) for line in lines]
    return [line for _, line in sorted(kept, key=lambda one: (one[0], one[1].start_ms, one[1].language))]


def _place(line: ConcordanceLine) -> tuple[str, int]:
    return line.testimony, line.start_ms


def _by_words(text: str) -> list[tuple[tuple[int, ...], str]]:
    """The words in the order of a dictionary; what is no word sorts nothing."""
    return [sort_key(piece.text) for piece in words(text) if piece.is_word]
