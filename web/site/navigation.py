"""The links to the site's rooms, and who sees which: one visible list, so that a room opens by adding a line."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for
from flask_babel.speaklater import LazyString

from web.site.language import _l, lazy_pgettext
from web.site.viewer import viewer

PUBLIC_ROLES = frozenset({"public", "researcher", "band", "steward"})
BAND_ROLES = frozenset({"band", "steward"})


@dataclass(frozen=True, slots=True)
class NavItem:
    endpoint: str
    name: LazyString
    roles: frozenset[str] = PUBLIC_ROLES


NAV_ITEMS = (
    NavItem("listening.front", lazy_pgettext("the site", "Songs")),
    NavItem("search.find", _l("Search")),
    NavItem("explore.browse", _l("Explore")),
    NavItem("gathering.room", _l("Collections"), frozenset({"researcher"})),
    NavItem("desk.room", _l("Desk"), BAND_ROLES),
    NavItem("ingest.room", _l("Add recordings"), BAND_ROLES),
    NavItem("studio.songs", _l("Studio"), BAND_ROLES),
    NavItem("review.room", _l("Transcripts"), BAND_ROLES),
    NavItem("narrators.people", _l("Narrators"), BAND_ROLES),
    NavItem("steward.room", _l("Consent"), frozenset({"steward"})),
)


@dataclass(frozen=True, slots=True)
class NavLink:
    address: str
    name: str
    here: bool


def nav_links() -> list[NavLink]:
    """The rooms this viewer may enter; one whose room is not built yet is not there."""
    items = (one for one in NAV_ITEMS if one.endpoint in current_app.view_functions and viewer().role in one.roles)
    return [NavLink(url_for(one.endpoint), str(one.name), request.endpoint == one.endpoint) for one in items]


def init_app(app: Flask) -> None:
    app.context_processor(lambda: {"nav_links": nav_links})
