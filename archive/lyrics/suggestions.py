"""Candidates: which lines of which songs may have come from a testimony.

A line and a segment are likened by the content words they share, rarer words counting more. The result names those
words, so that whoever looks can agree or not at a glance; nothing is ever tied by a machine.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.catalogue.tagger import finder_of
from archive.language.normalise import normalise
from archive.language.words import words
from archive.lyrics.line_comparison import LineComparison, line_words
from archive.lyrics.singable import Said, may_be_sung, sayings
from archive.models import LinkCandidate, LyricLine, LyricVersion, Segment, Tagging, Term, TranscriptVersion
from archive.models.lyric import IS_CURRENT
from archive.search.index import SearchIndex
from archive.transcripts.transcript_versions import translated_texts, translations

LEAST_SHARED = 2
LEAST_SCORE = 0.35
MOST_PER_LINE = 3
MOST_LIKELY = 6
MOST_COMPARED = 200  # passages with a line's rarest words that are compared with it exactly
FOR_A_THEME = 0.2
LEAST_LIKELY = 0.25


def content(text: str) -> frozenset[str]:
    """The words of a text in their search form, without the shortest, which carry little."""
    return frozenset(folded for piece in words(text) if piece.is_word and len(folded := normalise(piece.text).text) > 2)


def propose(session: Session, version: TranscriptVersion) -> int:
    """Replace the open candidates of a version's testimony; returns how many there are now."""
    session.execute(
        delete(LinkCandidate).where(LinkCandidate.testimony_id == version.testimony_id, LinkCandidate.state == "open")
    )
    decided = {
        (line, segment)
        for line, segment in session.execute(
            select(LinkCandidate.line_id, LinkCandidate.segment_id).where(
                LinkCandidate.testimony_id == version.testimony_id
            )
        )
    }
    texts = _texts(session, version)
    count = 0
    for line in _current_lines(session):
        for language, line_text in (("km", line.km), ("en", line.en)):
            said = texts.get(language)
            if not said or not line_text:
                continue
            for segment_id, score, shared in _alike(content(line_text), said):
                if (line.id, segment_id) in decided:
                    continue
                decided.add((line.id, segment_id))
                session.add(
                    LinkCandidate(
                        line_id=line.id,
                        segment_id=segment_id,
                        testimony_id=version.testimony_id,
                        language=language,
                        score=round(score, 4),
                        shared=sorted(shared),
                    )
                )
                count += 1
    session.flush()
    return count


def _texts(session: Session, version: TranscriptVersion) -> dict[str, dict[str, frozenset[str]]]:
    """Language -> segment id -> content words, of what can be trusted."""
    query = select(Segment).where(Segment.version_id == version.id)
    trusted = {segment.id: segment.text for segment in session.scalars(query) if not segment.flags}
    found = {version.language: {one: content(text) for one, text in trusted.items()}}
    for language, translation in translations(session, version).items():
        given = translated_texts(session, translation)
        found[language] = {one: content(text) for one, text in given.items() if one in trusted}
    return found


def _current_lines(session: Session) -> Iterable[LyricLine]:
    return session.scalars(select(LyricLine).join(LyricVersion).where(IS_CURRENT, LyricLine.own.is_(False)))


def _alike(line: frozenset[str], said: Mapping[str, frozenset[str]]) -> list[tuple[str, float, frozenset[str]]]:
    """Segment, likeness and shared words, the most alike first; likeness is the share of the line's weight."""
    spread = Counter(word for found in said.values() for word in found)
    weight = {word: math.log(1 + len(said) / (1 + spread[word])) for word in line}
    whole = sum(weight.values())
    found = []
    for segment_id, spoken in said.items():
        shared = line & spoken
        score = sum(weight[word] for word in shared) / whole if whole else 0.0
        if len(shared) >= LEAST_SHARED and score >= LEAST_SCORE:
            found.append((segment_id, score, shared))
    return sorted(found, key=lambda one: (-one[1], one[0]))[:MOST_PER_LINE]


