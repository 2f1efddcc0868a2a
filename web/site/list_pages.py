"""What an address asks of a list: `?q=` words, `?state=`, `?sort=` and `?page=`; nonsense counts as not asked."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, request, url_for

from archive.language.normalise import tidy
from archive.lists import FARTHEST, ListPage, ListRequest

LONGEST = 120


def requested(facets: Sequence[str] = ()) -> ListRequest:
    """The part of a list that this address asks for; of `facets`, the first value that each is given."""
    page = request.args.get("page", 1, type=int)
    given = ((facet, request.args.get(facet, "")[:LONGEST].strip()) for facet in facets)
    return ListRequest(
        text=" ".join(tidy(request.args.get("q", "")[:LONGEST]).split()),
        state=request.args.get("state", "")[:LONGEST],
        sort=request.args.get("sort", "")[:LONGEST],
        page=max(1, min(page, FARTHEST)),
        narrowed=tuple((facet, value) for facet, value in given if value),
    )


def list_address(shown: ListPage[object], **changed: str | int) -> str:
    """The address of the list that is shown, with something of it changed; what is usual is left out."""
    asked = shown.request
    values = {**dict(asked.narrowed), "q": asked.text, "state": asked.state, "sort": asked.sort, "page": 1, **changed}
    said = {name: value for name, value in values.items() if value and (name, value) != ("page", 1)}
    return url_for(request.endpoint or "", **(request.view_args or {}), **said)  # type: ignore[arg-type]


def init_app(app: Flask) -> None:
    app.jinja_env.globals["list_address"] = list_address
