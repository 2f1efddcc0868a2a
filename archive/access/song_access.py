"""What of a song may be sung now: which songs have a page, which of their lines are shown, which recordings are played.

A song that loses the ground of a line keeps its page and its other lines (`docs/decisions/0054-a-silent-line.md`). The
line is then silent in whatever form; and since recordings sing it all the same, one with a voice is not played until
it is certain that it does not. Everything here starts from *no*, like the gate that it asks.

What has not been taught about silent lines asks `gate.visible_songs`, which names whole songs only.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.util import AliasedClass

from archive.access.gate import KEPT, Clock, Viewer, closed_source, visible_songs
from archive.models import Arrangement, LyricLine, LyricVersion, Recording, Song, Source, now
from archive.models.arrangement import WORDLESS
from archive.models.base import UtcDateTime

OUT = ("published", "held")
"""States of a song that went out: the second after a line of it was held, until a person has decided."""
LONG_ENOUGH = 8
"""Letters of a silent line that nobody says by chance inside something longer."""

_AT: BindParameter[datetime] = bindparam("at_this_moment", type_=UtcDateTime)
_SONG: BindParameter[str] = bindparam("song_asked_for")
_SONGS: BindParameter[Sequence[str]] = bindparam("songs_asked_for", expanding=True)

Line = type[LyricLine] | AliasedClass[LyricLine]
Version = type[LyricVersion] | AliasedClass[LyricVersion]


@lru_cache(maxsize=KEPT)
def shown_songs(viewer: Viewer, at: Clock = None) -> Select[str]:
    """Ids of the songs that have a page for this viewer: whole, or without the lines that are silent."""
    if viewer.inside:
        return visible_songs(viewer, at)
    silent = _silent(viewer, at)
    whole = and_(Song.state == "published", ~_there([silent], silent.c.song_id == Song.id, silent.c.current))
    return select(Song.id).where(or_(whole, and_(*_goes_on(viewer, at))))


def _goes_on(viewer: Viewer, at: Clock) -> list[ColumnElement[bool]]:
    """Of a song: it is out, has something left to sing, and neither its title nor its story says what is silent."""
    line, version = aliased(LyricLine), aliased(LyricVersion)
    silent = _silent(viewer, at)
    words = or_(*(func.trim(text) != "" for text in (line.km, line.romanised, line.en)))
    told = [(Song.title_km, silent.c.km), (Song.note_km, silent.c.km), (Song.title_romanised, silent.c.romanised)]
    told += [(Song.title_en, silent.c.en), (Song.note_en, silent.c.en)]
    said = or_(*(_repeats(_bare(text), never) for text, never in told))
    return [
        Song.state.in_(OUT),
        _there([line, version], *_now(line, version, Song.id), words, _may_be_sung(line, viewer, at)),
        ~_there([silent], silent.c.song_id == Song.id, silent.c.current, said),
    ]


@lru_cache(maxsize=KEPT)
def lines_to_sing(viewer: Viewer, at: Clock = None) -> Select[str]:
    """Ids of the lines of songs' current words that this viewer may have, in whatever form."""
    line, version = aliased(LyricLine), aliased(LyricVersion)
    return select(line.id).where(*_now(line, version, version.song_id), _may_be_sung(line, viewer, at))


@lru_cache(maxsize=KEPT)
def recordings_to_play(viewer: Viewer, at: Clock = None) -> Select[str]:
    """Ids of the arrangements of which this viewer may hear the sound, on the song's page and wherever it is sung."""
    voiceless = Arrangement.kind.in_(WORDLESS)
    return (
        select(Arrangement.id)
        .join(Song, Song.id == Arrangement.song_id)
        .join(Recording, Recording.id == Arrangement.recording_id)
        .where(
            Song.id.in_(shown_songs(viewer, at)),
            or_(voiceless, and_(*_voice_may_be_heard(viewer, at))),
            ~_sings_what_is_held_elsewhere(),
        )
    )


def _voice_may_be_heard(viewer: Viewer, at: Clock) -> list[ColumnElement[bool]]:
    """Of an arrangement with its song and recording: nothing that it sings is silent.

    A recording may sing every version of the words that was there when it came, and whatever stands in the last of
    them. One that came when a version had been replaced does not sing what only that one had.
    """
    silent, after = _silent(viewer, at), aliased(LyricVersion)
    still, today = aliased(LyricLine), aliased(LyricVersion)
    later = after.song_id == silent.c.song_id, after.number > silent.c.number, after.made_at < Recording.created_at
    same = *_now(still, today, silent.c.song_id), silent.c.sung != "", _sung(still) == silent.c.sung
    passed = or_(_there([after], *later), _there([still, today], *same))
    return [
        Song.state != "held" if viewer.inside else Song.state == "published",
        ~_there([silent], silent.c.song_id == Song.id, or_(silent.c.current, ~passed)),
    ]


def _sings_what_is_held_elsewhere() -> ColumnElement[bool]:
    """Of an arrangement: the same recording stands with its voice in a song of which a line is held."""
    other = aliased(Arrangement)
    line, version = aliased(LyricLine), aliased(LyricVersion)
    return _there(
        [other, line, version],
        other.recording_id == Arrangement.recording_id,
        other.song_id != Arrangement.song_id,
        other.kind.not_in(WORDLESS),
        *_now(line, version, other.song_id),
        line.held.is_(True),
    )


