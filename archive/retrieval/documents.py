"""From models to search documents: the one place where it is decided what can be found, under which form.

Never found by anybody: flagged machine text, held lyric lines, labels of speakers that no person has named, names in
the vault, file names, and anything of a withdrawn testimony. Suggested tags are no facets until a person confirms
them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue.thesaurus import place_id
from archive.lyrics import current_words
from archive.models import (
    IndexPoint,
    LyricLine,
    LyricVersion,
    Redaction,
    Segment,
    Song,
    Source,
    Tagging,
    Term,
    Testimony,
    Tombstone,
)
from archive.models.lyric import IS_CURRENT
from archive.ports import SearchDocument
from archive.retrieval import point_texts
from archive.timing import Span
from archive.transcripts.passages import REDACTED, Passage, editions, marks_of, passages, versions_of

_UNNAMED = re.compile(r"S\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Moment:
    """A term or a song at a span of the testimony; without a span, at all of it."""

    value: str
    span: Span | None

    def at(self, other: Span) -> bool:
        return self.span is None or self.span.overlaps(other)


def all_documents(session: Session) -> Iterator[SearchDocument]:
    """Every document of the archive, each group's together."""
    for testimony_id in session.scalars(select(Testimony.id).order_by(Testimony.id)).all():
        yield from testimony_documents(session, testimony_id)
        session.expunge_all()
    for song_id in session.scalars(select(Song.id).order_by(Song.id)).all():
        yield from song_documents(session, song_id)
        session.expunge_all()
    for term_id in session.scalars(select(Term.id).where(Term.kind == "theme").order_by(Term.id)).all():
        yield from term_documents(session, term_id)


def not_withdrawn(session: Session, testimony_id: str) -> Testimony | None:
    """The testimony, unless it is gone or withdrawn."""
    testimony = session.get(Testimony, testimony_id)
    if testimony is None or testimony.withdrawn_at is not None or session.get(Tombstone, testimony_id) is not None:
        return None
    return testimony


def testimony_documents(session: Session, testimony_id: str) -> list[SearchDocument]:
    """The testimony, and its passages and points in every edition; nothing when it is gone or withdrawn."""
    testimony = not_withdrawn(session, testimony_id)
    if testimony is None:
        return []
    marks = marks_of(session, [testimony_id]).get(testimony_id, [])
    versions = versions_of(session, [testimony_id]).get(testimony_id, [])
    themes = _themes(session, testimony_id)
    songs = _songs(session, testimony_id)
    found = [_described(testimony, marks, themes, songs)]
    every = {edition.form: edition for edition in editions(versions, marked=bool(marks))}
    indexed = point_texts.index_points_of(session, testimony_id)
    named = point_texts.themes_of(session, indexed)
    for form in every or point_texts.drafts(marked=bool(marks)):
        told = _outside(themes, marks) if form in REDACTED else themes
        sung = _outside(songs, marks) if form in REDACTED else songs
        if form in every:
            found.extend(_passage(testimony, form, one, told, sung) for one in passages(session, every[form], marks))
        found.extend(
            _point(testimony, form, one, named, told, sung) for one in point_texts.points_shown(indexed, form, marks)
        )
    return _sealed(found)


def _described(
    testimony: Testimony, marks: Sequence[Redaction], themes: list[_Moment], songs: list[_Moment]
) -> SearchDocument:
    texts = described_texts(testimony)
    facets = {
        **_facets(testimony),
        "theme": _values(_outside(themes, marks)),
        "song": _values(_outside(songs, marks)),
    }
    return SearchDocument(
        key=f"testimony:{testimony.id}",
        kind="testimony",
        ref=testimony.id,
        testimonies=(testimony.id,),
        form="existence",
        texts={language: " \n".join(text for _, text in parts) for language, parts in texts.items() if parts},
        facets=facets,
        date=_date(testimony),
        group=f"testimony:{testimony.id}",
    )


