"""What the archive tells search engines and feed readers of: the addresses of what everybody may know, and the songs.

Asked as the public, whoever asks. What leaves here is kept by others, so it is an address, a title and a song's sound:
nothing that a narrator said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from archive.access import gate, song_access
from archive.access.gate import PUBLIC
from archive.catalogue import campaigns
from archive.models import Arrangement, Recording, Song, Testimony
from archive.models.arrangement import leading_first

ADDRESSES = 5_000
"""How many addresses one file of the sitemap holds; https://www.sitemaps.org/protocol.html allows ten times as many."""
FEED = 50
"""How many songs one page of the feed holds."""
KINDS = ("songs", "campaigns", "testimonies")


@dataclass(frozen=True, slots=True)
class SongEntry:
    """A song of the feed; `recording` is what leads it, None where there is none to be heard now."""

    song: Song
    recording: Recording | None
    out_since: datetime


def sitemap_pages(session: Session) -> list[tuple[str, int]]:
    """The files of the sitemap, as a kind and a page from 1."""
    found = []
    for kind in KINDS:
        many = _count(session, kind)
        found += [(kind, page) for page in range(1, -(-many // ADDRESSES) + 1)]
    return found


def sitemap_addresses(session: Session, kind: str, page: int) -> Sequence[str]:
    """Slugs or ids of one file of the sitemap; none beyond the last, or of a kind that there is not."""
    offset = (page - 1) * ADDRESSES
    if kind == "campaigns":
        return [one.address for one in campaigns.campaigns(session, PUBLIC)][offset : offset + ADDRESSES]
    query = _listed(kind)
    return session.scalars(query.offset(offset).limit(ADDRESSES)).all() if query is not None else ()


def _count(session: Session, kind: str) -> int:
    query = _listed(kind)
    if query is None:
        return len(campaigns.campaigns(session, PUBLIC))
    return session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def _listed(kind: str) -> Select[str] | None:
    if kind == "songs":
        return select(Song.slug).where(Song.id.in_(song_access.shown_songs(PUBLIC))).order_by(Song.slug)
    if kind == "testimonies":
        return select(Testimony.id).where(*gate.conditions(PUBLIC, "existence")).order_by(Testimony.id)
    return None


def songs_out(session: Session, page: int) -> tuple[list[SongEntry], bool]:
    """A page of the songs that have a page for everybody, the newest first, and whether there are older ones."""
    shown = select(Song).where(Song.id.in_(song_access.shown_songs(PUBLIC)))
    newest = shown.order_by(func.coalesce(Song.published_at, Song.created_at).desc(), Song.slug)
    songs = session.scalars(newest.offset((page - 1) * FEED).limit(FEED + 1)).all()
    heard = song_access.played(session, PUBLIC, [song.id for song in songs[:FEED]])
    rows = session.scalars(select(Arrangement).where(Arrangement.id.in_(heard)))
    arranged: dict[str, list[Arrangement]] = {}
    for row in rows:
        if row.recording.listening_key:
            arranged.setdefault(row.song_id, []).append(row)
    entries = [
        SongEntry(
            song,
            leading_first(arranged[song.id])[0].recording if song.id in arranged else None,
            song.published_at or song.created_at,
        )
        for song in songs[:FEED]
    ]
    return entries, len(songs) > FEED