def _there(own: Sequence[Any], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there are such rows of `own`; whatever else the conditions name is of a query around, however far."""
    return exists().where(*conditions).correlate_except(*own)


def _now(line: Line, version: Version, song_id: SQLColumnExpression[str]) -> list[ColumnElement[bool]]:
    """Of a line and its version: they are of this song's current words."""
    later = aliased(LyricVersion)
    return [
        version.song_id == song_id,
        line.version_id == version.id,
        ~_there([later], later.song_id == version.song_id, later.number > version.number),
    ]


def _may_be_sung(line: Line, viewer: Viewer, at: Clock) -> ColumnElement[bool]:
    """Of a line: it is not silent, and outside, does not say what another line of the same words may not."""
    silent = _silent(viewer, at)
    if viewer.inside:
        return ~_there([silent], silent.c.id == line.id)
    texts = ((line.km, silent.c.km), (line.romanised, silent.c.romanised), (line.en, silent.c.en))
    said_again = or_(*(_repeats(_bare(text), never) for text, never in texts))
    return ~_there([silent], silent.c.version_id == line.version_id, or_(silent.c.id == line.id, said_again))


@lru_cache(maxsize=KEPT)
def _silent(viewer: Viewer, at: Clock) -> CTE:
    """The lines, of whatever version, that are held or have a source that does not stand for this viewer.

    Stewards have all but the held. A table of its own in the statement, since SQLite reads nothing nested too deep.
    """
    later = aliased(LyricVersion)
    closed: ColumnElement[bool] = LyricLine.held.is_(True)
    if viewer.role != "steward":
        closed = or_(closed, LyricLine.id.in_(select(Source.line_id).where(closed_source(viewer, at))))
    current = ~_there([later], later.song_id == LyricVersion.song_id, later.number > LyricVersion.number)
    return (
        select(
            LyricLine.id,
            LyricLine.version_id,
            LyricVersion.song_id,
            LyricVersion.number,
            current.label("current"),
            _bare(LyricLine.km).label("km"),
            _bare(LyricLine.romanised).label("romanised"),
            _bare(LyricLine.en).label("en"),
            _sung(LyricLine).label("sung"),
        )
        .join(LyricVersion, LyricVersion.id == LyricLine.version_id)
        .where(closed)
        .cte()
    )


def _repeats(said: ColumnElement[str], never: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a text says what a silent line says, however the words are set apart."""
    inside = and_(func.length(never) >= LONG_ENOUGH, func.replace(said, never, "") != said)
    return and_(never != "", or_(said == never, inside))


def _bare(text: SQLColumnExpression[str]) -> ColumnElement[str]:
    return func.lower(func.replace(func.replace(text, " ", ""), "\u200b", ""))


def _sung(line: Line) -> ColumnElement[str]:
    """What is sung of a line: as `archive.songs.line_words.text_of`."""
    return func.coalesce(func.nullif(_bare(line.km), ""), func.nullif(_bare(line.romanised), ""), _bare(line.en))


def song_shown(session: Session, viewer: Viewer, song_id: str, at: datetime | None = None) -> bool:
    """Whether the song has a page for this viewer; False also where there is no such song."""
    return session.scalar(_shown_song(viewer), {_SONG.key: song_id, _AT.key: at or now()}) is not None


@lru_cache(maxsize=KEPT)
def _shown_song(viewer: Viewer) -> Select[str]:
    return shown_songs(viewer, _AT).where(Song.id == _SONG)


def song_at(session: Session, viewer: Viewer, slug: str, at: datetime | None = None) -> Song | None:
    """The song under this slug; None when there is none, or none for this viewer, after the same questions."""
    song_id = session.scalar(select(Song.id).where(Song.slug == slug))
    shown = song_shown(session, viewer, song_id or "", at)
    return session.get_one(Song, song_id) if shown else None


def lines_of(session: Session, viewer: Viewer, songs: Collection[str], at: datetime | None = None) -> frozenset[str]:
    """Ids of these songs' lines that this viewer may have now."""
    return frozenset(session.scalars(_lines_of(viewer), {_SONGS.key: list(songs), _AT.key: at or now()}))


@lru_cache(maxsize=KEPT)
def _lines_of(viewer: Viewer) -> Select[str]:
    line, version = aliased(LyricLine), aliased(LyricVersion)
    mine = version.song_id.in_(_SONGS), *_now(line, version, version.song_id)
    return select(line.id).where(*mine, _may_be_sung(line, viewer, _AT))


def played(session: Session, viewer: Viewer, songs: Collection[str], at: datetime | None = None) -> frozenset[str]:
    """Ids of these songs' arrangements that this viewer may hear now."""
    return frozenset(session.scalars(_played(viewer), {_SONGS.key: list(songs), _AT.key: at or now()}))


@lru_cache(maxsize=KEPT)
def _played(viewer: Viewer) -> Select[str]:
    return recordings_to_play(viewer, _AT).where(Song.id.in_(_SONGS))