def described_texts(testimony: Testimony) -> dict[str, list[tuple[int, str]]]:
    """What the catalogue says of a testimony to whoever may know of it, by language: (start in ms, text).

    Its title and synopsis only. Titled moments tell what is said and when, so they belong to those who may read it.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for language in ("km", "en"):
        parts = [(0, getattr(testimony, f"{field}_{language}")) for field in ("title", "synopsis")]
        found[language] = [(start, text) for start, text in parts if text]
    return found


def _passage(
    testimony: Testimony, form: str, passage: Passage, themes: Iterable[_Moment], songs: Iterable[_Moment]
) -> SearchDocument:
    span = passage.span
    facets = _facets(testimony)
    named = [piece.speaker for piece in passage.pieces if piece.speaker and not _UNNAMED.fullmatch(piece.speaker)]
    facets["speaker"] = tuple(dict.fromkeys([*facets["speaker"], *named]))
    facets["theme"] = _values(one for one in themes if one.at(span))
    facets["song"] = _values(one for one in songs if one.at(span))
    return SearchDocument(
        key=f"passage:{form}:{passage.ref}",
        kind="passage",
        ref=passage.ref,
        testimonies=(testimony.id,),
        form=form,
        texts=passage.texts(),
        facets=facets,
        span=span,
        date=_date(testimony),
        group=f"testimony:{testimony.id}",
        segments=len(passage.pieces),
    )


def _point(
    testimony: Testimony,
    form: str,
    point: IndexPoint,
    named: Mapping[str, Term],
    themes: Iterable[_Moment],
    songs: Iterable[_Moment],
) -> SearchDocument:
    span = point_texts.moment(point)
    facets = _facets(testimony)
    set_here = [one for one in point.terms if one in named]
    facets["theme"] = tuple(dict.fromkeys([*set_here, *_values(one for one in themes if one.at(span))]))
    facets["song"] = _values(one for one in songs if one.at(span))
    return SearchDocument(
        key=f"point:{form}:{point.id}",
        kind="point",
        ref=point.id,
        testimonies=(testimony.id,),
        form=form,
        texts=point_texts.texts(point, named),
        facets=facets,
        span=span,
        date=_date(testimony),
        group=f"testimony:{testimony.id}",
    )


def _facets(testimony: Testimony) -> dict[str, tuple[str, ...]]:
    narrator = testimony.narrator
    return {
        "community": (narrator.community,),
        "place": (place_id(narrator.province),) if narrator.province else (),
        "year": tuple(map(str, testimony.recorded_on.years)) if testimony.recorded_on else (),
        "language": (testimony.language,) if testimony.language else (),
        "speaker": tuple(filter(None, (narrator.pseudonym_km, narrator.pseudonym_en))),
    }


def _date(testimony: Testimony) -> str:
    return testimony.recorded_on.first.isoformat() if testimony.recorded_on else ""


def _themes(session: Session, testimony_id: str) -> list[_Moment]:
    rows = session.execute(
        select(Tagging.term_id, Segment.start_ms, Segment.end_ms)
        .join(Term, Term.id == Tagging.term_id)
        .outerjoin(Segment, Segment.id == Tagging.segment_id)
        .where(Tagging.testimony_id == testimony_id, Tagging.state == "confirmed", Term.kind == "theme")
        .order_by(Tagging.term_id)
    )
    return [_Moment(term, None if start is None else Span(start, end)) for term, start, end in rows]


def _songs(session: Session, testimony_id: str) -> list[_Moment]:
    rows = session.execute(
        select(Song.id, Source.start_ms, Source.end_ms)
        .join(LyricVersion, LyricVersion.song_id == Song.id)
        .join(LyricLine, LyricLine.version_id == LyricVersion.id)
        .join(Source, Source.line_id == LyricLine.id)
        .where(Source.testimony_id == testimony_id, Source.state != "held", LyricLine.held.is_(False), IS_CURRENT)
        .order_by(Song.id, Source.start_ms)
    )
    return [_Moment(song, Span(start, end)) for song, start, end in rows]


def _outside(moments: Iterable[_Moment], marks: Sequence[Redaction]) -> list[_Moment]:
    """Without what stands on words that are taken out: a tag would tell of them."""
    return [one for one in moments if one.span is None or not any(mark.span.overlaps(one.span) for mark in marks)]


def _values(moments: Iterable[_Moment]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.value for one in moments))


def song_documents(session: Session, song_id: str) -> list[SearchDocument]:
    """A song and the lines of its current words that are not held."""
    song = session.get(Song, song_id)
    if song is None:
        return []
    facets = {"song": (song.id,), "year": (str(song.year),) if song.year else ()}
    about = {"form": "song", "facets": facets, "date": str(song.year or ""), "group": f"song:{song.id}"}
    texts = {
        "km": " \n".join(filter(None, (song.title_km, song.note_km))),
        "romanised": song.title_romanised,
        "en": " \n".join(filter(None, (song.title_en, song.note_en))),
    }
    found = [SearchDocument(f"song:{song.id}", "song", song.id, (), texts=_there(texts), **about)]  # type: ignore[arg-type]
    for line in current_words.lines_of(session, song_id):
        behind = tuple(dict.fromkeys(source.testimony_id for source in line.sources))
        texts = _there({"km": line.km, "romanised": line.romanised, "en": line.en})
        if texts and not line.held:
            found.append(SearchDocument(f"line:{line.id}", "line", line.id, behind, texts=texts, **about))  # type: ignore[arg-type]
    return _sealed(found)


def term_documents(session: Session, term_id: str) -> list[SearchDocument]:
    """A theme of the thesaurus under its labels; a viewer finds it where she finds something tagged with it."""
    term = session.get(Term, term_id)
    if term is None or term.kind != "theme" or term.merged_into_id is not None:
        return []
    texts: dict[str, list[str]] = {}
    for label in sorted(term.labels, key=lambda label: (not label.preferred, label.text)):
        texts.setdefault(label.language, []).append(label.text)
    joined = {language: " / ".join(labels) for language, labels in texts.items()}
    about = SearchDocument(f"term:{term.id}", "term", term.id, (), "term", joined, {"theme": (term.id,)})
    return _sealed([replace(about, group=f"term:{term.id}")])


def _there(texts: dict[str, str]) -> dict[str, str]:
    return {language: text for language, text in texts.items() if text}


def _sealed(documents: list[SearchDocument]) -> list[SearchDocument]:
    """The documents of one group, each with the digest of them all."""
    digest = hashlib.sha256()
    for document in documents:
        digest.update(repr(document).encode())
    seal = digest.hexdigest()[:16]
    return [replace(document, digest=seal) for document in documents]
