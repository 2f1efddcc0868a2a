"""Songs that draw on a testimony, and the lines that wait for a decision when its consent no longer covers them.

A published song is sung to everyone, so its sources must be allowed to the public; a draft is read by the band. A
line that falls short is held: it is neither shown nor sung until the band rewrites it, retires the song, or the
narrator confirms again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session

from archive.access import clock, gate
from archive.access.gate import FORM_OF_RELATION, PUBLIC, ConsentState, Viewer
from archive.access.rule import Grant
from archive.errors import ArchiveError
from archive.language.messages import Message
from archive.ledgers import audit
from archive.models import LyricLine, LyricVersion, Redaction, Song, Source
from archive.models.lyric import IS_CURRENT

BAND = Viewer(role="band", groups=frozenset({"MB"}))
SUNG = ("published", "held")


class StillRefused(ArchiveError, ValueError):
    """A held line cannot be taken up again: a source of it is not allowed, or a mark takes its words out."""


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line that draws on a testimony; `current` when it stands in the song's newest version."""

    line_id: str
    text: str
    relation: str
    held: bool
    current: bool


@dataclass(frozen=True, slots=True)
class SongUse:
    """A song and its lines that draw on one testimony."""

    song_id: str
    title_km: str
    title_en: str
    state: str
    lines: tuple[DrawnLine, ...]


_Drawn = Row[Source, LyricLine, LyricVersion, Song]


def _drawn(session: Session, testimony_id: str) -> list[_Drawn]:
    rows = (
        select(Source, LyricLine, LyricVersion, Song)
        .join(LyricLine, Source.line_id == LyricLine.id)
        .join(LyricVersion, LyricLine.version_id == LyricVersion.id)
        .join(Song, LyricVersion.song_id == Song.id)
        .where(Source.testimony_id == testimony_id)
        .order_by(Song.slug, LyricVersion.number, LyricLine.position, Source.id)
    )
    return list(session.execute(rows))


def _current(session: Session, rows: list[_Drawn]) -> frozenset[str]:
    """Ids of the versions among the rows that are their songs' current ones."""
    versions = {version.id for _, _, version, _ in rows}
    return frozenset(session.scalars(select(LyricVersion.id).where(LyricVersion.id.in_(versions), IS_CURRENT)))


def songs_from(session: Session, testimony_id: str) -> list[SongUse]:
    """Every song that draws on the testimony, with the lines that do."""
    return _uses(session, _drawn(session, testimony_id))


def songs_falling(session: Session, testimony_id: str, grants: tuple[Grant, ...]) -> list[SongUse]:
    """The songs, with their lines, that would be held if `grants` were all that the testimony allowed."""
    state = gate.consent_state(session, testimony_id)
    if state is None:
        return []
    proposed = replace(state, grants=grants)
    moment = clock.moment(session)
    rows = [row for row in _drawn(session, testimony_id) if not _stands(proposed, row[0], row[3], moment)]
    return _uses(session, rows)


def _uses(session: Session, rows: list[_Drawn]) -> list[SongUse]:
    versions = _current(session, rows)
    uses: dict[str, SongUse] = {}
    for source, line, version, song in rows:
        use = uses.setdefault(song.id, SongUse(song.id, song.title_km, song.title_en, song.state, ()))
        drawn = DrawnLine(line.id, line.km or line.en, source.relation, line.held, current=version.id in versions)
        uses[song.id] = replace(use, lines=(*use.lines, drawn))
    return list(uses.values())


def _stands(state: ConsentState, source: Source, song: Song, moment: clock.Moment) -> bool:
    viewer = PUBLIC if song.state in SUNG else BAND
    return bool(gate.decide(state, viewer, FORM_OF_RELATION[source.relation], moment, gate.SUNG_FOR))


def hold_lines(session: Session, testimony_id: str, at: datetime | None = None) -> list[str]:
    """Hold every line whose source in this testimony is no longer allowed, and the published songs they stand in.

    Returns:
        Ids of the lines that are held now and were not before.
    """
    state = gate.consent_state(session, testimony_id)
    rows = _drawn(session, testimony_id)
    current, moment = _current(session, rows), clock.moment(session, at)
    held: list[str] = []
    for source, line, version, song in rows:
        if state is not None and _stands(state, source, song, moment):
            continue
        held += _hold(session, source, line, song, sung=version.id in current)
    session.flush()
    return held


def hold_sources(session: Session, sources: Collection[Source]) -> list[str]:
    """Hold these sources and the lines that stand on them, whatever is allowed: their ground is gone.

    Returns:
        Ids of the lines that are held now and were not before.
    """
    wanted = {source.id for source in sources}
    lines = []
    for testimony_id in sorted({source.testimony_id for source in sources}):
        rows = [row for row in _drawn(session, testimony_id) if row[0].id in wanted]
        current = _current(session, rows)
        for source, line, version, song in rows:
            lines += _hold(session, source, line, song, sung=version.id in current)
    session.flush()
    return lines


def _hold(session: Session, source: Source, line: LyricLine, song: Song, *, sung: bool) -> list[str]:
    source.state = "held"
    fresh = [] if line.held else [line.id]
    line.held = True
    if song.state == "published" and sung:
        song.state = "held"
        audit.note(session, None, "song.held", f"song:{song.id}")
    return fresh


def take_up_again(session: Session, line_id: str, by_id: str) -> LyricLine:
    """Let a held line stand again, once every source of it is allowed.

    Raises:
        Unknown: there is no such line.
        StillRefused: see there.
    """
    line = session.get(LyricLine, line_id)
    if line is None:
        raise gate.Unknown("There is no such line.")
    if not (line.km or line.en):
        raise StillRefused(Message("The words were destroyed at their narrator’s wish. Write others."))
    song = session.scalars(select(Song).join(LyricVersion).where(LyricVersion.id == line.version_id)).one()
    moment = clock.moment(session)
    for source in line.sources:
        state = gate.consent_state(session, source.testimony_id)
        taken_out = exists().where(
            Redaction.testimony_id == source.testimony_id,
            Redaction.start_ms < source.end_ms,
            Redaction.end_ms > source.start_ms,
        )
        if state is None or not _stands(state, source, song, moment) or session.scalar(select(taken_out)):
            raise StillRefused(Message("The narrator does not allow these words to be sung. The line stays held."))
    line.held = False
    for source in line.sources:
        source.state = "sure" if source.state == "held" else source.state
    audit.note(session, by_id, "line.taken-up-again", f"line:{line.id}", {"song": song.id})
    return line
