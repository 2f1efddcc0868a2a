"""What may be taken of a song, by whom and in which form.

Something that is taken cannot be called back, so more is asked than for looking: every line's sources must stand for
whoever takes it, inside the band too; sound and pictures are not given while a line is held, since the recording sings
it all the same; and what goes on the air must be open to everybody, and every narrator must have allowed broadcasting
by that name. What is carried to other people's computers in a pack must be open to everybody, and stay so until the
pack's last day. Whatever leaves is written in the release ledger.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive import time_zone
from archive.access import gate, song_access
from archive.access.consent_states import ConsentStates
from archive.consent import releases
from archive.models import Permission, Release, Song, Source, Testimony
from archive.songs import song_picture
from archive.songs.credits import Credit
from archive.songs.line_voices import Voices
from archive.songs.song_view import SongPage, SungLine, Track, page_of
from archive.timing import TimedLine, Word

KINDS = ("words", "sound", "video", "broadcast", "paper")
RELEASED_AS = {"broadcast": "broadcast", "carried": "carried"}
"""What the ledger calls a kind that leaves in another way than by a download."""
_EVERYBODY_INSIDE = gate.Viewer(role="steward")
"""As whom a draft is read, which nobody else may open; what may be taken of it is asked source by source."""
_NEEDS_WORDS, _NEEDS_SOUND = frozenset({"words", "video"}), frozenset({"sound", "video", "broadcast"})


@dataclass(frozen=True, slots=True)
class ExportSheet:
    """A song as it leaves: plain values, to be read after the session is closed.

    Attributes:
        lines: the lines that may be sung now, in order; `english` and `romanised` beside them, empty where there is
            none, and in `sections` the verse or chorus that each belongs to.
        told: for each line whether it came out of a testimony.
        tracks: the recordings, the leading one first, in whose time the lines are.
        testimonies: every testimony whose words are in it.
        line_ids: the ids of `lines`.
        held: a line of it is silent, a recording of it is, or the song itself is held; sound does not leave then.
        voice_silent: a recording of it is not played.
        told_by: how many people told what is in it.
        on_air_until: the first day on which a leave to broadcast it ends, as ISO 8601; empty where none ends.
    """

    song_id: str
    slug: str
    title_km: str
    title_en: str
    title_romanised: str
    note_km: str
    note_en: str
    year: int | None
    credits: tuple[Credit, ...]
    cover_key: str
    tracks: tuple[Track, ...]
    lines: tuple[TimedLine, ...]
    english: tuple[str, ...]
    romanised: tuple[str, ...]
    sections: tuple[str, ...]
    language: str
    rows: tuple[song_picture.StitchRow, ...]
    testimonies: tuple[str, ...]
    held: bool
    line_ids: tuple[str, ...] = ()
    voice_silent: bool = False
    told_by: int = 0
    on_air_until: str = ""

    @property
    def timed(self) -> bool:
        return any(line.placed for line in self.lines)

    @property
    def instrumental(self) -> Track | None:
        return next((track for track in self.tracks[1:] if track.kind == "instrumental"), None)

    @property
    def fingerprint(self) -> str:
        """The same for as long as everything that goes into an export is the same."""
        said = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def sheet(session: Session, viewer: gate.Viewer, slug: str) -> ExportSheet | None:
    """The song under this slug, if the viewer may open it; what of it may be taken is for `refused`."""
    song = song_access.song_at(session, viewer, slug)
    if song is None:
        return None
    return sheet_of(session, song)


def sheet_of(session: Session, song: Song) -> ExportSheet:
    """The song as it stands now; for what has asked the gate, or asks it before anything is handed out."""
    reader = gate.PUBLIC if song.state in song_access.OUT else _EVERYBODY_INSIDE
    page = page_of(session, reader, song, Voices(session, gate.PUBLIC))
    testimonies = sorted({source.testimony_id for source in _sources(session, [line.id for line in page.lines])})
    ends = select(func.min(Permission.end)).where(
        Permission.testimony_id.in_(testimonies), Permission.purpose == gate.ON_AIR, Permission.audience == "public"
    )
    narrators = select(func.count(Testimony.narrator_id.distinct())).where(Testimony.id.in_(testimonies))
    until = session.scalar(ends) if testimonies else None
    return ExportSheet(
        song_id=song.id,
        slug=song.slug,
        title_km=song.title_km,
        title_en=song.title_en,
        title_romanised=song.title_romanised,
        note_km=song.note_km,
        note_en=song.note_en,
        year=song.year,
        credits=page.credits,
        cover_key=song.cover_key,
        tracks=page.tracks,
        lines=tuple(_timed(line) for line in page.lines),
        english=tuple(line.en if line.words_language == "km" else "" for line in page.lines),
        romanised=tuple(line.romanised for line in page.lines),
        sections=tuple(line.section for line in page.lines),
        language=_language(page),
        rows=song_picture.stitch_rows(page.lines),
        testimonies=tuple(testimonies),
        held=song.state == "held" or page.silent or page.voice_silent,
        line_ids=tuple(line.id for line in page.lines),
        voice_silent=page.voice_silent,
        told_by=(session.scalar(narrators) or 0) if testimonies else 0,
        on_air_until=time_zone.day_of(until).isoformat() if until else "",
    )


def not_carried(session: Session, asked: ExportSheet, until: datetime) -> str:
    """Why the song may not be carried on other people's computers until that moment; empty when it may.

    Returns:
        `no-words` (there is nothing to sing), `held`, or `not-public`: it is not open to everybody, or will not be so
        until then.
    """
    if not asked.lines:
        return "no-words"
    if asked.held:
        return "held"
    open_to_all = all(gate.song_visible(session, gate.PUBLIC, asked.song_id, at) for at in (None, until))
    return "" if open_to_all else "not-public"


def refused(
    session: Session, viewer: gate.Viewer, asked: ExportSheet, kind: str, states: ConsentStates | None = None
) -> str:
    """Why the viewer may not take this kind of thing of a song that they may open; empty when they may.

    Args:
        states: where several kinds are asked after at once.

    Returns:
        `no-sound`, `no-words`, `untimed`, `held`, `consent` (a source does not stand for whoever takes it),
        `not-public` (it would go on the air, and is not open to everybody), `not-on-air` (a narrator has not allowed
        broadcasting) or `band` (only the band hands songs to stations).
    """
    if kind == "broadcast" and not viewer.inside:
        return "band"
    if kind in _NEEDS_SOUND and not asked.tracks:
        return "held" if asked.voice_silent else "no-sound"
    if kind == "paper" and not asked.lines:
        return "no-words"
    if kind in _NEEDS_WORDS and not asked.timed:
        return "held" if asked.voice_silent else "untimed"
    if kind in _NEEDS_SOUND and asked.held:
        return "held"
    if kind == "broadcast" and not gate.song_visible(session, gate.PUBLIC, asked.song_id):
        return "not-public"
    sources = _sources(session, asked.line_ids)
    states = states or ConsentStates(session)
    if not all(_stands(states, viewer, source, gate.SUNG_FOR) for source in sources):
        return "consent"
    if kind == "broadcast" and not all(_stands(states, gate.PUBLIC, one, gate.ON_AIR) for one in sources):
        return "not-on-air"
    return ""


def note(session: Session, viewer: gate.Viewer, taken: ExportSheet, form: str, kind: str) -> Release:
    """Write in the ledger that the song left in this form."""
    return releases.record(
        session,
        RELEASED_AS.get(kind, "download"),
        f"song:{taken.song_id}",
        taken.testimonies,
        audience="public" if kind in RELEASED_AS else viewer.role,
        account_id=viewer.account_id,
        note=form,
    )


def _sources(session: Session, lines: Sequence[str]) -> list[Source]:
    """What these lines came from."""
    return list(session.scalars(select(Source).where(Source.line_id.in_(lines)).order_by(Source.id)))


def _stands(states: ConsentStates, viewer: gate.Viewer, source: Source, purpose: str) -> bool:
    form = gate.FORM_OF_RELATION[source.relation]
    return source.state != "held" and bool(states.may(viewer, source.testimony_id, form, purpose))


def _timed(line: SungLine) -> TimedLine:
    text = "".join(word.text + " " * word.space for word in line.words)
    words = tuple(
        Word(word.text, word.start_ms, word.end_ms)
        for word in line.words
        if word.start_ms is not None and word.end_ms is not None
    )
    if line.start_ms is None:
        return TimedLine(text)
    return TimedLine(text, line.start_ms, line.end_ms, words)


def _language(page: SongPage) -> str:
    return "km" if any(line.words_language == "km" for line in page.lines) else "en"
