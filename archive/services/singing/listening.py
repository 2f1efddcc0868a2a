"""What the public finds first: the songs, the campaigns they are sung for, and which sound may be played."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.models import Arrangement, Campaign, OfferedRecording, Recording, Song, Testimony
from archive.services import access, sound
from archive.services.singing import songs
from archive.services.singing.songs import SongPage, SungLine
from archive.services.singing.voices import Voice, Voices


@dataclass(frozen=True, slots=True)
class CampaignSongs:
    campaign: Campaign
    songs: tuple[SongPage, ...]


@dataclass(frozen=True, slots=True)
class FrontPage:
    """The listening page; `opening` is the line and the voice that show what the archive is."""

    songs: tuple[SongPage, ...]
    campaigns: tuple[CampaignSongs, ...]
    opening: tuple[SongPage, SungLine, Voice] | None


def front_page(session: Session, viewer: access.Viewer) -> FrontPage:
    """Every published song the viewer may hear, newest first, and the campaigns that have one."""
    visible = (
        select(Song)
        .where(Song.state == "published", Song.id.in_(access.visible_songs(viewer)))
        .order_by(Song.year.desc(), Song.created_at.desc(), Song.slug)
    )
    voices = Voices(session, viewer)
    pages = tuple(songs.page_of(session, viewer, song, voices) for song in session.scalars(visible))
    gathered: dict[str, list[SongPage]] = {}
    for page in pages:
        if page.campaign:
            gathered.setdefault(page.campaign.id, []).append(page)
    campaigns = tuple(CampaignSongs(held[0].campaign, tuple(held)) for held in gathered.values() if held[0].campaign)
    return FrontPage(pages, campaigns, _opening(pages))


def _opening(pages: tuple[SongPage, ...]) -> tuple[SongPage, SungLine, Voice] | None:
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


@dataclass(frozen=True, slots=True)
class Playable:
    """Bytes to be played: a key of the blob store, the name a saved file gets, and whether the public may hear it."""

    key: str
    name: str
    public: bool


def playable(session: Session, viewer: access.Viewer, recording_id: str) -> Playable | None:
    """The listening file of a recording in the form this viewer may hear; never the original.

    A song's recording may be heard by whoever may open a song it belongs to, and by the band while it is only offered;
    of a testimony's the gate says which form.
    """
    song = _song_of(session, viewer, recording_id)
    if song is not None:
        public = access.song_visible(session, access.PUBLIC, song.id)
        key = sound.song_keys(session.get_one(Recording, recording_id)).listening
        return Playable(key, f"song-{song.slug}", public)
    offered = select(OfferedRecording.recording_id).where(OfferedRecording.recording_id == recording_id)
    if viewer.inside and session.scalar(offered) is not None:
        key = sound.song_keys(session.get_one(Recording, recording_id)).listening
        return Playable(key, f"offered-{recording_id}", public=False)
    testimony_id = session.scalar(select(Testimony.id).where(Testimony.recording_id == recording_id))
    keys = sound.keys_for(session, viewer, testimony_id or "")
    return Playable(keys.listening, f"testimony-{testimony_id}", public=False) if keys else None


def _song_of(session: Session, viewer: access.Viewer, recording_id: str) -> Song | None:
    belongs = select(Arrangement.song_id).where(Arrangement.recording_id == recording_id)
    visible = select(Song).where(Song.id.in_(belongs), Song.id.in_(access.visible_songs(viewer))).order_by(Song.id)
    return session.scalars(visible).first()
