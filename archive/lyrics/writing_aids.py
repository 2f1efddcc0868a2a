"""Helping: rhymes out of the archive's own words, how often a phrase is used, and how many syllables a line has.

Nothing is made up: a rhyme is a word that somebody said, and it says who; a count says in whose testimonies it was
counted. What may not be sung is looked through for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.catalogue.cards import TestimonyCard, cards
from archive.language.normalise import normalise
from archive.language.romanise import rhyme_key, romanise
from archive.language.syllables import by_word, count
from archive.language.words import words
from archive.lyrics.singable import Said, may_be_sung, sayings
from archive.models.narrator import COMMUNITIES
from archive.search import highlight
from archive.search.analysis import terms
from archive.search.index import SearchIndex
from archive.search.query import Words

MOST_RHYMES = 24
MOST_VOICES = 3
MOST_EXAMPLES = 6
SHORTEST_PHRASE = 2


@dataclass(frozen=True, slots=True)
class Rhyme:
    """A word of the archive that rhymes, who said it where, and in how many passages it is said in all."""

    word: str
    romanised: str
    times: int
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Rhymes:
    """What rhymes with `word`; the cards are those of whoever said it."""

    word: str
    found: tuple[Rhyme, ...]
    cards: dict[str, TestimonyCard]


@dataclass(frozen=True, slots=True)
class Used:
    """How often a phrase is used in one community's testimonies, and by how many of them."""

    community: str
    passages: int
    testimonies: int


@dataclass(frozen=True, slots=True)
class Usage:
    """How often a phrase is used across the communities, with some places to hear it."""

    phrase: str
    used: tuple[Used, ...]
    examples: tuple[Said, ...]
    cards: dict[str, TestimonyCard]

    @property
    def passages(self) -> int:
        return sum(one.passages for one in self.used)


@dataclass(frozen=True, slots=True)
class Counted:
    """A line's syllables, word by word, and how it is read in Latin letters."""

    count: int
    words: tuple[tuple[str, int], ...]
    romanised: str


def counted(lines: Iterable[str]) -> list[Counted]:
    """The syllables of each line."""
    return [
        Counted(count(line), tuple((span.text, said) for span, said in by_word(line)), romanise(line)) for line in lines
    ]


def last_word(line: str) -> str:
    """The word a line ends on."""
    return next((piece.text for piece in reversed(words(line)) if piece.is_word), "")


def rhymes(session: Session, index: SearchIndex, viewer: Viewer, line: str) -> Rhymes:
    """Words that end as the line's last word does, those said in most passages first."""
    word = last_word(line)
    searched = " ".join(terms(word))  # as the index has it
    key = rhyme_key(searched) if searched else None
    if key is None:
        return Rhymes(word, (), {})
    allowed = may_be_sung(session, viewer)
    rhyming = index.rhyming(key, searched, allowed, MOST_RHYMES, MOST_VOICES)
    heard = iter(sayings(session, allowed, [hit for one in rhyming for hit in one.hits]))
    found = []
    for one in rhyming:
        spoken = [_first(one.term, next(heard)) for _ in one.hits]
        places = tuple(said for said in spoken if said is not None)
        found.append(Rhyme(one.term, romanise(one.term), one.times, places))
    return Rhymes(word, tuple(found), _cards(session, viewer, (said for rhyme in found for said in rhyme.said)))


def _first(term: str, pieces: Sequence[Said]) -> Said | None:
    """The piece of a passage in which a word stands, as far as it is still there."""
    return next((one for one in pieces if term in terms(one.text)), pieces[0] if pieces else None)


def usage(session: Session, index: SearchIndex, viewer: Viewer, phrase: str) -> Usage:
    """In how many passages a phrase is said, by community; the communities that never say it are there with nought."""
    wanted = Words(terms(phrase), phrase.strip())
    if len(normalise(phrase).text.strip()) < SHORTEST_PHRASE or not wanted.terms:
        return Usage(phrase.strip(), tuple(Used(community, 0, 0) for community in COMMUNITIES), (), {})
    allowed = may_be_sung(session, viewer)
    answer = index.uses(wanted, allowed, MOST_EXAMPLES)
    counts = answer.by_community
    used = tuple(
        Used(community, counts[community].passages, counts[community].testimonies)
        if community in counts
        else Used(community, 0, 0)
        for community in COMMUNITIES
    )
    spoken = [_with_phrase(wanted, pieces) for pieces in sayings(session, allowed, answer.hits)]
    known = _cards(session, viewer, [one for one in spoken if one is not None])
    examples = tuple(one for one in spoken if one is not None and one.testimony_id in known)
    return Usage(phrase.strip(), used, examples, known)


def _with_phrase(phrase: Words, pieces: Sequence[Said]) -> Said | None:
    return next((one for one in pieces if highlight.hits(one.text, [phrase])), pieces[0] if pieces else None)


def _cards(session: Session, viewer: Viewer, said: Iterable[Said]) -> dict[str, TestimonyCard]:
    return cards(session, viewer, {one.testimony_id for one in said})
