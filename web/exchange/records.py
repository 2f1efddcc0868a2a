"""A testimony's record by itself, as Dublin Core: what its card tells whoever asks, and none of its words."""

from __future__ import annotations

from flask import Blueprint, Response, g

from archive.access.gate import Unknown
from archive.catalogue.cards import card
from archive.pages.harvesting import subjects_of
from web.exchange import oai_xml
from web.site.viewer import database, viewer

records = Blueprint("records", __name__)


@records.get("/testimony/<testimony_id>/record.xml")
def dublin_core(testimony_id: str) -> Response:
    with database().read() as session:
        shown = card(session, viewer(), testimony_id)
        if shown is None:
            raise Unknown("There is no such thing here.")
        subjects = tuple(subjects_of(session, [shown.id]).get(shown.id, ()))
    g.no_language = True
    response = Response(oai_xml.text(oai_xml.dublin_core(shown, subjects)), mimetype="application/xml")
    response.headers["Cache-Control"] = "no-store"
    return response
