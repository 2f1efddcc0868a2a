"""What a page of answers needs beside the answers: whom a hit is from, what plays, and where to begin."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from archive import time_zone
from archive.access import gate
from archive.access.gate import Viewer
from archive.catalogue.cards import TestimonyCard, cards
from archive.catalogue.parts import PartLabel, labels
from archive.consent import releases
from archive.models import ConsentEvent, LyricLine, LyricVersion, Song, Source, Testimony
from archive.models.base import UtcDateTime
from archive.retrieval import searching
from archive.retrieval.labels import Thesaurus
from archive.retrieval.searching import FacetValue, Results
from archive.search.index import SearchIndex

MOST_WAYS = 12


@dataclass(frozen=True, slots=True)
class SearchResults:
    """Results with the cards of their testimonies and the addresses of their songs.

    Attributes:
        songs: song id -> slug, of the groups that are songs.
        parts: testimony id -> which part of a longer telling it is, of those that are one.
    """

    results: Results
    cards: Mapping[str, TestimonyCard]
    songs: Mapping[str, str]
    parts: Mapping[str, PartLabel]


def found(session: Session, viewer: Viewer, results: Results) -> SearchResults:
    """What is needed to show these results to the viewer they were found for."""
    told = {group.id for group in results.groups if group.kind == "testimony"}
    sung = [group.id for group in results.groups if group.kind == "song"]
    slugs = select(Song.id, Song.slug).where(Song.id.in_(sung))
    known = {row[0]: row[1] for row in session.execute(slugs)}
    return SearchResults(results, cards(session, viewer, told), known, labels(session, viewer, told))


@dataclass(frozen=True, slots=True)
class Named:
    """A testimony or a song by its name alone, `id` being the testimony's id or the song's address.

    Attributes:
        opened_on: the day on which its narrator last allowed more, or on which a song's words were last kept. Neither
            the day of the recording, by which feeds would miss it, nor the moment, which is nobody's business.
    """

    kind: str
    id: str
    title_km: str
    title_en: str
    community: str
    opened_on: date


def named(session: Session, viewer: Viewer, groups: Sequence[str]) -> tuple[Named, ...]:
    """These testimonies and songs, `KIND:ID`, as far as this viewer may know of them, in the order given."""
    kinds = [(kind, name) for kind, _, name in (group.partition(":") for group in groups)]
    told = cards(session, viewer, [name for kind, name in kinds if kind == "testimony"])
    sung = {
        song.id: song
        for song in session.scalars(
            select(Song).where(
                Song.id.in_([name for kind, name in kinds if kind == "song"]),
                Song.id.in_(gate.visible_songs(viewer)),
            )
        )
    }
    allowed = _last(session, ConsentEvent.testimony_id, ConsentEvent.at, told, ConsentEvent.kind.in_(_OPENING))
    came_in = _last(session, Testimony.id, Testimony.created_at, told)
    kept = _last(session, LyricVersion.song_id, LyricVersion.made_at, sung)
    found: list[Named] = []
    for kind, name in kinds:
        if kind == "testimony" and (card := told.get(name)):
            day = time_zone.day_of(allowed.get(name) or came_in[name])
            found.append(Named(kind, card.id, card.title_km, card.title_en, card.community, day))
        elif kind == "song" and (song := sung.get(name)):
            day = time_zone.day_of(kept.get(name) or song.created_at)
            found.append(Named(kind, song.slug, song.title_km, song.title_en, "", day))
    return tuple(found)


_OPENING = ("grant", "reconfirm")


def _last(
    session: Session,
    key: InstrumentedAttribute[str],
    at: InstrumentedAttribute[datetime],
    ids: Collection[str],
    *such: ColumnElement[bool],
) -> dict[str, datetime]:
    """The last moment of each of these ids."""
    query = select(key, func.max(at, type_=UtcDateTime)).where(key.in_(list(ids)), *such).group_by(key)
    return {row[0]: row[1] for row in session.execute(query)}


def ways_in(session: Session, index: SearchIndex, viewer: Viewer) -> dict[str, tuple[FacetValue, ...]]:
    """Themes, communities and places that this viewer can begin from, with how much there is of each."""
    allowed = searching.findable(session, viewer)
    known = Thesaurus(session)
    ways: dict[str, tuple[FacetValue, ...]] = {}
    for facet in ("theme", "community", "place"):
        found = index.values(facet, allowed)
        found = searching.folded_counts(known, found) if facet == "theme" else found
        counts = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        ways[facet] = tuple(
            FacetValue(value, count, {language: known.name(value, language) for language in ("km", "en")})
            for value, count in counts[:MOST_WAYS]
        )
    return ways


def facet_names(session: Session) -> dict[str, dict[str, str]]:
    """Names by language of the themes and provinces that everybody may know, for a search told in words.

    Another theme is not among them: its name may tell of a testimony.
    """
    known = Thesaurus(session)
    told = [term for term, kind in known.kinds.items() if kind == "province" or term in known.known_to_all]
    return {term: {language: known.name(term, language) for language in ("km", "en")} for term in told}


def lines_to_take(session: Session, viewer: Viewer, taken: SearchResults) -> dict[str, tuple[str, frozenset[str]]]:
    """Of the lines that were found, those whose words this viewer may take along: no source of theirs is closed.

    Returns:
        Line id -> the id of its song, and of the testimonies it draws on.
    """
    hits = {hit.id: group.id for group in taken.results.groups if group.id in taken.songs for hit in group.hits}
    closed = gate.closed_lines(viewer)
    mine = LyricLine.id.in_(list(hits)), LyricLine.held.is_(False), LyricLine.id.not_in(closed)
    drawn = select(LyricLine.id, Source.testimony_id).outerjoin(Source, Source.line_id == LyricLine.id).where(*mine)
    sources: dict[str, set[str]] = {}
    for line_id, testimony_id in session.execute(drawn):
        sources.setdefault(line_id, set()).update([testimony_id] if testimony_id else [])
    return {line_id: (hits[line_id], frozenset(told)) for line_id, told in sources.items()}


def note_export(
    session: Session,
    role: str,
    account_id: str | None,
    taken: SearchResults,
    lines: Mapping[str, tuple[str, frozenset[str]]],
) -> None:
    """Write down that words of these testimonies, and of these lines, were carried out as a table of hits."""
    sung: dict[str, set[str]] = {}
    for song_id, told in lines.values():
        sung.setdefault(song_id, set()).update(told)
    for song_id, testimonies in sung.items():
        if testimonies:
            releases.record(session, "export", f"song:{song_id}", testimonies, audience=role, account_id=account_id)
    for group in taken.results.groups:
        if group.kind == "testimony" and group.id in taken.cards:
            subject = f"testimony:{group.id}"
            releases.record(session, "export", subject, [group.id], audience=role, account_id=account_id)
