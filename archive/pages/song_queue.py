"""The songs that are played one after another: each with its sound, in the order of the list they are played from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate, song_access
from archive.catalogue import campaigns
from archive.models import Arrangement, Song
from archive.models.arrangement import leading_first
from archive.pages.front_page import newest_first

PAGE = 50
"""How many songs are told at once; a player asks for more before it has played them."""


@dataclass(frozen=True, slots=True)
class QueuedSong:
    """A song with the recordings it is played from; `offset_ms` puts the instrumental on the lead's clock."""

    song: Song
    lead: Arrangement
    instrumental: Arrangement | None
    offset_ms: int


def queue_page(
    session: Session, viewer: gate.Viewer, page: int, campaign: str | None = None
) -> tuple[list[QueuedSong], bool]:
    """A page of the published songs this viewer may hear, all of them or one campaign's, and whether there are more.

    Raises:
        Unknown: there is no such campaign, or none for this viewer.
    """
    query = newest_first(viewer)
    if campaign is not None:
        query = query.where(Song.campaign_id == campaigns.campaign_at(session, viewer, campaign).id)
    songs = session.scalars(query.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    return with_sound(session, viewer, songs[:PAGE]), len(songs) > PAGE


def with_sound(session: Session, viewer: gate.Viewer, songs: Sequence[Song]) -> list[QueuedSong]:
    """Those of the songs that have a recording that this viewer may hear now."""
    heard = song_access.played(session, viewer, [song.id for song in songs])
    rows = session.scalars(select(Arrangement).where(Arrangement.id.in_(heard)))
    arranged: dict[str, list[Arrangement]] = {}
    for row in rows:
        if row.recording.listening_key:
            arranged.setdefault(row.song_id, []).append(row)
    return [_queued(song, leading_first(arranged[song.id])) for song in songs if song.id in arranged]


def _queued(song: Song, arrangements: list[Arrangement]) -> QueuedSong:
    lead, *others = arrangements
    music = next((one for one in others if one.kind == "instrumental"), None)
    return QueuedSong(song, lead, music, music.offset_ms - lead.offset_ms if music else 0)
