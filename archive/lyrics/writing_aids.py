"""Helping: rhymes out of the archive's own words, how often a phrase is used, and how many syllables a line has.

Nothing is made up: a rhyme is a word that somebody said, and it says who; a count says in whose testimonies it was
counted. What may not be sung is looked through for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.catalogue.cards import TestimonyCard, cards
from archive.language.normalise import normalise
from archive.language.romanise import rhyme_key, romanise
from archive.language.syllables import by_word, count
from archive.language.words import words
from archive.lyrics.singable import Said, sayings
from archive.models.narrator import COMMUNITIES

MOST_RHYMES = 24
MOST_VOICES = 3
MOST_EXAMPLES = 6
SHORTEST_PHRASE = 2


@dataclass(frozen=True, slots=True)
class Rhyme:
    """A word of the archive that rhymes, who said it where, and how often it was said in all."""

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


def rhymes(session: Session, viewer: Viewer, line: str) -> Rhymes:
    """Words that end as the line's last word does, those said most often first."""
    word = last_word(line)
    wanted, own = rhyme_key(word) if word else None, normalise(word).text
    said: dict[str, list[Said]] = {}
    spelt: dict[str, str] = {}
    keys: dict[str, str | None] = {}
    for one in sayings(session, viewer) if wanted is not None else ():
        for piece in words(one.text):
            folded = normalise(piece.text).text if piece.is_word else ""
            if not folded or folded == own:
                continue
            if folded not in keys:
                keys[folded] = rhyme_key(piece.text)
            if keys[folded] == wanted:
                spelt.setdefault(folded, piece.text)
                said.setdefault(folded, []).append(one)
    best = sorted(said, key=lambda folded: (-len(said[folded]), folded))[:MOST_RHYMES]
    found = tuple(Rhyme(spelt[one], romanise(spelt[one]), len(said[one]), _few(said[one], MOST_VOICES)) for one in best)
    return Rhymes(word, found, _cards(session, viewer, (one for rhyme in found for one in rhyme.said)))


def usage(session: Session, viewer: Viewer, phrase: str) -> Usage:
    """How often a phrase is said, by community; the communities that never say it are there with nought."""
    wanted = normalise(phrase).text.strip()
    found = [
        one
        for one in (sayings(session, viewer) if len(wanted) >= SHORTEST_PHRASE else ())
        if wanted in normalise(one.text).text
    ]
    known = _cards(session, viewer, found)
    used = []
    for community in COMMUNITIES:
        mine = [one for one in found if one.testimony_id in known and known[one.testimony_id].community == community]
        used.append(Used(community, len({one.segment_id for one in mine}), len({one.testimony_id for one in mine})))
    examples = _few([one for one in found if one.testimony_id in known], MOST_EXAMPLES)
    return Usage(phrase.strip(), tuple(used), examples, known)


def _few(said: list[Said], most: int) -> tuple[Said, ...]:
    """Some of the places, from as many testimonies as there are."""
    first = {one.testimony_id: one for one in reversed(said)}
    rest = [one for one in said if first[one.testimony_id] != one]
    return tuple([*sorted(first.values(), key=said.index), *rest][:most])


def _cards(session: Session, viewer: Viewer, said: Iterable[Said]) -> dict[str, TestimonyCard]:
    return cards(session, viewer, {one.testimony_id for one in said})
