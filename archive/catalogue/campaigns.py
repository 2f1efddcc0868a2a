"""Campaigns: what songs and testimonies are gathered for."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.access import gate
from archive.access.gate import Viewer
from archive.models import (
    Campaign,
    Song,
    Testimony,
)


def _campaign(session: Session, name: str) -> str | None:
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
    """Campaigns that something belongs to which this viewer may know of."""
    told = select(Testimony.campaign_id).where(Testimony.id.in_(gate.permitted(viewer, "existence")))
    sung = select(Song.campaign_id).where(Song.id.in_(gate.visible_songs(viewer)))
    query = select(Campaign).where(
        Campaign.id.in_(told.where(Testimony.campaign_id.is_not(None))) | Campaign.id.in_(sung)
    )
    return list(session.scalars(query.order_by(Campaign.name_km, Campaign.name_en, Campaign.id)))
