"""Songs, their words, and where the words come from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

from archive.models import Arrangement, LyricLine, LyricVersion, Song, Source, TranscriptVersion, new_id
from archive.models.source import quote_hash
from tests.factories.rows import kept


def song(session: Session, **given: Any) -> Song:
    """A published song without words."""
    usual = {"slug": new_id(), "title_km": "បទសាកល្បង", "title_en": "Trial", "state": "published"}
    return kept(session, Song, usual, given)


def lyric_version(session: Session, song_id: str, lines: Iterable[LyricLine] = (), **given: Any) -> LyricVersion:
    """The first version of a song's words, of these lines in their order."""
    made = LyricVersion(**{"song_id": song_id, "number": 1} | given)
    for position, line in enumerate(lines):
        line.position = position
        made.lines.append(line)
    session.add(made)
    session.flush()
    return made


def source(session: Session, line: LyricLine, version: TranscriptVersion, **given: Any) -> Source:
    """The line was told word for word at the beginning of the version's first segment."""
    quote = given.get("quote", line.km)
    usual = {
        "line_id": line.id,
        "testimony_id": version.testimony_id,
        "version_id": version.id,
        "segment_id": version.segments[0].id,
        "start_ms": 0,
        "end_ms": 1400,
        "quote": quote,
        "quote_hash": quote_hash(quote),
        "relation": "verbatim",
    }
    return kept(session, Source, usual, given)


def arrangement(session: Session, song_id: str, recording_id: str, **given: Any) -> Arrangement:
    """The song as it was sung in the studio."""
    usual = {"song_id": song_id, "recording_id": recording_id, "kind": "studio"}
    return kept(session, Arrangement, usual, given)
