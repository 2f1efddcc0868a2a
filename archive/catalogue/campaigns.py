"""Campaigns: what songs and testimonies are gathered for, written by the band, and read by whoever may."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from archive.access import gate, song_access
from archive.access.gate import Unknown, Viewer
from archive.catalogue import details
from archive.language.dictionary_order import sort_key
from archive.language.normalise import tidy
from archive.language.romanise import romanise
from archive.ledgers import audit
from archive.models import Campaign, DetailChange, Song, Testimony

NAMES = ("name_km", "name_en")
TEXTS = ("description_km", "description_en", "ask_km", "ask_en")
DAYS = ("starts_on", "ends_on")
LONGEST_NAME = 200
LONGEST_TEXT = 20_000


class NotACampaign(ValueError):
    """A campaign cannot be as it was written; `why` is `name` there is none, `day` is none, or `days` in no order."""

    def __init__(self, why: str) -> None:
        super().__init__(f"This is no campaign: {why}.")
        self.why = why


def campaign_named(session: Session, name: str) -> str | None:
    """The id of the campaign of this name, which is made where there is none; None for no name."""
    if not name:
        return None
    query = select(Campaign).where((Campaign.name_en == name) | (Campaign.name_km == name))
    campaign = session.scalars(query).first()
    if campaign is None:
        khmer = any("\u1780" <= character <= "\u17ff" for character in name)
        campaign = Campaign(name_km=name if khmer else "", name_en="" if khmer else name)
        session.add(campaign)
        session.flush()
    return campaign.id


def campaigns(session: Session, viewer: Viewer) -> list[Campaign]:
    """The campaigns that this viewer may know of: shown ones, what the band writes for the band, and those that
    something belongs to which this viewer may know of."""
    query = select(Campaign).where(_known(viewer))
    return sorted(session.scalars(query), key=lambda one: (sort_key(one.name_km or one.name_en), one.id))


def campaign_at(session: Session, viewer: Viewer, address: str) -> Campaign:
    """The campaign of this address. Raises Unknown: there is none, or none for this viewer."""
    here = or_(Campaign.slug == address, Campaign.id == address)
    found = session.scalars(select(Campaign).where(here, _known(viewer))).first()
    if found is None:
        raise Unknown("There is no such thing here.")
    return found


def known(session: Session, viewer: Viewer, campaign_id: str) -> bool:
    """Whether this viewer may know of the campaign."""
    return session.scalar(select(Campaign.id).where(Campaign.id == campaign_id, _known(viewer))) is not None


def _known(viewer: Viewer) -> ColumnElement[bool]:
    told = select(Testimony.campaign_id).where(
        Testimony.id.in_(gate.permitted(viewer, "existence")), Testimony.campaign_id.is_not(None)
    )
    sung = select(Song.campaign_id).where(Song.id.in_(song_access.shown_songs(viewer)), Song.campaign_id.is_not(None))
    states = ["shown", "draft"] if viewer.inside else ["shown"]
    return or_(Campaign.state.in_(states), Campaign.id.in_(told), Campaign.id.in_(sung))


def begin_campaign(session: Session, written: Mapping[str, str], by_id: str) -> Campaign:
    """A new campaign, which only the band sees until it is shown. Raises NotACampaign."""
    wanted = _wanted(written)
    made = Campaign(slug=_free_slug(session, wanted["name_en"] or romanise(wanted["name_km"])), state="draft")
    session.add(made)
    session.flush()
    audit.note(session, by_id, "campaign.begun", f"campaign:{made.id}")
    details.change(session, made, wanted, by_id)
    return made


def write_campaign(
    session: Session, campaign: Campaign, written: Mapping[str, str], by_id: str, seen: int | None
) -> DetailChange | None:
    """Write a campaign anew. Raises NotACampaign, DetailsOvertaken."""
    return details.change(session, campaign, _wanted(written), by_id, seen)


def show_campaign(session: Session, campaign: Campaign, by_id: str, *, show: bool) -> DetailChange | None:
    """Let everybody see it, or only the band again."""
    return details.change(session, campaign, {"state": "shown" if show else "draft"}, by_id)


def put_song(session: Session, song: Song, campaign: Campaign | None, by_id: str) -> str | None:
    """Let a song belong to a campaign, or to none; returns the id of the one it belonged to before.

    A testimony's campaign is part of its description (`archive.describing`).
    """
    before = song.campaign_id
    details.change(session, song, {"campaign_id": campaign.id if campaign else None}, by_id)
    return before


def _wanted(written: Mapping[str, str]) -> dict[str, Any]:
    """The fields as a form has them. Raises NotACampaign."""
    wanted: dict[str, Any] = {name: " ".join(tidy(written.get(name, "")).split())[:LONGEST_NAME] for name in NAMES}
    wanted |= {name: tidy(written.get(name, "")).strip()[:LONGEST_TEXT] for name in TEXTS}
    if not wanted["name_km"] and not wanted["name_en"]:
        raise NotACampaign("name")
    for name in DAYS:
        try:
            wanted[name] = date.fromisoformat(written[name].strip()).isoformat() if written.get(name) else None
        except ValueError:
            raise NotACampaign("day") from None
    if wanted["starts_on"] and wanted["ends_on"] and wanted["ends_on"] < wanted["starts_on"]:
        raise NotACampaign("days")
    return wanted


def _free_slug(session: Session, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = "-".join(re.findall(r"[a-z0-9]+", plain))[:80].strip("-") or "campaign"
    taken = set(session.scalars(select(Campaign.slug).where(Campaign.slug.startswith(base, autoescape=True))))
    return next(name for name in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)
