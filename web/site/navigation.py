"""The site's few doors, and who sees which: one visible list, so that a room opens by adding a line."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_babel.speaklater import LazyString

from web.site.language import _l, lazy_pgettext
from web.site.viewer import viewer

PUBLIC_ROLES = frozenset({"public", "researcher", "band", "steward"})
BAND_ROLES = frozenset({"band", "steward"})


@dataclass(frozen=True, slots=True)
class Door:
    endpoint: str
    name: LazyString
    roles: frozenset[str] = PUBLIC_ROLES


DOORS = (
    Door("listening.front", lazy_pgettext("the site", "Songs")),
    Door("search.find", _l("Search")),
    Door("explore.browse", _l("Explore")),
    Door("gathering.room", _l("Collections"), frozenset({"researcher"})),
    Door("desk.room", _l("Desk"), BAND_ROLES),
    Door("ingest.room", _l("Add recordings"), BAND_ROLES),
    Door("studio.songs", _l("Studio"), BAND_ROLES),
    Door("review.room", _l("Transcripts"), BAND_ROLES),
    Door("narrators.people", _l("Narrators"), BAND_ROLES),
    Door("steward.room", _l("Consent"), frozenset({"steward"})),
)


@dataclass(frozen=True, slots=True)
class ShownDoor:
    address: str
    name: str
    here: bool


def doors() -> list[ShownDoor]:
    """The doors this viewer may use; one whose room is not built yet is not there."""
    open_doors = (d for d in DOORS if d.endpoint in current_app.view_functions and viewer().role in d.roles)
    return [ShownDoor(url_for(d.endpoint), str(d.name), request.endpoint == d.endpoint) for d in open_doors]


def init_app(app: Flask) -> None:
    app.context_processor(lambda: {"doors": doors})
