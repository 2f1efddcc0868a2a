"""The places of a set: songs, moments of testimonies and steps, put in, written, moved and taken out.

Each place names what is heard there and nothing of it. Whoever looks is asked for at the gate: a place whose song may
not be opened, or whose testimony may not be known of, is not there.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from archive.access import gate, song_access
from archive.access.gate import Unknown, Viewer
from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message
from archive.language.normalise import tidy
from archive.language.numerals import western
from archive.models import SetEntry, SetList, Song, now
from archive.timing import Span

LONGEST = 200
LONGEST_NOTES = 4_000
LONGEST_TEXT = 8_000
MOST_SONGS = 60
MOST_MINUTES = 600
SEMITONES = range(-6, 7)
TEMPOS = range(50, 151)
OFFERED = 12


class NotASet(ArchiveError, ValueError):
    """A set cannot be as it was written; says what to do."""


def set_at(session: Session, set_id: str) -> SetList:
    """Raises Unknown: there is no such set, or it was taken away."""
    found = session.get(SetList, set_id)
    if found is None or found.removed_at is not None:
        raise Unknown("There is no such thing here.")
    return found


def _open_to(viewer: Viewer) -> ColumnElement[bool]:
    """Of a place: this viewer may know of what is heard there."""
    return or_(
        SetEntry.song_id.in_(gate.visible_songs(viewer)),
        SetEntry.testimony_id.in_(gate.permitted(viewer, "existence")),
        and_(SetEntry.song_id.is_(None), SetEntry.testimony_id.is_(None)),
    )


def entries_of(session: Session, viewer: Viewer, set_id: str) -> list[SetEntry]:
    """The places of a set in their order, those that this viewer may know of."""
    there = (SetEntry.set_id == set_id, SetEntry.removed_at.is_(None), _open_to(viewer))
    return list(session.scalars(select(SetEntry).where(*there).order_by(SetEntry.position, SetEntry.id)))


def songs_of(session: Session, viewer: Viewer, set_id: str) -> list[SetEntry]:
    """The places of a set that have a song this viewer may open."""
    return [one for one in entries_of(session, viewer, set_id) if one.kind == "song"]


def offered(session: Session, viewer: Viewer, typed: str) -> list[Song]:
    """Songs with a title that holds what was typed; with nothing typed, the newest."""
    titles = [
        or_(*(column.icontains(word, autoescape=True) for column in (Song.title_km, Song.title_en)))
        for word in typed.split()
    ]
    query = select(Song).where(Song.id.in_(gate.visible_songs(viewer)), *titles)
    return list(session.scalars(query.order_by(Song.created_at.desc(), Song.slug).limit(OFFERED)))


def put_in(session: Session, viewer: Viewer, set_id: str, slug: str, span: Span | None = None) -> SetEntry:
    """A song after the others, or a stretch of it; the same may be sung twice. Raises Unknown, NotASet."""
    song = song_access.song_at(session, viewer, slug)
    if song is None:
        raise Unknown("There is no such thing here.")
    return _put(session, viewer, set_id, SetEntry(song_id=song.id), span)


def put_moment(session: Session, viewer: Viewer, set_id: str, testimony_id: str, span: Span | None) -> SetEntry:
    """A testimony after the others, or a stretch of it. Raises Unknown, NotASet."""
    gate.require(session, viewer, testimony_id, "existence")
    return _put(session, viewer, set_id, SetEntry(testimony_id=testimony_id), span)


def put_step(session: Session, viewer: Viewer, set_id: str, heading: str) -> SetEntry:
    """A step after the others, in which nothing is heard. Raises Unknown, NotASet."""
    given = row_of(heading)
    if not given:
        raise NotASet(Message("Write what the step is called."))
    return _put(session, viewer, set_id, SetEntry(heading=given), None)


def _put(session: Session, viewer: Viewer, set_id: str, made: SetEntry, span: Span | None) -> SetEntry:
    made.set_id = set_at(session, set_id).id
    if len(entries_of(session, viewer, set_id)) >= MOST_SONGS:
        told = Message("A set has at most {n} songs, moments and steps. Begin another one.")
        raise NotASet(FilledMessage(told, {"n": MOST_SONGS}))
    last = session.scalar(select(func.max(SetEntry.position)).where(SetEntry.set_id == set_id))
    made.position = (last or 0) + 1
    if span is not None:
        made.start_ms, made.end_ms = span.start_ms, span.end_ms
    session.add(made)
    session.flush()
    return made


def entry_at(session: Session, viewer: Viewer, set_id: str, entry_id: str, *, removed: bool = False) -> SetEntry:
    """One place of a set that this viewer may know of. Raises Unknown."""
    set_at(session, set_id)
    found = session.scalar(select(SetEntry).where(SetEntry.id == entry_id, _open_to(viewer)))
    if found is None or found.set_id != set_id or (found.removed_at is not None) is not removed:
        raise Unknown("There is no such thing here.")
    return found


def write_entry(entry: SetEntry, written: Mapping[str, str]) -> None:
    """Write what is said of a place; who sings it, how high and how fast are a song's alone. Raises NotASet."""
    minutes = written.get("minutes", "").strip()
    taken = whole_number(minutes) if minutes else None
    if minutes and (taken is None or not 0 < taken <= MOST_MINUTES):
        raise NotASet(Message("Write how many minutes it takes as a number, or leave it empty."))
    if entry.kind == "song":
        _write_sung(entry, written)
    if entry.kind == "step":
        entry.heading = row_of(written.get("heading", "")) or entry.heading
        entry.text = tidy(written.get("text", "")).strip()[:LONGEST_TEXT]
    entry.minutes = taken
    entry.questions = tidy(written.get("questions", "")).strip()[:LONGEST_NOTES]
    entry.notes = tidy(written.get("notes", "")).strip()[:LONGEST_NOTES]


def _write_sung(entry: SetEntry, written: Mapping[str, str]) -> None:
    semitones, tempo = whole_number(written.get("semitones", "0")), whole_number(written.get("tempo", "100"))
    if semitones is None or semitones not in SEMITONES:
        raise NotASet(Message("The key is moved by six half tones at most, up or down."))
    if tempo is None or tempo not in TEMPOS:
        raise NotASet(Message("The tempo is between 50 and 150 per cent."))
    entry.semitones, entry.tempo = semitones, tempo
    entry.singer = row_of(written.get("singer", ""))


def row_of(text: str) -> str:
    """A text of one row, as it is kept."""
    return " ".join(tidy(text).split())[:LONGEST]


def whole_number(text: str) -> int | None:
    """A number in digits of either script; None for what is none."""
    plain = western(text.strip()).replace("\u2212", "-").removeprefix("+")
    digits = plain.removeprefix("-")
    return int(plain) if digits.isascii() and digits.isdecimal() and len(digits) < 8 else None


def take_out(entry: SetEntry, *, back: bool = False) -> None:
    """Take a place out of its set, or put it back where it was."""
    entry.removed_at = None if back else now()


def move(session: Session, viewer: Viewer, entry: SetEntry, by: int) -> None:
    """One place up (-1) or down (1), past the one that this viewer sees there."""
    shown = entries_of(session, viewer, entry.set_id)
    at = next(index for index, one in enumerate(shown) if one.id == entry.id)
    if 0 <= at + by < len(shown):
        other = shown[at + by]
        entry.position, other.position = other.position, entry.position
