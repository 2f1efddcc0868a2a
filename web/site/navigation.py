"""The site's few doors, and who sees which: one visible list, so that a room opens by adding a line."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

from web.site.language import say
from web.site.viewer import viewer

PUBLIC_ROLES = frozenset({"public", "researcher", "band", "steward"})
BAND_ROLES = frozenset({"band", "steward"})


@dataclass(frozen=True, slots=True)
class Door:
    endpoint: str
    km: str
    en: str
    roles: frozenset[str] = PUBLIC_ROLES


DOORS = (
    Door("listening.front", "ចម្រៀង", "Songs"),
    Door("search.find", "ស្វែងរក", "Search"),
    Door("desk.room", "តុសរសេរ", "Desk", BAND_ROLES),
    Door("ingest.room", "ដាក់សំឡេងចូល", "Add recordings", BAND_ROLES),
    Door("studio.songs", "ស្ទូឌីយោ", "Studio", BAND_ROLES),
    Door("review.room", "អត្ថបទ", "Transcripts", BAND_ROLES),
    Door("narrators.people", "ម្ចាស់រឿង", "Narrators", BAND_ROLES),
    Door("steward.room", "ការយល់ព្រម", "Consent", frozenset({"steward"})),
)


@dataclass(frozen=True, slots=True)
class ShownDoor:
    address: str
    name: str
    here: bool


def doors() -> list[ShownDoor]:
    """The doors this viewer may use; one whose room is not built yet is not there."""
    open_doors = (d for d in DOORS if d.endpoint in current_app.view_functions and viewer().role in d.roles)
    return [ShownDoor(url_for(d.endpoint), say(d.km, d.en), request.endpoint == d.endpoint) for d in open_doors]


def init_app(app: Flask) -> None:
    app.context_processor(lambda: {"doors": doors})
