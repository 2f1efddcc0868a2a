"""Provenance: for a song, what each line came from; for a testimony, every line it became.

Both ways ask the gate for every thread. Words a viewer may not have quoted are not there, and how many are missing is
not told.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate, song_access
from archive.lyrics.current_words import current_lyric
from archive.models import Arrangement, LineTiming, LyricLine, LyricVersion, Song, Source
from archive.models.arrangement import leading_first
from archive.models.lyric import IS_CURRENT
from archive.timing import Span


@dataclass(frozen=True, slots=True)
class Thread:
    """One tie between a line and a moment, as far as the viewer may follow it.

    Attributes:
        reachable: whether the viewer may open the testimony itself.
    """

    source: Source
    line: LyricLine
    reachable: bool


@dataclass(frozen=True, slots=True)
class SungMoment:
    """A line in a song, and when it is sung in the song's first arrangement (None when not timed)."""

    song: Song
    line: LyricLine
    source: Source
    sung: Span | None


def threads(session: Session, viewer: gate.Viewer, lines: list[LyricLine]) -> dict[str, list[Thread]]:
    """Line id -> the threads of it that the viewer may see."""
    quotable: dict[tuple[str, str], bool] = {}
    listed: dict[str, bool] = {}
    found: dict[str, list[Thread]] = {}
    for line in lines:
        for source in line.sources:
            asked = source.testimony_id, gate.FORM_OF_RELATION[source.relation]
            if asked not in quotable:
                quotable[asked] = bool(gate.may(session, viewer, *asked, purpose=gate.SUNG_FOR))
            if not quotable[asked] or source.state == "held":
                continue
            if source.testimony_id not in listed:
                listed[source.testimony_id] = bool(gate.may(session, viewer, source.testimony_id, "existence"))
            found.setdefault(line.id, []).append(Thread(source, line, listed[source.testimony_id]))
    return found


def song_document(session: Session, viewer: gate.Viewer, song: Song) -> dict[str, object]:
    """A song's provenance as the command line prints it."""
    lyric = current_lyric(session, song.id)
    lines = list(lyric.lines) if lyric else []
    tied = threads(session, viewer, lines)
    return {
        "id": song.id,
        "title": song.title_km,
        "title_en": song.title_en,
        "lines": [
            {
                "text": line.km,
                "text_en": line.en,
                "relation": line.relation,
                "sources": [
                    {
                        "testimony": thread.source.testimony_id,
                        "transcript_version": thread.source.version_id,
                        "start_ms": thread.source.start_ms,
                        "end_ms": thread.source.end_ms,
                        "quote": thread.source.quote,
                        "relation": thread.source.relation,
                        "state": thread.source.state,
                    }
                    for thread in tied.get(line.id, [])
                ],
            }
            for line in lines
        ],
    }


def testimony_document(session: Session, viewer: gate.Viewer, testimony_id: str) -> dict[str, object]:
    """Every line that a testimony became, as the command line prints it; empty for one that may not be known of."""
    return {
        "id": testimony_id,
        "lines": [
            {
                "song": moment.song.id,
                "title": moment.song.title_km,
                "line": moment.line.id,
                "text": moment.line.km,
                "text_en": moment.line.en,
                "relation": moment.source.relation,
                "quote": moment.source.quote,
                "start_ms": moment.source.start_ms,
                "end_ms": moment.source.end_ms,
                "sung_from_ms": moment.sung.start_ms if moment.sung else None,
                "sung_until_ms": moment.sung.end_ms if moment.sung else None,
            }
            for moment in sung_from(session, viewer, testimony_id)
        ],
    }


def sung_from(session: Session, viewer: gate.Viewer, testimony_id: str) -> list[SungMoment]:
    """Every line that came from a testimony, in songs the viewer may open, in the order of what was said."""
    query = (
        select(Song, LyricLine, Source)
        .join(LyricVersion, LyricVersion.song_id == Song.id)
        .join(LyricLine, LyricLine.version_id == LyricVersion.id)
        .join(Source, Source.line_id == LyricLine.id)
        .where(Source.testimony_id == testimony_id, Source.state != "held", IS_CURRENT)
        .where(Song.id.in_(song_access.shown_songs(viewer)), LyricLine.id.in_(song_access.lines_to_sing(viewer)))
        .order_by(Source.start_ms, Song.id, LyricLine.position)
    )
    found: list[SungMoment] = []
    may: dict[str, bool] = {}
    for song, line, source in session.execute(query):
        form = gate.FORM_OF_RELATION[source.relation]
        if form not in may:
            may[form] = bool(gate.may(session, viewer, testimony_id, form, purpose=gate.SUNG_FOR))
        if may[form]:
            found.append(SungMoment(song, line, source, sung_at(session, song.id, line.id)))
    return found


def sung_at(session: Session, song_id: str, line_id: str) -> Span | None:
    """When a line is sung, in the song's first timed arrangement; None when nobody has timed it."""
    query = (
        select(Arrangement, LineTiming)
        .join(LineTiming)
        .where(Arrangement.song_id == song_id, LineTiming.line_id == line_id, LineTiming.start_ms.is_not(None))
    )
    timed = {row[0]: row[1] for row in session.execute(query)}
    for arrangement in leading_first(timed):
        start_ms, end_ms = timed[arrangement].start_ms, timed[arrangement].end_ms
        if start_ms is not None:
            return Span(start_ms, end_ms or start_ms)
    return None
