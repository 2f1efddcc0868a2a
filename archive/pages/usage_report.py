"""Telling: where somebody's words have gone, line by line, so that it can be read out to her.

For a song: every line with its sources and whether they still stand. For a testimony: every line it became, down to
when it is sung, and what lies on the desk. For a narrator: everything her words have gone into. A steward is shown the
lines because she looks after consent; a band member, those that she may quote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import FORM_OF_RELATION, PUBLIC, SUNG_FOR, Unknown, Viewer
from archive.access.rule import Decision
from archive.catalogue.cards import TestimonyCard, card, cards
from archive.consent import releases, wording
from archive.lyrics import current_words, provenance, shared_draft, sources
from archive.models import (
    Clipping,
    LyricLine,
    LyricVersion,
    Narrator,
    Release,
    Song,
    Source,
    Testimony,
    TranscriptVersion,
)
from archive.models.lyric import IS_CURRENT
from archive.timing import Span


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One source of a line.

    Attributes:
        quote: the words; empty where this viewer may not have them.
        card: whose they are; None where that may not be known.
        sung_by_all: whether everyone may hear them sung, and why.
        approved: the transcript quoted is an approved one; `number` and `language` are its own.
    """

    source: Source
    quote: str
    card: TestimonyCard | None
    sung_by_all: Decision
    approved: bool
    number: int
    language: str


@dataclass(frozen=True, slots=True)
class LineThreads:
    """A line with all its sources; its words are not shown while it is held."""

    line: LyricLine
    threads: tuple[SourceReport, ...]
    sung: Span | None


@dataclass(frozen=True, slots=True)
class LyricUse:
    """A line that came of a testimony, in the song's newest words; `draft_only` ones stand in a draft and nowhere else.

    Attributes:
        text_km, text_en: the line; empty where it may not be shown.
    """

    song: Song
    relation: str
    text_km: str
    text_en: str
    quote: str
    said: Span
    line_id: str
    sung: Span | None
    held: bool
    draft_only: bool = False


@dataclass(frozen=True, slots=True)
class TestimonyUsage:
    """A testimony's page of provenance.

    Attributes:
        clipped: how many passages of it lie on the desk.
        left: what went out and cannot be called back; for stewards.
        consent: who may have what by it, as the gate answers, in sentences.
    """

    card: TestimonyCard
    became: tuple[LyricUse, ...]
    clipped: int
    left: tuple[Release, ...]
    consent: tuple[str, ...]

    @property
    def songs(self) -> int:
        return len({one.song.id for one in self.became})


@dataclass(frozen=True, slots=True)
class NarratorSheet:
    """Everything that somebody's words have gone into; the names are empty where they may not be told."""

    name_km: str
    name_en: str
    community: str
    told: tuple[TestimonyUsage, ...]
    printed_at: datetime


def song_threads(session: Session, viewer: Viewer, song: Song) -> list[LineThreads]:
    """Every line of the song's newest version with its sources and whether they still stand."""
    lyric = current_words.current_lyric(session, song.id)
    lines = list(lyric.lines) if lyric else []
    known = cards(session, viewer, {source.testimony_id for line in lines for source in line.sources})
    return [
        LineThreads(
            line,
            tuple(_thread(session, viewer, source, known.get(source.testimony_id)) for source in line.sources),
            provenance.sung_at(session, song.id, line.id),
        )
        for line in lines
    ]


def _thread(session: Session, viewer: Viewer, source: Source, known: TestimonyCard | None) -> SourceReport:
    form = FORM_OF_RELATION[source.relation]
    may = viewer.role == "steward" or gate.may(session, viewer, source.testimony_id, form, purpose=SUNG_FOR)
    version = session.get(TranscriptVersion, source.version_id)
    return SourceReport(
        source=source,
        quote=source.quote if may and known is not None and source.state != "held" else "",
        card=known,
        sung_by_all=gate.may(session, PUBLIC, source.testimony_id, form, purpose=SUNG_FOR),
        approved=version is not None and version.stage == "approved",
        number=version.number if version else 0,
        language=version.language if version else "km",
    )


