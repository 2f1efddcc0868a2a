"""Listening lists: songs and moments of testimonies in an order, with questions to talk about.

A list that is shown to everybody is a set of the band's (`archive.songs.set_lists`); one that somebody makes on a
device of her own is known to that device alone, which asks here for what it names. Either way each thing in it is asked
for at the gate when it is looked at: what may not be heard is not in the list, and nothing says that it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from archive.access import gate, song_access
from archive.access.consent_states import ConsentStates
from archive.access.gate import Unknown, Viewer
from archive.catalogue.cards import TestimonyCard, cards
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import SetEntry, SetList, Song
from archive.pages.song_queue import QueuedSong, with_sound
from archive.songs import set_entries
from archive.timing import Span

IN_ITS_OWN_VOICE = ("whole", "redacted")  # a reading by somebody else runs on another clock than the moments
MOST = 60
"""How many things of a list are asked for at once."""


@dataclass(frozen=True, slots=True)
class ListItem:
    """What stands in one place of a list, for one viewer; a step has neither song nor card.

    Attributes:
        queued: the song's sound; None where it has none yet.
        span: the stretch that is heard; None for the whole.
    """

    entry: SetEntry | None
    song: Song | None
    queued: QueuedSong | None
    card: TestimonyCard | None
    span: Span | None

    @property
    def audible(self) -> bool:
        return self.queued is not None or (self.card is not None and self.card.recording_id is not None)

    @property
    def length_ms(self) -> int | None:
        """How long it is heard; None where that is not known."""
        if self.span is not None:
            return self.span.duration_ms
        if self.queued is not None:
            return self.queued.lead.recording.duration_ms
        return self.card.duration_ms if self.card else None


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a device's own list names: a song's slug or a testimony's id, whole or a stretch of it."""

    slug: str = ""
    testimony_id: str = ""
    span: Span | None = None


def shown_lists(session: Session, viewer: Viewer, wanted: ListRequest) -> ListPage[SetList]:
    """The lists that are shown to everybody and have something for this viewer, the newest first."""
    there = (SetList.removed_at.is_(None), SetList.shown_at.is_not(None), _has_something(viewer))
    found = [
        or_(SetList.title.icontains(word, autoescape=True), SetList.title_en.icontains(word, autoescape=True))
        for word in wanted.words
    ]
    everything = session.scalar(select(func.count()).select_from(SetList).where(*there)) or 0
    total = session.scalar(select(func.count()).select_from(SetList).where(*there, *found)) or 0
    query = select(SetList).where(*there, *found).order_by(SetList.shown_at.desc(), SetList.id)
    return ListPage(wanted, list(session.scalars(query.offset(wanted.offset).limit(PAGE))), total, everything)


def _has_something(viewer: Viewer) -> ColumnElement[bool]:
    heard = SetEntry.testimony_id.in_(gate.permitted(viewer, "original_sound"))
    sung = SetEntry.song_id.in_(gate.visible_songs(viewer))
    return exists().where(SetEntry.set_id == SetList.id, SetEntry.removed_at.is_(None), or_(heard, sung))


def listening_list(session: Session, viewer: Viewer, set_id: str) -> tuple[SetList, list[ListItem]]:
    """A list that is shown to everybody, or the band's own look at one that is not yet.

    Raises:
        Unknown: there is none, or nothing of it may be heard by this viewer.
    """
    found = set_entries.set_at(session, set_id)
    if found.shown_at is None and not viewer.inside:
        raise Unknown("There is no such thing here.")
    items = list_items(session, viewer, set_entries.entries_of(session, viewer, set_id))
    if not any(one.song or one.card for one in items):
        raise Unknown("There is no such thing here.")
    return found, items


def list_items(session: Session, viewer: Viewer, entries: Sequence[SetEntry]) -> list[ListItem]:
    """The places of a set as this viewer may have them: steps, songs, and moments that may be heard."""
    queued = _queued(session, viewer, [one.song for one in entries if one.kind == "song"])
    told = _audible(session, viewer, [one.testimony_id for one in entries if one.testimony_id])
    found = []
    for one in entries:
        if one.kind == "song":
            found.append(ListItem(one, one.song, queued.get(one.song.id), None, one.span))
        elif one.kind == "step":
            found.append(ListItem(one, None, None, None, None))
        elif (card := told.get(one.testimony_id or "")) is not None:
            found.append(ListItem(one, None, None, card, one.span))
    return found


def asked_items(session: Session, viewer: Viewer, asked: Sequence[Asked]) -> list[ListItem | None]:
    """What a device's own list names, in its order; None for what this viewer may not hear, or is not there."""
    songs = {one.slug: song_access.song_at(session, viewer, one.slug) for one in asked if one.slug}
    queued = _queued(session, viewer, [one for one in songs.values() if one is not None])
    told = _audible(session, viewer, [one.testimony_id for one in asked if one.testimony_id])
    found: list[ListItem | None] = []
    for one in asked:
        song, card = songs.get(one.slug), told.get(one.testimony_id)
        sound = queued.get(song.id) if song else None
        found.append(ListItem(None, song, sound, card, one.span) if sound or card else None)
    return found


def _queued(session: Session, viewer: Viewer, songs: Sequence[Song]) -> dict[str, QueuedSong]:
    return {one.song.id: one for one in with_sound(session, viewer, songs)}


def _audible(session: Session, viewer: Viewer, ids: Sequence[str]) -> dict[str, TestimonyCard]:
    """The cards of those testimonies that this viewer may hear in the narrator's own voice."""
    found, states = cards(session, viewer, list(dict.fromkeys(ids))), ConsentStates(session)
    return {
        one: card
        for one, card in found.items()
        if card.recording_id and states.sound_for(viewer, one) in IN_ITS_OWN_VOICE
    }
