"""Records by themselves, for other archives: of a testimony as Dublin Core and PBCore, and of all as a finding aid.

A testimony's record says what its card tells whoever asks; the finding aid what everybody may know. None has her words.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from flask import Blueprint, Response, g
from sqlalchemy.orm import Session

from archive.access.gate import Unknown
from archive.catalogue.cards import TestimonyCard, card
from archive.pages import harvesting
from archive.pages.harvesting import subjects_of
from web.exchange import finding_aid as ead
from web.exchange import oai_xml
from web.exchange.pbcore import pbcore
from web.site.security import limiter
from web.site.viewer import database, viewer

records = Blueprint("records", __name__)


@records.get("/testimony/<testimony_id>/record.xml")
def dublin_core(testimony_id: str) -> Response:
    with database().read() as session:
        return _xml(oai_xml.dublin_core(*_told(session, testimony_id)))


@records.get("/testimony/<testimony_id>/pbcore.xml")
def as_pbcore(testimony_id: str) -> Response:
    with database().read() as session:
        return _xml(pbcore(*_told(session, testimony_id)))


@records.get("/explore/finding-aid.xml")
@limiter.limit("60 per hour")
def finding_aid() -> Response:
    """Everything that everybody may know of, whoever asks."""
    with database().read() as session:
        return _xml(ead.finding_aid(harvesting.public_cards(session), harvesting.utc_day()))


def _told(session: Session, testimony_id: str) -> tuple[TestimonyCard, tuple[tuple[str, str], ...]]:
    """What may be known of a testimony. Raises Unknown."""
    shown = card(session, viewer(), testimony_id)
    if shown is None:
        raise Unknown("There is no such thing here.")
    return shown, tuple(subjects_of(session, [shown.id]).get(shown.id, ()))


def _xml(root: Element) -> Response:
    g.no_language = True
    response = Response(oai_xml.text(root), mimetype="application/xml")
    response.headers["Cache-Control"] = "no-store"
    return response
