"""Tagging: terms of the thesaurus found in a transcript, as suggestions until a person confirms them.

A place is suggested where one of its names stands in the text exactly, after normalising and on word boundaries; a
theme where its names or its cues do (`theme_finder`). Either names the words that led to it, so that it is explained
in one glance, and is never more than a suggestion. Flagged text suggests nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from archive.catalogue import terms, theme_lessons
from archive.catalogue.tagger import ThemeTagger, finder_of
from archive.language.normalise import normalise
from archive.language.words import words
from archive.models import Redaction, Segment, Tagging, TermLabel, TranscriptVersion, now
from archive.models.term import Term

LONGEST_LABEL_WORDS = 8
SHORTEST_PLACE_EN = 5  # shorter English names of districts are too often ordinary words
SHORTEST_PLACE_KM = 6


@dataclass(frozen=True, slots=True)
class Match:
    """A term whose label stands in a text at `start` to `end`."""

    term_id: str
    text: str
    start: int
    end: int


class Matcher:
    """Finds labels in text; made once for a whole transcript."""

    def __init__(self, labels: Iterable[tuple[str, str, str, str]]) -> None:
        """From rows of term id, kind of term, language and text."""
        self._terms: dict[str, list[str]] = {}
        self._places: set[str] = set()
        for term_id, kind, language, text in labels:
            if kind == "district" and len(text) < (SHORTEST_PLACE_EN if language == "en" else SHORTEST_PLACE_KM):
                continue
            if kind != "theme":
                self._places.add(term_id)
            found = self._terms.setdefault(normalise(text).text.strip(), [])
            if term_id not in found:
                found.append(term_id)

    @classmethod
    def of(cls, session: Session) -> Matcher:
        query = select(TermLabel.term_id, Term.kind, TermLabel.language, TermLabel.text).join(Term)
        query = query.where(Term.retired_at.is_(None))
        return cls((term, kind, language, text) for term, kind, language, text in session.execute(query))

    def matches(self, text: str) -> Iterator[Match]:
        """The longest labels in the text, from left to right, none overlapping another."""
        folded = normalise(text)
        pieces = [piece for piece in words(text) if piece.is_word]
        number = 0
        while number < len(pieces):
            taken = 1
            for last in range(min(number + LONGEST_LABEL_WORDS, len(pieces)) - 1, number - 1, -1):
                start, end = pieces[number].start, pieces[last].end
                first, after = folded.normalised_span(start, end)
                terms = [t for t in self._terms.get(folded.text[first:after], ()) if self._fits(t, text[start:end])]
                if terms:
                    yield from (Match(term, text[start:end], start, end) for term in terms)
                    taken = last - number + 1
                    break
            number += taken

    def is_place(self, term_id: str) -> bool:
        return term_id in self._places

    def _fits(self, term_id: str, found: str) -> bool:
        """An English place name has its capital letter; otherwise it is an ordinary word."""
        return term_id not in self._places or not found[0].isascii() or found[0].isupper()


@dataclass(frozen=True, slots=True)
class Taggers:
    """What passages are tagged by: themes by how people speak of them, places by their names."""

    themes: ThemeTagger
    places: Matcher

    @classmethod
    def of(cls, session: Session) -> Taggers:
        return cls(ThemeTagger.of(session), Matcher.of(session))

    def matches(self, texts: Mapping[str, str], speaker: str) -> Iterator[tuple[str, str]]:
        """Each term of a passage, with the words that led to it."""
        for one in self.themes.suggestions(texts, speaker):
            yield one.term_id, one.matched
        for text in texts.values():
            for match in self.places.matches(text):
                if self.places.is_place(match.term_id):
                    yield match.term_id, match.text


def on_words_taken_out() -> ColumnElement[bool]:
    """Of a tagging joined with its segment: a mark takes out some of the words that it stands on."""
    return exists().where(
        Redaction.testimony_id == Tagging.testimony_id,
        Redaction.start_ms < Segment.end_ms,
        Redaction.end_ms > Segment.start_ms,
    )


def suggest(session: Session, version: TranscriptVersion, taggers: Taggers | None = None) -> int:
    """Suggest terms for every trustworthy segment of a version, by its words and by those of its translations.

    Earlier suggestions of a machine that nobody has looked at are replaced. What a person confirmed or rejected on the
    testimony is not suggested again, and what those answers teach is counted anew.

    Returns:
        How many suggestions stand.
    """
    taggers = taggers or Taggers.of(session)
    machine = Tagging.testimony_id == version.testimony_id, Tagging.origin == "machine"
    session.execute(delete(Tagging).where(*machine, Tagging.state == "suggested"))
    decided = set(
        session.scalars(
            select(Tagging.term_id).where(Tagging.testimony_id == version.testimony_id, Tagging.state != "suggested")
        )
    )
    others = theme_lessons.translated(session, [version.id])
    count = 0
    for segment in session.scalars(select(Segment).where(Segment.version_id == version.id).order_by(Segment.position)):
        if segment.flags:
            continue
        texts = {version.language: segment.text, **others.get(segment.id, {})}
        first: dict[str, str] = {}
        for term_id, matched in taggers.matches(texts, segment.speaker):
            first.setdefault(term_id, matched)
        for term_id in first.keys() - decided:
            session.add(
                Tagging(
                    testimony_id=version.testimony_id,
                    segment_id=segment.id,
                    term_id=term_id,
                    origin="machine",
                    matched=first[term_id][:200],
                )
            )
            count += 1
    session.flush()
    theme_lessons.relearn(session, version.testimony_id, taggers.themes.finder)
    return count


def offered(session: Session, testimony_id: str, term_id: str) -> bool:
    """Whether a person may be asked about this theme here: all may know it, or it stands on the testimony already.

    Any other theme came from some testimony that this person may not know of, and answering would say that it exists.
    """
    term = session.get(Term, term_id)
    if term is None or term.kind != "theme" or term.merged_into_id is not None:
        return False
    here = select(Tagging.id).where(Tagging.testimony_id == testimony_id, Tagging.term_id == term_id)
    return (term.known_to_all and term.retired_at is None) or session.scalar(here.limit(1)) is not None


def decide(session: Session, testimony_id: str, term_id: str, account_id: str | None, *, confirm: bool) -> None:
    """A person confirms or rejects a term on a testimony; every suggestion of it there follows.

    Of a term that was merged, the one that it is now.
    """
    term_id = terms.current(session, term_id).id
    state = "confirmed" if confirm else "rejected"
    query = select(Tagging).where(Tagging.testimony_id == testimony_id, Tagging.term_id == term_id)
    taggings = list(session.scalars(query))
    if not taggings and confirm:
        taggings = [Tagging(testimony_id=testimony_id, term_id=term_id, origin="human")]
        session.add_all(taggings)
    for tagging in taggings:
        tagging.state, tagging.decided_by_id, tagging.made_at = state, account_id, now()
    session.flush()
    theme_lessons.relearn(session, testimony_id, finder_of(session))
