"""What is shown of a hit: its snippet and its moment, from the database as it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.models import IndexPoint, LyricLine, Song, Term, Testimony
from archive.ports import SearchHit
from archive.retrieval import point_texts
from archive.retrieval.documents import described_texts
from archive.search import highlight
from archive.search.highlight import SnippetPart
from archive.search.query import Words
from archive.transcripts.passages import Passage, PassagePiece, Wanted, load, marks_of


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A snippet in the language that answers best, the same in the others, and the moment of the first word found."""

    language: str
    snippet: tuple[SnippetPart, ...]
    start_ms: int | None = None
    aligned: Mapping[str, tuple[SnippetPart, ...]] = field(default_factory=dict)


class Shower:
    """Shows the hits of one search; reads each kind of thing in a few statements, however many hits there are."""

    def __init__(self, session: Session, words: Sequence[Words]) -> None:
        self._session = session
        # What was typed decides which language is shown; what it was expanded to is highlighted as well.
        self._words = words
        self._testimonies: dict[str, Testimony] = {}
        self._songs: dict[str, Song] = {}
        self._terms: dict[str, Term] = {}
        self._named: dict[str, Term] = {}  # the themes of the points shown

    def show(self, hits: Sequence[SearchHit]) -> dict[str, ShownHit]:
        """Key -> what to show; hits whose text is gone, or has moved on, are left out."""
        self._read_groups(hits)
        passages = self._passages([hit for hit in hits if hit.kind == "passage"])
        moments = self._points([hit for hit in hits if hit.kind == "point"])
        lines = self._lines([hit.ref for hit in hits if hit.kind == "line"])
        found: dict[str, ShownHit] = {}
        for hit in hits:
            one = None
            if hit.kind == "passage" and hit.key in passages:
                one = self._passage(passages[hit.key])
            elif hit.kind == "point" and hit.key in moments:
                one = self._point(moments[hit.key])
            elif hit.kind == "testimony" and hit.ref in self._testimonies:
                one = self._testimony(self._testimonies[hit.ref])
            elif hit.kind == "song" and hit.ref in self._songs:
                one = self._texts(_song_texts(self._songs[hit.ref]))
            elif hit.kind == "line" and hit.ref in lines:
                line = lines[hit.ref]
                one = self._texts({"km": line.km, "en": line.en, "romanised": line.romanised})
            elif hit.kind == "term" and hit.ref in self._terms:
                term = self._terms[hit.ref]
                one = self._texts({label.language: term.label(label.language) for label in term.labels})
            if one is not None:
                found[hit.key] = one
        return found

    def title(self, kind: str, name: str) -> dict[str, str]:
        """The title of a group by language."""
        if kind == "testimony" and name in self._testimonies:
            testimony = self._testimonies[name]
            return {"km": testimony.title_km, "en": testimony.title_en}
        if kind == "song" and name in self._songs:
            return {"km": self._songs[name].title_km, "en": self._songs[name].title_en}
        if kind == "term" and name in self._terms:
            return {language: self._terms[name].label(language) for language in ("km", "en")}
        return {}

    def _read_groups(self, hits: Sequence[SearchHit]) -> None:
        names: dict[str, set[str]] = {"testimony": set(), "song": set(), "term": set()}
        for hit in hits:
            kind, _, name = hit.group.partition(":")
            names[kind].add(name)
        session = self._session
        if names["testimony"]:
            query = select(Testimony).where(Testimony.id.in_(names["testimony"]))
            self._testimonies = {one.id: one for one in session.scalars(query)}
        if names["song"]:
            self._songs = {one.id: one for one in session.scalars(select(Song).where(Song.id.in_(names["song"])))}
        if names["term"]:
            self._terms = {one.id: one for one in session.scalars(select(Term).where(Term.id.in_(names["term"])))}

    def _passages(self, hits: Sequence[SearchHit]) -> dict[str, Passage]:
        names = {hit.key: Wanted(hit.testimonies[0], hit.form, hit.ref, hit.segments) for hit in hits}
        found = load(self._session, list(names.values())) if names else {}
        return {key: found[name] for key, name in names.items() if name in found}

    def _points(self, hits: Sequence[SearchHit]) -> dict[str, IndexPoint]:
        if not hits:
            return {}
        query = select(IndexPoint).where(IndexPoint.id.in_([hit.ref for hit in hits]))
        there = {one.id: one for one in self._session.scalars(query)}
        marks = marks_of(self._session, {one.testimony_id for one in there.values()})
        found: dict[str, IndexPoint] = {}
        for hit in hits:
            point = there.get(hit.ref)
            if point and point_texts.points_shown([point], hit.form, marks.get(point.testimony_id, ())):
                found[hit.key] = point
        self._named = point_texts.themes_of(self._session, found.values())
        return found

    def _lines(self, ids: Sequence[str]) -> dict[str, LyricLine]:
        if not ids:
            return {}
        query = select(LyricLine).where(LyricLine.id.in_(ids), LyricLine.held.is_(False))
        return {line.id: line for line in self._session.scalars(query)}

    def _passage(self, passage: Passage) -> ShownHit:
        texts = passage.texts()
        spans = self._spans(texts)
        shown = self._texts(texts, spans)
        found = spans.get(shown.language)
        start = moment_of(passage, shown.language, found[0][0] if found else 0)
        return ShownHit(shown.language, shown.snippet, start, shown.aligned)

    def _point(self, point: IndexPoint) -> ShownHit:
        return replace(self._texts(point_texts.texts(point, self._named)), start_ms=point.start_ms)

    def _testimony(self, testimony: Testimony) -> ShownHit:
        parts = described_texts(testimony)
        best = max(parts, key=lambda language: self._count(" \n".join(text for _, text in parts[language])))
        for start, text in parts[best]:
            spans = highlight.hits(text, self._words)
            if spans:
                return ShownHit(best, highlight.snippet(text, spans), start)
        first = next((text for _, text in parts[best][1:2] or parts[best][:1]), "")
        return ShownHit(best, highlight.snippet(first, ()), 0)

    def _spans(self, texts: Mapping[str, str]) -> dict[str, list[tuple[int, int]]]:
        return {language: highlight.hits(text, self._words) for language, text in texts.items() if text}

    def _texts(self, texts: Mapping[str, str], spans: Mapping[str, list[tuple[int, int]]] | None = None) -> ShownHit:
        spans = self._spans(texts) if spans is None else spans
        best = max(spans, key=lambda language: len(spans[language]), default="")
        snippets = {language: highlight.snippet(texts[language], found) for language, found in spans.items()}
        return ShownHit(best, snippets.pop(best, ()), None, snippets)

    def _count(self, text: str) -> int:
        return len(highlight.hits(text, self._words))


def _song_texts(song: Song) -> dict[str, str]:
    return {
        "km": " \n".join(filter(None, (song.title_km, song.note_km))),
        "en": " \n".join(filter(None, (song.title_en, song.note_en))),
        "romanised": song.title_romanised,
    }


def moment_of(passage: Passage, language: str, offset: int) -> int:
    """When the character at `offset` of the passage's text is said, in ms: its word's start where it is known."""
    at = 0
    for piece in passage.pieces:
        text = piece.texts.get(language)
        if not text:
            continue
        if offset < at + len(text) + 1:
            return _word_at(piece, text, offset - at) if language == passage.language else piece.span.start_ms
        at += len(text) + 1
    return passage.span.start_ms


def _word_at(piece: PassagePiece, text: str, offset: int) -> int:
    at, start_ms = 0, piece.span.start_ms
    for word, begins in piece.words:
        found = text.find(word, at)
        if found < 0:
            continue
        if found > offset:
            break
        start_ms = begins
        at = found + len(word)
    return start_ms