@dataclass(frozen=True, slots=True)
class Likely:
    """A passage that a line being written may have come from, and why.

    Attributes:
        shared: words that stand in both, the rarest first.
        run: the longest stretch that both say the same, as the passage spells it; empty where there is none.
        themes: terms of the thesaurus that the line names and the passage is tagged with.
    """

    said: Said
    score: float
    shared: tuple[str, ...]
    run: str
    themes: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class LikelySources:
    """Likely sources of a line, the likeliest first.

    Attributes:
        compared: how many passages were compared with the line word by word; `sharing`: how many have a word of it at
            all. Where there are more of these, the ones with its rarest words were compared.
    """

    found: tuple[Likely, ...]
    compared: int
    sharing: int

    @property
    def cut(self) -> bool:
        """Whether passages that share a word with the line were left out."""
        return self.sharing > self.compared


def likely(session: Session, index: SearchIndex, viewer: Viewer, km: str, en: str) -> LikelySources:
    """Passages this viewer may make a song of that are like the line, the likeliest first; a person decides.

    The index names those that share the line's rarest words, in either language; these are read and compared exactly.
    Likeness is the share of the line's words that the passage has too, rarer words counting more; or the share of the
    line that both say in one stretch; and a little for every theme they have in common.
    """
    lines = {language: text for language, text in (("km", km), ("en", en)) if text.strip()}
    words = {language: line_words(text) for language, text in lines.items()}
    if not any(words.values()):
        return LikelySources((), 0, 0)
    allowed = may_be_sung(session, viewer)
    every = frozenset(word for some in words.values() for word in some)
    pairs = [pair for some in words.values() for pair in pairwise(some)]
    answer = index.alike(every, pairs, allowed, MOST_COMPARED)
    weight = {word: math.log1p(answer.passages / (1 + answer.spread.get(word, 0))) for word in every}
    comparisons = {language: LineComparison(text, words[language], weight) for language, text in lines.items()}
    said = [one for some in sayings(session, allowed, answer.hits) for one in some if one.language in lines]
    terms = _named(session, lines.values())
    tagged = _tagged(session, terms)
    found: dict[str, Likely] = {}
    for one in said:
        alike = comparisons[one.language].compare(one.text)
        score = with_themes(alike.score, len(tagged.get(one.segment_id, ())))
        before = found.get(one.segment_id)
        if score >= LEAST_LIKELY and (before is None or before.score < score):
            themes = tuple(terms[term] for term in sorted(tagged.get(one.segment_id, ())))
            found[one.segment_id] = Likely(one, score, alike.shared, alike.run, themes)
    best = sorted(found.values(), key=lambda one: (-one.score, one.said.segment_id))[:MOST_LIKELY]
    return LikelySources(tuple(best), len(answer.hits), answer.sharing)


def with_themes(score: float, themes: int) -> float:
    """A likeness with the themes in common; they make a source likelier, and none by themselves."""
    return round(min(1.0, score + FOR_A_THEME * min(2, themes)), 4) if score else 0.0


def _named(session: Session, lines: Iterable[str]) -> dict[str, Term]:
    """The themes that the lines name."""
    finder = finder_of(session)
    found = {match.term_id for line in lines for match in finder.find(line)}
    query = select(Term).where(Term.id.in_(found), Term.kind == "theme")
    return {one.id: one for one in session.scalars(query)}


def _tagged(session: Session, terms: Collection[str]) -> dict[str, set[str]]:
    """Segment id -> those of the terms that it is tagged with."""
    query = select(Tagging.segment_id, Tagging.term_id).where(
        Tagging.term_id.in_(list(terms)), Tagging.segment_id.is_not(None), Tagging.state != "rejected"
    )
    found: dict[str, set[str]] = {}
    for segment_id, term_id in session.execute(query):
        found.setdefault(str(segment_id), set()).add(term_id)
    return found
