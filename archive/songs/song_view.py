"""What a song's page shows: its words with their times, the recordings it can be sung to, and the voices behind it.

A line that may not be sung now is not here, nor a recording that sings it: `archive.access.song_access` says which.
Where a line is missing the lines beside it know that one is silent, and no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from archive.access import gate, song_access
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
    """One line; the language of `words` is `words_language`, and `start_ms` is None for a line without a time.

    Attributes:
        silent_before, silent_after: a line that stood there is silent, one or several.
    """

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
    silent_before: bool = False
    silent_after: bool = False


@dataclass(frozen=True, slots=True)
class SongPage:
    """A song as one viewer may have it; `song` and `campaign` are the models, for their titles and notes.

    Attributes:
        tracks: the recordings that may be played, the leading one first; the lines stand in its time.
        silent: a line of it may not be sung now.
        voice_silent: there is a recording that is not played, since it sings what may not be sung.
    """

    song: Song
    campaign: Campaign | None
    tracks: tuple[Track, ...]
    lines: tuple[SungLine, ...]
    credits: tuple[Credit, ...]
    silent: bool = False
    voice_silent: bool = False

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
    song = song_access.song_at(session, viewer, slug)
    return page_of(session, viewer, song) if song else None


def may_open(session: Session, viewer: gate.Viewer, slug: str) -> bool:
    """Whether there is a song under this slug that the viewer may open."""
    return song_access.song_at(session, viewer, slug) is not None


def page_of(session: Session, viewer: gate.Viewer, song: Song, voices: Voices | None = None) -> SongPage:
    """The page of a song that the gate has already let through.

    Args:
        voices: the voices behind the lines, where several pages are made or others than the viewer's are wanted.
    """
    return pages_of(session, viewer, [song], voices)[0]


def seen_outside(session: Session, song: Song) -> SongPage | None:
    """For the band: the page that everybody else has of a song that is out; None while it is not."""
    return page_of(session, gate.PUBLIC, song) if song.state in song_access.OUT else None


def pages_of(
    session: Session, viewer: gate.Viewer, songs: Sequence[Song], voices: Voices | None = None
) -> list[SongPage]:
    """As `page_of`, of several songs."""
    ids = [song.id for song in songs]
    sung_now, played_now = song_access.lines_of(session, viewer, ids), song_access.played(session, viewer, ids)
    voices = voices or Voices(session, viewer)
    return [_page(session, song, sung_now, played_now, voices) for song in songs]


def _page(
    session: Session, song: Song, sung_now: Collection[str], played_now: Collection[str], voices: Voices
) -> SongPage:
    every = _with_sound(session, song.id)
    played = [one for one in every if one.id in played_now]
    timings = _timings(session, every) if played else {}
    first = played[0].offset_ms if played else 0
    away = first - every[0].offset_ms if every else 0
    words = current_lines(session, song.id)
    lines = [_line(one, timings.get(one.id), voices, away) for one in words if one.id in sung_now]
    campaign = session.get(Campaign, song.campaign_id) if song.campaign_id else None
    return SongPage(
        song,
        campaign,
        tuple(Track(one.recording_id, one.kind, one.offset_ms - first, one.recording.duration_ms) for one in played),
        tuple(_beside_silence(words, lines)),
        credits_of(session, song, frozenset(line.id for line in lines), voices.states),
        silent=len(lines) < len(words),
        voice_silent=len(played) < len(every),
    )


def current_lines(session: Session, song_id: str) -> Sequence[LyricLine]:
    """The lines of the newest version of the lyric, in order, the silent ones too."""
    lines = (
        select(LyricLine)
        .join(LyricVersion)
        .where(LyricVersion.song_id == song_id, IS_CURRENT)
        .order_by(LyricLine.position)
        .options(selectinload(LyricLine.sources))
    )
    return session.scalars(lines).all()


def _beside_silence(words: Sequence[LyricLine], lines: Sequence[SungLine]) -> Iterator[SungLine]:
    """The lines, each with whether a silent one stands before or after it: after it in its own verse, else before."""
    places = {line.id: place for place, line in enumerate(words)}
    for index, line in enumerate(lines):
        here = places[line.id]
        behind = words[here + 1 : places[lines[index + 1].id] if index + 1 < len(lines) else len(words)]
        before = words[places[lines[index - 1].id] + 1 if index else 0 : here]
        own = bool(before) and (index == 0 or before[0].section != lines[index - 1].section)
        after = bool(behind) and (behind[0].section == line.section or index + 1 == len(lines))
        yield replace(line, silent_before=own, silent_after=after)


def _with_sound(session: Session, song_id: str) -> list[Arrangement]:
    found = session.scalars(select(Arrangement).where(Arrangement.song_id == song_id))
    return leading_first(one for one in found if one.recording.listening_key)


def _timings(session: Session, arrangements: Sequence[Arrangement]) -> dict[str, LineTiming]:
    if not arrangements:
        return {}
    rows = session.scalars(select(LineTiming).where(LineTiming.arrangement_id == arrangements[0].id))
    return {row.line_id: row for row in rows}


def _line(line: LyricLine, timing: LineTiming | None, voices: Voices, away_ms: int) -> SungLine:
    """The line, in the time of a recording whose beginning is `away_ms` from that of the one that was timed."""
    text, spoken = (line.km, "km") if line.km else (line.romanised or line.en, "en")
    start, end = (timing.start_ms, timing.end_ms) if timing else (None, None)
    words = sung_words.with_times(
        sung_words.cut(line.words if line.km else (), text), timing.words if timing else (), start, end
    )
    return SungLine(
        id=line.id,
        section=line.section,
        words=tuple(_moved(word, away_ms) for word in words),
        words_language=spoken,
        romanised=line.romanised if line.km else "",
        en=line.en,
        start_ms=_earlier(start, away_ms),
        end_ms=_earlier(end, away_ms),
        relation=line.relation,
        voices=voices.of(line),
    )


def _moved(word: SungWord, away_ms: int) -> SungWord:
    if not away_ms:
        return word
    return replace(word, start_ms=_earlier(word.start_ms, away_ms), end_ms=_earlier(word.end_ms, away_ms))


def _earlier(moment: int | None, away_ms: int) -> int | None:
    return None if moment is None else max(0, moment - away_ms)
