"""What a search address asks for, and the addresses of the searches beside it.

Every choice on the page is a link or a form field, so that an answer can be kept, sent and come back to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from archive.retrieval.search_request import SearchRequest
from archive.search.index import Sort

FACETS = ("community", "theme", "place", "year", "language")
SORTS = ("relevance", "date")
PAGE_LENGTH = 12
LAST_PAGE = 80
LONGEST_QUERY = 300
MOST_VALUES = 30


@dataclass(frozen=True)
class SearchAddress(SearchRequest):
    """A request as its address gives it, with the page of the answer, from 1."""

    page: int = 1

    @property
    def offset(self) -> int:
        return (self.page - 1) * PAGE_LENGTH

    def pairs(self) -> list[tuple[str, str]]:
        """The address's arguments, those that say something."""
        found = [("q", self.query)] if self.query else []
        found += [(facet, value) for facet in FACETS for value in self.filters.get(facet, ())]
        if self.sort != "relevance":
            found.append(("sort", self.sort))
        if self.exact:
            found.append(("exact", "1"))
        if self.page > 1:
            found.append(("page", str(self.page)))
        return found

    def address(self) -> str:
        arguments = urlencode(self.pairs())
        return f"/search?{arguments}" if arguments else "/search"

    def feed_address(self, language: str) -> str:
        """The same search as a feed, for whoever follows it with the rights of the public."""
        said = [(name, value) for name, value in self.pairs() if name not in {"sort", "page"}]
        return f"/search/feed?{urlencode([*said, ('lang', language)])}"

    def toggled(self, facet: str, value: str) -> SearchAddress:
        """With this value of the facet, or without it; from the first page."""
        held = self.filters.get(facet, ())
        values = tuple(v for v in held if v != value) if value in held else (*held, value)
        filters = {**self.filters, facet: values}
        return replace(self, filters={name: kept for name, kept in filters.items() if kept}, page=1)

    def unfiltered(self) -> SearchAddress:
        return replace(self, filters={}, page=1)

    def sorted_by(self, sort: Sort) -> SearchAddress:
        return replace(self, sort=sort, page=1)

    def turned(self, *, exact: bool) -> SearchAddress:
        return replace(self, exact=exact, page=1)

    def on_page(self, page: int) -> SearchAddress:
        return replace(self, page=page)

    def of_query(self, query: str) -> SearchAddress:
        return replace(self, query=query, page=1)


def read(arguments: MultiDict[str, str]) -> SearchAddress:
    """What an address asks for; whatever makes no sense in it is as if it were not there."""
    filters = {
        facet: tuple(dict.fromkeys(v[:120] for v in arguments.getlist(facet) if v.strip()))[:MOST_VALUES]
        for facet in FACETS
    }
    sort = arguments.get("sort", "")
    page = arguments.get("page", "")
    return SearchAddress(
        query=" ".join(arguments.get("q", "").split())[:LONGEST_QUERY],
        filters={facet: values for facet, values in filters.items() if values},
        sort=cast(Sort, sort) if sort in SORTS else "relevance",
        exact=arguments.get("exact") == "1",
        page=min(LAST_PAGE, max(1, int(page))) if page.isdecimal() and page.isascii() and len(page) < 6 else 1,
    )
