"""What programs may read of testimonies, songs, terms, campaigns and collections: as the pages show it, as JSON."""

from __future__ import annotations

from flask import Response, request, url_for

from archive.access.gate import Unknown
from archive.catalogue import campaigns as kept_campaigns
from archive.catalogue.browsing import FACETS
from archive.gathering import collections, passages
from archive.lists import PAGE
from archive.models import Account, Campaign
from archive.pages import campaign_page, front_page, thesaurus_pages
from archive.pages.explore_page import ExplorePage, Share, ThemeShare, explore_page
from archive.pages.testimony_page import testimony_page_of
from archive.songs.song_view import song_page
from web.api import shapes
from web.api.blueprint import after, answer, api, page_asked, whose_token
from web.api.shapes import Shape
from web.site.language import language
from web.site.list_pages import requested
from web.site.viewer import backends, database, viewer

LARGEST_VERSION = 100_000


@api.get("/testimonies")
def testimonies() -> Response:
    with database().read() as session:
        page = explore_page(session, viewer(), requested(FACETS), language())
        found = page.found
        said = {
            "items": [shapes.testimony(one) for one in found.rows],
            "total": found.total,
            "next": after(found.request.page, found.request.page < found.last),
            "counts": _counts(page),
        }
    return answer(said)


def _counts(page: ExplorePage) -> Shape:
    def shares(some: tuple[Share, ...]) -> Shape:
        return {one.value: one.count for one in some if one.count}

    return {
        "place": {f"place-{one.place.code}": one.count for one in page.tiles if one.count},
        "year": shares(page.years),
        "community": shares(page.communities),
        "language": shares(page.languages),
        "length": shares(page.lengths),
        "open": shares(page.open),
        "theme": dict(_of_themes(page.themes)),
    }


def _of_themes(some: tuple[ThemeShare, ...]) -> list[tuple[str, int]]:
    return [row for one in some for row in ((one.id, one.count), *_of_themes(one.below))]


@api.get("/testimonies/<testimony_id>")
def one_testimony(testimony_id: str) -> Response:
    asked = request.args.get("v", type=int)
    number = asked if asked is not None and 0 < asked < LARGEST_VERSION else None
    with database().read() as session:
        page = testimony_page_of(session, viewer(), testimony_id, language(), number)
        if page.version_missing:
            raise Unknown("There is no such version here.")
        said = shapes.testimony_with_words(page)
    return answer(said)


@api.get("/songs")
def songs() -> Response:
    page = page_asked()
    with database().read() as session:
        some = front_page.newest_first(viewer()).offset((page - 1) * PAGE).limit(PAGE + 1)
        found = session.scalars(some).all()
        items = [
            shapes.song(one, session.get(Campaign, one.campaign_id) if one.campaign_id else None)
            for one in found[:PAGE]
        ]
    return answer({"items": items, "next": after(page, len(found) > PAGE)})


@api.get("/songs/<slug>")
def one_song(slug: str) -> Response:
    with database().read() as session:
        page = song_page(session, viewer(), slug)
        if page is None:
            raise Unknown("There is no such thing here.")
        said = shapes.song_with_words(page)
    return answer(said)


@api.get("/terms")
def terms() -> Response:
    page = page_asked()
    with database().read() as session:
        known = thesaurus_pages.known_themes(session, backends().index, viewer())
        found = [one for one in known.values() if not one.retired]
    here = found[(page - 1) * PAGE : page * PAGE]
    items = [shapes.term(one) for one in here]
    return answer({"items": items, "total": len(found), "next": after(page, page * PAGE < len(found))})


@api.get("/terms/<term_id>")
def one_term(term_id: str) -> Response:
    with database().read() as session:
        found = thesaurus_pages.known_theme(session, backends().index, viewer(), term_id)
    return answer(shapes.term(found))


@api.get("/campaigns")
def campaigns() -> Response:
    page = page_asked()
    with database().read() as session:
        found = kept_campaigns.campaigns(session, viewer())
        items = [shapes.campaign(one) for one in found[(page - 1) * PAGE : page * PAGE]]
    return answer({"items": items, "total": len(found), "next": after(page, page * PAGE < len(found))})


@api.get("/campaigns/<slug>")
def one_campaign(slug: str) -> Response:
    page = page_asked()
    with database().read() as session:
        found = campaign_page.campaign_page(session, viewer(), slug, page)
        said = shapes.campaign(found.campaign) | {
            "songs": [shapes.song(one, found.campaign) for one in found.songs],
            "testimonies": [shapes.testimony(one) for one in found.told],
            "next": after(page, found.more),
        }
    return answer(said)


@api.get("/collections")
def own_collections() -> Response:
    who = whose_token()
    with database().read() as session:
        found = collections.listed(session, viewer(), who, requested())
        items = [shapes.collection_row(one) for one in found.rows]
    more = found.request.page < found.last
    return answer({"items": items, "total": found.total, "next": after(found.request.page, more)})


@api.get("/collections/<collection_id>")
def one_collection(collection_id: str) -> Response:
    who = whose_token()
    with database().read() as session:
        one = collections.collection_at(session, who, collection_id)
        found = passages.listed(session, viewer(), one, requested(("code",)))
        keeper = session.get(Account, one.account_id) if one.account_id != who.id else None
        said = shapes.collection(one, keeper.display_name if keeper else "", found.everything) | {
            "items": [shapes.passage(row) for row in found.rows],
            "total": found.total,
            "something_taken_back": passages.something_taken_back(session, viewer(), one),
            "next": after(found.request.page, found.request.page < found.last),
        }
    return answer(said)


@api.get("/<path:address>")
def nothing(address: str) -> Response:
    """An address of the interface that there is not: told as every other error of it."""
    raise Unknown(f"There is nothing at {url_for('api.guide')}{address}.")
