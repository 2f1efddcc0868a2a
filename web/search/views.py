"""The search page: what somebody typed, and the moments where it is said."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template, request, url_for
from sqlalchemy.orm import Session

from archive.catalogue.cards import TestimonyCard
from archive.pages import search_results
from archive.pages.search_results import SearchResults
from archive.retrieval import searching
from web.site.cells import inert
from web.site.language import either
from web.site.search_address import LAST_PAGE, PAGE_LENGTH, SORTS, SearchAddress, read
from web.site.viewer import account, backends, database, viewer

search = Blueprint("search", __name__)

MOST_EXPORTED = 500
EXPORTERS = frozenset({"researcher", "band", "steward"})
PER_GROUP = 3  # places of one testimony or song that a page shows
COLUMNS = ("kind", "address", "title_km", "title_en", "narrator", "recorded_on", "start_ms", "language", "words")


@dataclass(frozen=True, slots=True)
class Pages:
    """Which pages of an answer there are."""

    here: int
    last: int


@search.get("/search")
def find() -> str:
    asked = read(request.args)
    with database().read() as session:
        if asked.nothing:
            ways = search_results.ways_in(session, backends().index, viewer())
            return render_template("search/find.html", asked=asked, found=None, ways=ways, pages=None, sorts=SORTS)
        found = _found(session, asked)
        last = max(1, min(LAST_PAGE, math.ceil(found.results.groups_total / PAGE_LENGTH)))
        if not found.results.groups and 1 < asked.page > last:
            asked = asked.on_page(last)
            found = _found(session, asked)
        pages = Pages(asked.page, last)
        return render_template(
            "search/find.html", asked=asked, found=found, ways=None, pages=pages, sorts=SORTS, may_export=_may_export()
        )


def _found(
    session: Session,
    asked: SearchAddress,
    limit: int = PAGE_LENGTH,
    offset: int | None = None,
    per_group: int = PER_GROUP,
) -> SearchResults:
    results = searching.search(
        session,
        backends().index,
        viewer(),
        asked,
        limit=limit,
        offset=asked.offset if offset is None else offset,
        per_group=per_group,
    )
    return search_results.found(session, viewer(), results)


def _may_export() -> bool:
    return account() is not None and viewer().role in EXPORTERS


@search.post("/search/csv")
def export() -> Response:
    """The hits as a table. It is noted which testimonies' words went out, since they cannot be called back."""
    if not _may_export():
        abort(404)
    asked = read(request.form)
    who = account()
    with database().write() as session:
        found = _found(session, asked, limit=MOST_EXPORTED, offset=0, per_group=MOST_EXPORTED)
        lines = search_results.lines_to_take(session, viewer(), found)
        rows = [*_rows(found), *_sung(found, lines)][:MOST_EXPORTED]
        search_results.note_export(session, viewer().role, who.id if who else None, found, lines)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    response = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="messenger-band-search.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _rows(found: SearchResults) -> Iterable[list[str]]:
    for group in found.results.groups:
        card = found.cards.get(group.id)
        if group.kind != "testimony" or card is None:
            continue
        for hit in group.hits:
            row = [
                "testimony",
                url_for("testimony.show", testimony_id=card.id, _external=True, t=hit.start_ms),
                card.title_km,
                card.title_en,
                _name(card),
                str(card.recorded_on or ""),
                "" if hit.start_ms is None else str(hit.start_ms),
                hit.language,
                "".join(part.text for part in hit.snippet),
            ]
            yield [inert(cell) for cell in row]


def _sung(found: SearchResults, lines: Collection[str]) -> Iterable[list[str]]:
    """The songs that answer, and those of their lines that may be taken along."""
    for group in found.results.groups:
        if group.kind != "song" or group.id not in found.songs:
            continue
        for hit in group.hits:
            if hit.kind == "line" and hit.id not in lines:
                continue
            address = url_for("song.show", slug=found.songs[group.id], _external=True)
            row = [
                "song",
                f"{address}#line-{hit.id}" if hit.kind == "line" else address,
                group.title.get("km", ""),
                group.title.get("en", ""),
                "",
                "",
                "",
                hit.language,
                "".join(part.text for part in hit.snippet),
            ]
            yield [inert(cell) for cell in row]


def _name(card: TestimonyCard) -> str:
    return either(card.name_km, card.name_en)
