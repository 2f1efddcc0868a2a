"""What the public finds first: the songs, the campaigns they are sung for, and which sound may be played."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.models import Campaign, Song
from archive.songs import song_view
from archive.songs.line_voices import LineVoice, Voices
from archive.songs.song_view import SongPage, SungLine


@dataclass(frozen=True, slots=True)
class CampaignSongs:
    campaign: Campaign
    songs: tuple[SongPage, ...]


@dataclass(frozen=True, slots=True)
class FrontPage:
    """The listening page; `opening` is the line and the voice that show what the archive is."""

    songs: tuple[SongPage, ...]
    campaigns: tuple[CampaignSongs, ...]
    opening: tuple[SongPage, SungLine, LineVoice] | None


def front_page(session: Session, viewer: gate.Viewer) -> FrontPage:
    """Every published song the viewer may hear, newest first, and the campaigns that have one."""
    visible = (
        select(Song)
        .where(Song.state == "published", Song.id.in_(gate.visible_songs(viewer)))
        .order_by(Song.year.desc(), Song.created_at.desc(), Song.slug)
    )
    voices = Voices(session, viewer)
    pages = tuple(song_view.page_of(session, viewer, song, voices) for song in session.scalars(visible))
    gathered: dict[str, list[SongPage]] = {}
    for page in pages:
        if page.campaign:
            gathered.setdefault(page.campaign.id, []).append(page)
    campaigns = tuple(CampaignSongs(held[0].campaign, tuple(held)) for held in gathered.values() if held[0].campaign)
    return FrontPage(pages, campaigns, _opening(pages))


def _opening(pages: tuple[SongPage, ...]) -> tuple[SongPage, SungLine, LineVoice] | None:
    """The first line whose words were said as they are sung, or nearly so, and may be quoted here."""
    found = [
        (voice.relation != "verbatim", page, line, voice)
        for page in pages
        for line in page.lines
        for voice in line.voices
        if voice.quote and voice.relation != "inspired" and len(voice.quote) <= 160
    ]
    if not found:
        return None
    _, page, line, voice = min(found, key=lambda item: item[0])
    return page, line, voice
