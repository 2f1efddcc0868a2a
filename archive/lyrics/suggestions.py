"""Candidates: which lines of which songs may have come from a testimony.

A line and a segment are likened by the content words they share, rarer words counting more. The result names those
words, so that whoever looks can agree or not at a glance; nothing is ever tied by a machine.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from archive.access.gate import Viewer
from archive.catalogue.tagging import Matcher
from archive.language.clusters import clusters
from archive.language.normalise import normalise
from archive.language.words import words
from archive.lyrics.singable import Said, sayings
from archive.models import LinkCandidate, LyricLine, LyricVersion, Segment, Tagging, Term, TranscriptVersion
from archive.transcripts.transcript_versions import translated_texts, translations

LEAST_SHARED = 2
LEAST_SCORE = 0.35
MOST_PER_LINE = 3
MOST_LIKELY = 6
RUN = 4  # clusters: shorter runs that two texts share are chance
RUN_OF_LETTERS = 12  # in Latin letters, which say less each
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
    latest = (
        select(LyricVersion.song_id, func.max(LyricVersion.number).label("number"))
        .group_by(LyricVersion.song_id)
        .subquery()
    )
    query = (
        select(LyricLine)
        .join(LyricVersion)
        .join(latest, (latest.c.song_id == LyricVersion.song_id) & (latest.c.number == LyricVersion.number))
        .where(LyricLine.own.is_(False))
    )
    return session.scalars(query)


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


def likely(session: Session, viewer: Viewer, km: str, en: str) -> list[Likely]:
    """Passages this viewer may make a song of that are like the line, the likeliest first; a person decides.

    Likeness is the share of the line's words that the passage has too, rarer words counting more; the share of the line
    that both say in one stretch; and a little for every theme they have in common.
    """
    lines = {language: text for language, text in (("km", km), ("en", en)) if text.strip()}
    said = [one for one in sayings(session, viewer) if one.language in lines] if lines else []
    terms = _named(session, lines.values())
    tagged = _tagged(session, terms)
    found: dict[str, Likely] = {}
    for language, text in lines.items():
        here = [one for one in said if one.language == language]
        spoken = {one: content(one.text) for one in here}
        spread = Counter(word for contained in spoken.values() for word in contained)
        wanted = content(text)
        weight = {word: math.log(1 + len(here) / (1 + spread[word])) for word in wanted}
        for one in here:
            likeness = _likeness(one, text, wanted & spoken[one], weight, tagged.get(one.segment_id, set()), terms)
            before = found.get(one.segment_id)
            if likeness.score >= LEAST_LIKELY and (before is None or before.score < likeness.score):
                found[one.segment_id] = likeness
    return sorted(found.values(), key=lambda one: (-one.score, one.said.segment_id))[:MOST_LIKELY]


def _likeness(
    said: Said,
    line: str,
    shared: frozenset[str],
    weight: Mapping[str, float],
    themes: Collection[str],
    terms: Mapping[str, Term],
) -> Likely:
    whole = sum(weight.values())
    words_score = sum(weight[word] for word in shared) / whole if whole and len(shared) >= LEAST_SHARED else 0.0
    run, run_score = _longest_run(line, said.text)
    score = max(words_score, run_score) + FOR_A_THEME * min(2, len(themes))
    ordered = tuple(sorted(shared, key=lambda word: (-weight[word], word)))
    return Likely(said, round(min(1.0, score), 4), ordered, run, tuple(terms[one] for one in sorted(themes)))


def _longest_run(line: str, text: str) -> tuple[str, float]:
    """The longest stretch of clusters that both texts have, as the second spells it, and its share of the first."""
    first, second = normalise(line), normalise(text)
    here = [one.text for one in clusters(first.text) if one.text.strip()]
    there = [one for one in clusters(second.text) if one.text.strip()]
    before = [0] * (len(there) + 1)
    best, at = 0, 0
    for letter in here:
        row = [0] * (len(there) + 1)
        for number, other in enumerate(there, 1):
            if other.text == letter:
                row[number] = before[number - 1] + 1
                if row[number] > best:
                    best, at = row[number], number
        before = row
    if best < RUN:
        return "", 0.0
    start, end = second.original_span(there[at - best].start, there[at - 1].end)
    if text[start:end].isascii() and best < RUN_OF_LETTERS:
        return "", 0.0
    return text[start:end].strip(), best / len(here)


def _named(session: Session, lines: Iterable[str]) -> dict[str, Term]:
    """The themes that the lines name."""
    matcher = Matcher.of(session)
    found = {match.term_id for line in lines for match in matcher.matches(line)}
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
