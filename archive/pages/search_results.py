"""What a page of answers needs beside the answers: whom a hit is from, what plays, and where to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.catalogue import thesaurus
from archive.catalogue.cards import TestimonyCard, cards
from archive.consent import releases
from archive.models import Song
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
    """

    results: Results
    cards: Mapping[str, TestimonyCard]
    songs: Mapping[str, str]


def found(session: Session, viewer: Viewer, results: Results) -> SearchResults:
    """What is needed to show these results to the viewer they were found for."""
    told = {group.id for group in results.groups if group.kind == "testimony"}
    sung = [group.id for group in results.groups if group.kind == "song"]
    slugs = select(Song.id, Song.slug).where(Song.id.in_(sung))
    return SearchResults(results, cards(session, viewer, told), {row[0]: row[1] for row in session.execute(slugs)})


@dataclass(frozen=True, slots=True)
class Named:
    """A testimony or a song by its name alone, `id` being the testimony's id or the song's address.

    Attributes:
        told_on: when it was recorded, or the first day of the year a song is from.
    """

    kind: str
    id: str
    title_km: str
    title_en: str
    community: str
    told_on: date | None


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
    found: list[Named] = []
    for kind, name in kinds:
        if kind == "testimony" and (card := told.get(name)):
            found.append(Named(kind, card.id, card.title_km, card.title_en, card.community, card.recorded_on))
        elif kind == "song" and (song := sung.get(name)):
            day = date(song.year, 1, 1) if song.year else None
            found.append(Named(kind, song.slug, song.title_km, song.title_en, "", day))
    return tuple(found)


def ways_in(session: Session, index: SearchIndex, viewer: Viewer) -> dict[str, tuple[FacetValue, ...]]:
    """Themes, communities and places that this viewer can begin from, with how much there is of each."""
    allowed = searching.findable(session, viewer)
    known = Thesaurus(session)
    ways: dict[str, tuple[FacetValue, ...]] = {}
    for facet in ("theme", "community", "place"):
        counts = sorted(index.values(facet, allowed).items(), key=lambda item: (-item[1], item[0]))
        ways[facet] = tuple(
            FacetValue(value, count, {language: known.name(value, language) for language in ("km", "en")})
            for value, count in counts[:MOST_WAYS]
        )
    return ways


def facet_names(session: Session) -> dict[str, dict[str, str]]:
    """Names by language of the themes and provinces that every archive ships with, for a search told in words.

    A theme of this archive's own making is not among them: its name may tell of a testimony.
    """
    known = Thesaurus(session)
    shipped = [entry.id for entry in thesaurus.themes()]
    shipped += [term for term, kind in known.kinds.items() if kind == "province"]
    return {term: {language: known.name(term, language) for language in ("km", "en")} for term in shipped}


def note_export(session: Session, role: str, account_id: str | None, taken: SearchResults) -> None:
    """Write down that words of these testimonies were carried out as a table of hits."""
    for group in taken.results.groups:
        if group.kind == "testimony" and group.id in taken.cards:
            subject = f"testimony:{group.id}"
            releases.record(session, "export", subject, [group.id], audience=role, account_id=account_id)
