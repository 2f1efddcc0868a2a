"""Small archives for tests of search: testimonies with segments, consent, tags, songs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from archive.access.gate import PUBLIC, Viewer
from archive.days import Day
from archive.db import Database
from archive.models import LyricLine, SegmentTranslation, Song, Tagging, Term, Testimony, now
from archive.retrieval import indexing, searching
from archive.retrieval.search_request import SearchRequest
from archive.retrieval.searching import Results
from archive.search.index import SearchIndex, Sort
from archive.timing import Span
from archive.transcripts.word_times import carry_times
from tests import factories

LISTENING = ("existence", "redacted_transcript")
Make = Callable[[Session], object]
EVERYTHING = (*LISTENING, "full_transcript", "original_sound", "quotation", "pseudonym", "place")


@dataclass
class Told:
    """A testimony to be made.

    `said` is (Khmer, English) for each ten seconds, and `points` are (start in ms, Khmer title, English title, themes);
    either language may be empty.
    """

    name: str
    said: Sequence[tuple[str, str]]
    community: str = "farmer"
    province: str = "21"
    year: int = 2012
    language: str = "km"
    title_en: str = ""
    title_km: str = ""
    synopsis_en: str = ""
    pseudonym: str = "Sophea"
    forms: Sequence[str] = EVERYTHING
    audience: str = "public"
    level: str = "province"
    stage: str = "approved"
    translation_stage: str = "approved"
    flagged: Sequence[int] = ()
    taken_out: Sequence[tuple[int, int]] = ()
    themes: Sequence[str] = ()
    speakers: Sequence[str] = field(default_factory=tuple)
    points: Sequence[tuple[int, str, str, Sequence[str]]] = ()


def add(session: Session, told: Told) -> Testimony:
    """Make the testimony under `told.name` as its id."""
    factories.recording(session, id=f"r-{told.name}", duration_ms=1)
    factories.narrator(
        session,
        id=f"n-{told.name}",
        community=told.community,
        province=told.province,
        pseudonym_en=told.pseudonym,
    )
    testimony = factories.testimony(
        session,
        id=told.name,
        recording_id=f"r-{told.name}",
        narrator_id=f"n-{told.name}",
        language=told.language,
        title_en=told.title_en,
        title_km=told.title_km,
        synopsis_en=told.synopsis_en,
        recorded_on=Day.on(date(told.year, 5, 1)),
        heard_through_at=now(),
    )
    _transcript(session, told)
    for start, end in told.taken_out:
        factories.redaction(session, told.name, start_ms=start, end_ms=end, heard_at=now())
    for form in told.forms:
        level = told.level if form == "place" else ""
        factories.permission(session, told.name, form=form, audience=told.audience, level=level)
    for theme in told.themes:
        if session.get(Term, theme) is None:
            add_term(session, theme, en=(theme.replace("-", " "),))
        session.add(Tagging(testimony_id=told.name, term_id=theme, origin="human", state="confirmed"))
    for i, (start, km, en, themes) in enumerate(told.points):
        for theme in themes:
            if session.get(Term, theme) is None:
                add_term(session, theme, en=(theme.replace("-", " "),))
        titled = {"title_km": km, "title_en": en, "terms": list(themes)}
        factories.index_point(session, told.name, id=f"p-{told.name}-{i}", start_ms=start, **titled)
    session.flush()
    return testimony


def _transcript(session: Session, told: Told) -> None:
    other = "en" if told.language == "km" else "km"
    spoken = [(km, en) if told.language == "km" else (en, km) for km, en in told.said]
    segments = []
    for i, (text, _) in enumerate(spoken):
        span = Span(i * 10_000, i * 10_000 + 9_000)
        described = {
            "id": f"s-{told.name}-{i}",
            "speaker": told.speakers[i] if i < len(told.speakers) else "",
            "flags": ["low-confidence"] if i in told.flagged else [],
        }
        words = carry_times(text, span)
        segments.append(factories.segment(text, span.start_ms, span.end_ms, words=words, **described))
    given = {"language": told.language, "stage": told.stage}
    version = factories.transcript_version(session, told.name, segments, **given)
    given = {"language": other, "stage": told.translation_stage, "translates_id": version.id}
    translation = factories.transcript_version(session, told.name, **given)
    for segment, (_, text) in zip(segments, spoken, strict=True):
        if text:
            session.add(SegmentTranslation(version_id=translation.id, segment_id=segment.id, text=text))
    session.flush()


def add_term(
    session: Session, name: str, *, en: Sequence[str] = (), km: Sequence[str] = (), broader: str | None = None
) -> Term:
    return factories.term(session, name, {"en": en, "km": km}, broader_id=broader)


def add_song(
    session: Session, name: str, lines: Sequence[tuple[str, str]], *, state: str = "published", title: str = ""
) -> Song:
    titles = {"title_km": title or name, "title_en": title or name}
    song = factories.song(session, id=name, slug=name, state=state, year=2013, **titles)
    written = [LyricLine(id=f"l-{name}-{i}", km=km, en=en, own=True) for i, (km, en) in enumerate(lines)]
    factories.lyric_version(session, name, written)
    return song


class Archive:
    """A database and its index, searched in one line."""

    def __init__(self, database: Database, index: SearchIndex) -> None:
        self.database, self.index = database, index

    def holds(self, *made: Told | Make) -> None:
        with self.database.write() as session:
            for one in made:
                add(session, one) if isinstance(one, Told) else one(session)
        indexing.reindex(self.database, self.index)

    def search(
        self,
        query: str,
        viewer: Viewer = PUBLIC,
        *,
        expand: bool = True,
        sort: Sort = "relevance",
        filters: Mapping[str, Sequence[str]] | None = None,
        **paging: int,
    ) -> Results:
        request = SearchRequest(query, filters or {}, sort, exact=not expand)
        with self.database.read() as session:
            return searching.search(session, self.index, viewer, request, **paging)

    def found(self, query: str, viewer: Viewer = PUBLIC, **options: Any) -> set[str]:
        """Names of the groups found."""
        return {group.id for group in self.search(query, viewer, **options).groups}
