"""What a song's page shows: its words with their times, the recordings it can be sung to, and the voices behind it.

A line that is held is not here: it is not shown or sung until somebody has decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from archive.access import gate
from archive.language.messages import Message
from archive.models import Arrangement, Campaign, LineTiming, LyricLine, LyricVersion, Song
from archive.models.arrangement import leading_first
from archive.models.lyric import IS_CURRENT
from archive.songs import sung_words
from archive.songs.credits import Credit, credits_of
from archive.songs.line_voices import LineVoice, Voices
from archive.songs.song_details import LICENCE_PAGES, LICENCES
from archive.songs.sung_words import SungWord


@dataclass(frozen=True, slots=True)
class Track:
    """One recording to play; `offset_ms` is added to its clock to stand on the lead track's."""

    recording_id: str
    kind: str
    offset_ms: int
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class SungLine:
    """One line; the language of `words` is `words_language`, and `start_ms` is None for a line without a time."""

    id: str
    section: str
    words: tuple[SungWord, ...]
    words_language: str
    romanised: str
    en: str
    start_ms: int | None
    end_ms: int | None
    relation: str
    voices: tuple[LineVoice, ...]


@dataclass(frozen=True, slots=True)
class SongPage:
    """A song as one viewer may have it; `song` and `campaign` are the models, for their titles and notes."""

    song: Song
    campaign: Campaign | None
    tracks: tuple[Track, ...]
    lines: tuple[SungLine, ...]
    credits: tuple[Credit, ...]

    @property
    def duration_ms(self) -> int | None:
        return self.tracks[0].duration_ms if self.tracks else None

    @property
    def licence(self) -> Message | None:
        """What others may do with it, or how it is to be asked for; None while nothing is said."""
        said = self.song.licence or ("ask" if self.song.use_km or self.song.use_en else "")
        return LICENCES.get(said) if said else None

    @property
    def licence_page(self) -> str:
        return LICENCE_PAGES.get(self.song.licence, "")

    @property
    def told_count(self) -> int:
        """How many lines came out of a testimony that this viewer may know of."""
        return sum(bool(line.voices) for line in self.lines)

    @property
    def timed(self) -> bool:
        return any(line.start_ms is not None for line in self.lines)

    @property
    def instrumental(self) -> Track | None:
        """The track without voices, when it is not what leads."""
        return next((track for track in self.tracks[1:] if track.kind == "instrumental"), None)


def song_page(session: Session, viewer: gate.Viewer, slug: str) -> SongPage | None:
    """The song under this slug as the viewer may have it; None when there is none, or none for this viewer."""
    song = gate.song_at(session, viewer, slug)
    return page_of(session, viewer, song) if song else None


def may_open(session: Session, viewer: gate.Viewer, slug: str) -> bool:
    """Whether there is a song under this slug that the viewer may open."""
    return gate.song_at(session, viewer, slug) is not None


def page_of(session: Session, viewer: gate.Viewer, song: Song, voices: Voices | None = None) -> SongPage:
    """The page of a song that the gate has already let through."""
    arrangements = _playable(session, song.id)
    timings = _timings(session, arrangements)
    voices = voices or Voices(session, viewer)
    lines = tuple(_line(line, timings.get(line.id), voices) for line in current_lines(session, song.id))
    lead = arrangements[0].offset_ms if arrangements else 0
    tracks = tuple(Track(a.recording_id, a.kind, a.offset_ms - lead, a.recording.duration_ms) for a in arrangements)
    campaign = session.get(Campaign, song.campaign_id) if song.campaign_id else None
    return SongPage(song, campaign, tracks, lines, credits_of(session, song))


def current_lines(session: Session, song_id: str) -> Sequence[LyricLine]:
    """The lines of the newest version of the lyric that are not held, in order."""
    lines = (
        select(LyricLine)
        .join(LyricVersion)
        .where(LyricVersion.song_id == song_id, IS_CURRENT, LyricLine.held.is_(False))
        .order_by(LyricLine.position)
        .options(selectinload(LyricLine.sources))
    )
    return session.scalars(lines).all()


def _playable(session: Session, song_id: str) -> list[Arrangement]:
    found = session.scalars(select(Arrangement).where(Arrangement.song_id == song_id))
    return leading_first(one for one in found if one.recording.listening_key)


def _timings(session: Session, arrangements: Sequence[Arrangement]) -> dict[str, LineTiming]:
    if not arrangements:
        return {}
    rows = session.scalars(select(LineTiming).where(LineTiming.arrangement_id == arrangements[0].id))
    return {row.line_id: row for row in rows}


def _line(line: LyricLine, timing: LineTiming | None, voices: Voices) -> SungLine:
    text, spoken = (line.km, "km") if line.km else (line.romanised or line.en, "en")
    start, end = (timing.start_ms, timing.end_ms) if timing else (None, None)
    words = sung_words.with_times(
        sung_words.cut(line.words if line.km else (), text), timing.words if timing else (), start, end
    )
    return SungLine(
        id=line.id,
        section=line.section,
        words=words,
        words_language=spoken,
        romanised=line.romanised if line.km else "",
        en=line.en,
        start_ms=start,
        end_ms=end,
        relation=line.relation,
        voices=voices.of(line),
    )
