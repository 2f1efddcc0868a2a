"""Searching for programs: the moments and lines that answer, in the order of the search page."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, request, url_for

from archive.pages import search_results
from archive.pages.search_results import SearchResults
from archive.retrieval import searching
from archive.retrieval.searching import Hit, HitGroup
from web.api import shapes
from web.api.blueprint import after, answer, api
from web.api.shapes import Shape
from web.site.search_address import LAST_PAGE, PAGE_LENGTH, read
from web.site.viewer import backends, database, viewer

PER_GROUP = 10
"""How many places of one testimony or song are given; `more` says how many others there are."""


@api.get("/search")
def search() -> Response:
    asked = read(request.args)
    if asked.nothing:
        return answer({"items": [], "total": 0, "at_least": False, "themes": [], "suggestion": None, "next": None})
    asked = replace(asked, page=min(asked.page, LAST_PAGE))
    with database().read() as session:
        results = searching.search(
            session,
            backends().index,
            viewer(),
            asked,
            limit=PAGE_LENGTH,
            offset=asked.offset,
            per_group=PER_GROUP,
        )
        found = search_results.found(session, viewer(), results)
    more = asked.page < LAST_PAGE and asked.offset + PAGE_LENGTH < results.groups_total
    return answer(
        {
            "items": [one for group in results.groups if (one := _group(group, found)) is not None],
            "total": results.total,
            "at_least": results.more,
            "themes": [{"id": one.id, "title": _title(one)} for one in results.themes],
            "suggestion": results.suggestion,
            "next": after(asked.page, more),
        }
    )


def _title(group: HitGroup) -> Shape:
    return shapes.names(group.title.get("km", ""), group.title.get("en", ""))


def _group(group: HitGroup, found: SearchResults) -> Shape | None:
    card, slug = found.cards.get(group.id), found.songs.get(group.id)
    if card is None and slug is None:
        return None
    return {
        "kind": group.kind,
        "title": _title(group),
        "testimony": shapes.testimony(card) if card else None,
        "song": slug,
        "more": group.more,
        "places": [_place(hit, slug) for hit in group.hits],
    }


def _place(hit: Hit, slug: str | None) -> Shape:
    if slug is not None:
        page = url_for("song.show", slug=slug, _external=True, _anchor=f"line-{hit.id}" if hit.kind == "line" else None)
    else:
        page = url_for("testimony.show", testimony_id=hit.testimony, t=hit.start_ms, _external=True)
    return {
        "kind": hit.kind,
        "start_ms": hit.start_ms,
        "language": hit.language,
        "words": shapes.words(hit.snippet),
        "other": {language: shapes.words(snippet) for language, snippet in hit.aligned.items()},
        "page": page,
    }
