"""One page of a list that is as long as the archive: what is looked for, and what was found of it.

A list is narrowed, sorted and cut in the database, so that a page costs the same however long the list is. Nothing is
left out silently: every page says which of how many it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Generic, TypeVar

Row = TypeVar("Row")

PAGE = 25
FARTHEST = 1_000_000  # pages beyond this are nobody's; the number goes into the database as an offset


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What somebody wants to see of a list.

    Attributes:
        text: what was typed, written as the archive stores it; to be found in a title or a name.
        state: one of the list's own; empty for all.
        sort: one of the list's own; empty for its usual order.
        page: from 1.
        narrowed: what else it is narrowed to, as (facet, value), of lists that have facets.
    """

    text: str = ""
    state: str = ""
    sort: str = ""
    page: int = 1
    narrowed: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words that were typed."""
        return tuple(self.text.split())

    @property
    def offset(self) -> int:
        return (min(max(self.page, 1), FARTHEST) - 1) * PAGE


@dataclass(frozen=True, slots=True)
class ListPage(Generic[Row]):
    """What was found.

    Attributes:
        rows: at most `PAGE`, in the order asked for.
        total: how many there are with this text and in this state, on all pages.
        everything: how many there are without either.
        counts: state -> how many are in it, whatever was typed; states without any are left out.
    """

    request: ListRequest
    rows: Sequence[Row]
    total: int
    everything: int
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return max(1, ceil(self.total / PAGE))
