"""What somebody searches for: the same for a page, a feed, a kept search and the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archive.search.index import Sort


@dataclass(frozen=True)
class SearchRequest:
    """What was typed, and how it is to be answered.

    Attributes:
        filters: facet -> exact values, as the facets of an earlier answer gave them; any value of one facet will do.
        exact: only what was typed; else words that name a theme also find its narrower terms and its other labels.
    """

    query: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sort: Sort = "relevance"
    exact: bool = False

    @property
    def nothing(self) -> bool:
        """Nothing was asked for."""
        return not self.query.strip() and not any(self.filters.values())
