"""What the public finds first: the songs, the campaigns they are sung for, and which sound may be played."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from archive.access import gate, song_access
from archive.lists import PAGE, ListPage, ListRequest
from archive.models import Campaign, Song
from archive.songs import song_view
from archive.songs.line_voices import LineVoice, Voices
from archive.songs.song_view import SongPage, SungLine

CAMPAIGNS = 12
NAMED = 6
"""How many campaigns are shown, and how many songs of each are named; its own page has them all."""


@dataclass(frozen=True, slots=True)
class CampaignSongs:
    """A campaign and the newest of its songs; `more` is how many others it has."""

    campaign: Campaign
    songs: tuple[Song, ...]
    more: int


@dataclass(frozen=True, slots=True)
class FrontPage:
    """The listening page; `opening` is the line and the voice that show what the archive is."""

    songs: ListPage[SongPage]
    campaigns: tuple[CampaignSongs, ...]
    opening: tuple[SongPage, SungLine, LineVoice] | None


def front_page(session: Session, viewer: gate.Viewer, wanted: ListRequest) -> FrontPage:
    """A page of the published songs the viewer may hear, newest first; the first has the campaigns too."""
    visible = newest_first(viewer)
    total = session.scalar(select(func.count()).select_from(visible.order_by(None).subquery())) or 0
    voices = Voices(session, viewer)
    found = session.scalars(visible.offset(wanted.offset).limit(PAGE)).all()
    pages = tuple(song_view.pages_of(session, viewer, found, voices))
    first = wanted.page == 1
    campaigns = _campaigns(session, viewer) if first else ()
    return FrontPage(ListPage(wanted, pages, total, total), campaigns, _opening(pages) if first else None)


def newest_first(viewer: gate.Viewer) -> Select[Song]:
    """The published songs this viewer may hear, in the order of the listening page."""
    visible: ColumnElement[bool] = Song.id.in_(song_access.shown_songs(viewer))
    if viewer.inside:  # what is out for all, and what is out and whole for the band alone
        visible = and_(visible, or_(Song.state == "published", Song.id.in_(song_access.shown_songs(gate.PUBLIC))))
    return select(Song).where(visible).order_by(Song.year.desc().nulls_last(), Song.created_at.desc(), Song.slug)


def _campaigns(session: Session, viewer: gate.Viewer) -> tuple[CampaignSongs, ...]:
    visible = newest_first(viewer).order_by(None)
    ids = visible.with_only_columns(Song.campaign_id).where(Song.campaign_id.is_not(None))
    shown = select(Campaign).where(Campaign.id.in_(ids)).order_by(Campaign.starts_on.desc().nulls_last(), Campaign.id)
    campaigns = list(session.scalars(shown.limit(CAMPAIGNS)))
    mine = visible.where(Song.campaign_id.in_([one.id for one in campaigns])).subquery()
    place = func.row_number().over(partition_by=mine.c.campaign_id, order_by=(mine.c.year.desc(), mine.c.slug))
    count = func.count().over(partition_by=mine.c.campaign_id)
    placed = select(mine.c.id, place.label("place"), count.label("count")).subquery()
    rows = session.execute(
        select(Song, placed.c.count)
        .join(placed, placed.c.id == Song.id)
        .where(placed.c.place <= NAMED)
        .order_by(placed.c.place)
    )
    gathered: dict[str, list[Song]] = {}
    counts: dict[str, int] = {}
    for song, many in rows:
        gathered.setdefault(song.campaign_id, []).append(song)
        counts[song.campaign_id] = many
    return tuple(
        CampaignSongs(one, tuple(gathered[one.id]), counts[one.id] - len(gathered[one.id])) for one in campaigns
    )


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