def usage_report_of(session: Session, viewer: Viewer, testimony_id: str, language: str) -> TestimonyUsage:
    """Where a testimony's words have gone, with what holds of consent in `language`.

    Raises:
        Unknown: there is none, or this viewer may not know of it.
    """
    shown = card(session, viewer, testimony_id) if viewer.inside else None
    if shown is None:
        raise Unknown("There is no such thing here.")
    on_desk = select(func.count()).where(Clipping.testimony_id == testimony_id, Clipping.off_at.is_(None))
    return TestimonyUsage(
        card=shown,
        became=(*_became(session, viewer, testimony_id), *_drafted(session, viewer, testimony_id)),
        clipped=session.scalar(on_desk) or 0,
        left=tuple(releases.releases_of(session, testimony_id)) if viewer.role == "steward" else (),
        consent=wording.decided(session, testimony_id, language),
    )


def narrator_sheet(session: Session, viewer: Viewer, narrator_id: str, language: str, at: datetime) -> NarratorSheet:
    """Everything a narrator's words have gone into.

    Raises:
        Unknown: there is no such narrator, or none of her testimonies may be known of here.
    """
    if not viewer.inside:
        raise Unknown("There is no such thing here.")
    query = select(Testimony.id).where(Testimony.narrator_id == narrator_id).order_by(Testimony.created_at)
    mine = session.scalars(query.order_by(Testimony.id)).all()
    known = cards(session, viewer, mine or [""])  # nobody's are asked for as hers are
    if not known:
        raise Unknown("There is no such thing here.")
    narrator = session.get_one(Narrator, narrator_id)
    sheets = tuple(usage_report_of(session, viewer, one, language) for one in mine if one in known)
    named = next((one.card for one in sheets if one.card.name_km or one.card.name_en), None)
    return NarratorSheet(
        name_km=named.name_km if named else "",
        name_en=named.name_en if named else "",
        community=narrator.community,
        told=sheets,
        printed_at=at,
    )


def narrator_of(session: Session, viewer: Viewer, testimony_id: str) -> str | None:
    """The id of a testimony's narrator, for a link to her sheet; None where that may not be known."""
    known = card(session, viewer, testimony_id)
    return session.get_one(Testimony, testimony_id).narrator_id if known else None


def _became(session: Session, viewer: Viewer, testimony_id: str) -> list[LyricUse]:
    query = (
        select(Source, LyricLine, Song)
        .join(LyricLine, LyricLine.id == Source.line_id)
        .join(LyricVersion, LyricVersion.id == LyricLine.version_id)
        .join(Song, Song.id == LyricVersion.song_id)
        .where(Source.testimony_id == testimony_id, IS_CURRENT)
        .order_by(Song.created_at, Song.id, LyricLine.position, Source.start_ms, Source.id)
    )
    relations = _shown_relations(session, viewer, testimony_id)
    return [
        LyricUse(
            song=song,
            relation=source.relation,
            text_km="" if line.held else line.km,
            text_en="" if line.held else line.en,
            quote="" if line.held else source.quote,
            said=source.span,
            line_id=line.id,
            sung=provenance.sung_at(session, song.id, line.id),
            held=line.held,
        )
        for source, line, song in session.execute(query)
        if source.relation in relations or line.held
    ]


def _shown_relations(session: Session, viewer: Viewer, testimony_id: str) -> tuple[str, ...]:
    if viewer.role == "steward":
        return tuple(FORM_OF_RELATION)
    return sources.allowed(session, viewer, testimony_id)[0]


def _drafted(session: Session, viewer: Viewer, testimony_id: str) -> list[LyricUse]:
    """Lines that draw on it in a draft, of which no kept version says so yet."""
    relations = _shown_relations(session, viewer, testimony_id)
    clipped = {one.id: one for one in session.scalars(select(Clipping).where(Clipping.testimony_id == testimony_id))}
    songs = {one.song_id for one in clipped.values() if one.song_id}
    found = []
    for song in session.scalars(select(Song).where(Song.id.in_(songs)).order_by(Song.created_at, Song.id)):
        kept = current_words.current_lyric(session, song.id)
        known = {(line.km, source.quote_hash) for line in (kept.lines if kept else ()) for source in line.sources}
        for line in shared_draft.draft_lines(session, song.id):
            for clipping_id, relation in line.sources.items():
                one = clipped.get(clipping_id)
                if one is None or relation not in relations or (line.km, one.quote_hash) in known:
                    continue
                found.append(
                    LyricUse(
                        song, relation, line.km, line.en, one.quote, one.span, "", None, held=False, draft_only=True
                    )
                )
    return found
