"""What a campaign's page shows: its words, and the songs and testimonies of it that the viewer may know of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from archive.access import gate, song_access
from archive.access.gate import Viewer
from archive.accounts import accounts
from archive.catalogue import details
from archive.catalogue.campaigns import campaign_at
from archive.catalogue.cards import TestimonyCard, cards
from archive.models import Campaign, DetailChange, Song, Testimony

PAGE = 24
OFFERED = 12


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """A campaign with one page of its testimonies; `more` says that there are others."""

    campaign: Campaign
    songs: tuple[Song, ...]
    told: tuple[TestimonyCard, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class DetailRow:
    """A change of a song or a campaign with who made it, and whether it can be undone now."""

    change: DetailChange
    by: str
    may_undo: bool

    def fields(self, names: Mapping[str, object]) -> list[str]:
        """What was changed, in words; a text in two languages once."""
        return list(dict.fromkeys(str(names[one]) for one in self.change.after if one in names))


def campaign_page(session: Session, viewer: Viewer, address: str, page: int = 1) -> CampaignPage:
    """Raises Unknown: there is none, or none for this viewer."""
    campaign = campaign_at(session, viewer, address)
    mine = Song.campaign_id == campaign.id, Song.id.in_(song_access.shown_songs(viewer))
    songs = session.scalars(select(Song).where(*mine).order_by(Song.year.desc().nulls_last(), Song.slug))
    hers = Testimony.campaign_id == campaign.id, Testimony.id.in_(gate.permitted(viewer, "existence"))
    some = select(Testimony.id).where(*hers).order_by(Testimony.recorded_on.desc().nulls_last(), Testimony.id)
    ids = list(session.scalars(some.offset((page - 1) * PAGE).limit(PAGE + 1)))
    shown = cards(session, viewer, ids[:PAGE])
    told = tuple(shown[one] for one in ids[:PAGE] if one in shown)
    return CampaignPage(campaign, tuple(songs), told, len(ids) > PAGE)


def offered(
    session: Session, viewer: Viewer, campaign: Campaign, typed: str
) -> tuple[Sequence[Song], list[TestimonyCard]]:
    """Songs and testimonies with a title that holds what was typed, and that are not of this campaign."""
    if not typed:
        return (), []
    songs = session.scalars(
        select(Song)
        .where(
            Song.id.in_(gate.visible_songs(viewer)),
            or_(Song.campaign_id.is_(None), Song.campaign_id != campaign.id),
            or_(*(column.icontains(typed, autoescape=True) for column in (Song.title_km, Song.title_en))),
        )
        .order_by(Song.slug)
        .limit(OFFERED)
    ).all()
    ids = session.scalars(
        select(Testimony.id)
        .where(
            Testimony.id.in_(gate.permitted(viewer, "existence")),
            or_(Testimony.campaign_id.is_(None), Testimony.campaign_id != campaign.id),
            or_(*(column.icontains(typed, autoescape=True) for column in (Testimony.title_km, Testimony.title_en))),
        )
        .order_by(Testimony.id)
        .limit(OFFERED)
    ).all()
    return songs, list(cards(session, viewer, ids).values())


def detail_rows(session: Session, row: Song | Campaign) -> tuple[DetailRow, ...]:
    """The newest changes of a song or a campaign, for whoever may change it."""
    changes = details.changes_of(session, row)
    people = accounts.people(session, (one.by_id for one in changes))
    return tuple(
        DetailRow(one, people.get(one.by_id, "") if one.by_id else "", details.still_stands(row, one))
        for one in changes
    )
