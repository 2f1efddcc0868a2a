"""Sets: the band puts songs in an order for a session, sings through them, and writes down what was sung.

A set names songs and nothing of theirs: which of them are shown, and whether their words and sound are there, the gate
says at every look. What was sung is what a member wrote down; nobody who listens is counted by the site.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Unknown, Viewer
from archive.errors import ArchiveError
from archive.language.messages import FilledMessage, Message
from archive.language.normalise import tidy
from archive.language.numerals import western
from archive.ledgers import audit
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import SetList, SetSong, Song, now

LONGEST = 200
LONGEST_NOTES = 4_000
MOST_SONGS = 60
MOST_PEOPLE = 1_000_000
SEMITONES = range(-6, 7)
TEMPOS = range(50, 151)
OFFERED = 12


class NotASet(ArchiveError, ValueError):
    """A set cannot be as it was written; says what to do."""


@dataclass(frozen=True, slots=True)
class SetRow:
    """A set in the list: how many songs it has that its reader may open, and how many of them were sung."""

    set: SetList
    songs: int
    sung: int


def listed(session: Session, viewer: Viewer, wanted: ListRequest) -> ListPage[SetRow]:
    """The sets, the latest day first and those without a day before all; found by title or place."""
    there = SetList.removed_at.is_(None)
    found = [
        or_(SetList.title.icontains(word, autoescape=True), SetList.place.icontains(word, autoescape=True))
        for word in wanted.words
    ]
    everything = session.scalar(select(func.count()).select_from(SetList).where(there)) or 0
    total = session.scalar(select(func.count()).select_from(SetList).where(there, *found)) or 0
    order = (SetList.held_on.is_not(None), SetList.held_on.desc(), SetList.created_at.desc(), SetList.id)
    sets = session.scalars(
        select(SetList).where(there, *found).order_by(*order).offset(wanted.offset).limit(PAGE)
    ).all()
    rows = session.execute(
        select(SetSong.set_id, func.count(), func.count().filter(SetSong.sung))
        .where(
            SetSong.set_id.in_([one.id for one in sets]),
            SetSong.removed_at.is_(None),
            SetSong.song_id.in_(gate.visible_songs(viewer)),
        )
        .group_by(SetSong.set_id)
    )
    counts = {set_id: (many, sung) for set_id, many, sung in rows}
    return ListPage(wanted, [SetRow(one, *counts.get(one.id, (0, 0))) for one in sets], total, everything)


def set_at(session: Session, set_id: str) -> SetList:
    """Raises Unknown: there is no such set, or it was taken away."""
    found = session.get(SetList, set_id)
    if found is None or found.removed_at is not None:
        raise Unknown("There is no such thing here.")
    return found


def begin(session: Session, written: Mapping[str, str], by_id: str) -> SetList:
    """A new set. Raises NotASet."""
    made = SetList()
    _write(made, written)
    session.add(made)
    session.flush()
    audit.note(session, by_id, "set.begun", f"set:{made.id}")
    return made


def write(session: Session, set_id: str, written: Mapping[str, str]) -> None:
    """Write anew what is said of a set. Raises NotASet, Unknown."""
    _write(set_at(session, set_id), written)


def _write(one: SetList, written: Mapping[str, str]) -> None:
    title = _line(written, "title")
    if not title:
        raise NotASet(Message("Write what the set is called."))
    try:
        held_on = date.fromisoformat(written["held_on"].strip()) if written.get("held_on", "").strip() else None
    except ValueError:
        raise NotASet(Message("Choose the day again; this is none.")) from None
    one.title, one.held_on, one.place = title, held_on, _line(written, "place")
    one.notes = tidy(written.get("notes", "")).strip()[:LONGEST_NOTES]


def _line(written: Mapping[str, str], name: str) -> str:
    return " ".join(tidy(written.get(name, "")).split())[:LONGEST]


def remove(session: Session, set_id: str, by_id: str, *, back: bool = False) -> SetList:
    """Take a set away, or put it back. Raises Unknown."""
    found = session.get(SetList, set_id)
    if found is None or (found.removed_at is not None) is not back:
        raise Unknown("There is no such thing here.")
    found.removed_at = None if back else now()
    audit.note(session, by_id, "set.put-back" if back else "set.removed", f"set:{set_id}")
    return found


def songs_of(session: Session, viewer: Viewer, set_id: str) -> list[SetSong]:
    """The songs of a set in their order, those that this viewer may open."""
    query = (
        select(SetSong)
        .where(SetSong.set_id == set_id, SetSong.removed_at.is_(None), SetSong.song_id.in_(gate.visible_songs(viewer)))
        .order_by(SetSong.position, SetSong.id)
    )
    return list(session.scalars(query))


def offered(session: Session, viewer: Viewer, typed: str) -> list[Song]:
    """Songs with a title that holds what was typed; with nothing typed, the newest."""
    titles = [
        or_(*(column.icontains(word, autoescape=True) for column in (Song.title_km, Song.title_en)))
        for word in typed.split()
    ]
    query = select(Song).where(Song.id.in_(gate.visible_songs(viewer)), *titles)
    return list(session.scalars(query.order_by(Song.created_at.desc(), Song.slug).limit(OFFERED)))


def put_in(session: Session, viewer: Viewer, set_id: str, slug: str) -> SetSong:
    """A song after the others; the same may be sung twice. Raises Unknown, NotASet."""
    one, song = set_at(session, set_id), gate.song_at(session, viewer, slug)
    if song is None:
        raise Unknown("There is no such thing here.")
    if len(songs_of(session, viewer, set_id)) >= MOST_SONGS:
        raise NotASet(FilledMessage(Message("A set has at most {n} songs. Begin another one."), {"n": MOST_SONGS}))
    last = session.scalar(select(func.max(SetSong.position)).where(SetSong.set_id == one.id))
    made = SetSong(set_id=one.id, song_id=song.id, position=(last or 0) + 1)
    session.add(made)
    session.flush()
    return made


def song_at(session: Session, viewer: Viewer, set_id: str, entry_id: str, *, removed: bool = False) -> SetSong:
    """One song of a set that this viewer may open. Raises Unknown."""
    set_at(session, set_id)
    found = session.get(SetSong, entry_id)
    if (
        found is None
        or found.set_id != set_id
        or (found.removed_at is not None) is not removed
        or not gate.song_visible(session, viewer, found.song_id)
    ):
        raise Unknown("There is no such thing here.")
    return found


def write_song(entry: SetSong, written: Mapping[str, str]) -> None:
    """Who sings it, how high and how fast, and what else is to be thought of. Raises NotASet."""
    semitones, tempo = _number(written.get("semitones", "0")), _number(written.get("tempo", "100"))
    if semitones is None or semitones not in SEMITONES:
        raise NotASet(Message("The key is moved by six half tones at most, up or down."))
    if tempo is None or tempo not in TEMPOS:
        raise NotASet(Message("The tempo is between 50 and 150 per cent."))
    entry.semitones, entry.tempo = semitones, tempo
    entry.singer = _line(written, "singer")
    entry.notes = tidy(written.get("notes", "")).strip()[:LONGEST_NOTES]


def _number(text: str) -> int | None:
    plain = western(text.strip()).replace("\u2212", "-").removeprefix("+")
    digits = plain.removeprefix("-")
    return int(plain) if digits.isascii() and digits.isdecimal() and len(digits) < 8 else None


def take_out(entry: SetSong, *, back: bool = False) -> None:
    """Take a song out of its set, or put it back where it was."""
    entry.removed_at = None if back else now()


def move(session: Session, viewer: Viewer, entry: SetSong, by: int) -> None:
    """One place up (-1) or down (1), past the song that this viewer sees there."""
    shown = songs_of(session, viewer, entry.set_id)
    at = next(index for index, one in enumerate(shown) if one.id == entry.id)
    if 0 <= at + by < len(shown):
        other = shown[at + by]
        entry.position, other.position = other.position, entry.position


def write_sung(session: Session, viewer: Viewer, set_id: str, sung: Collection[str], people: str, by_id: str) -> None:
    """Write down which songs of a set were sung, and how many people came, if somebody counted. Raises NotASet."""
    one = set_at(session, set_id)
    counted = _number(people) if people.strip() else None
    if people.strip() and (counted is None or not 0 <= counted <= MOST_PEOPLE):
        raise NotASet(Message("Write how many people came as a number, or leave it empty."))
    mine = [entry.id for entry in songs_of(session, viewer, set_id)]
    for entry_id in mine:
        session.execute(update(SetSong).where(SetSong.id == entry_id).values(sung=entry_id in sung))
    one.people = counted
    audit.note(session, by_id, "set.sung", f"set:{set_id}", {"songs": len(set(mine) & set(sung))})
