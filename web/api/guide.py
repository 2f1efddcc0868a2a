"""How programs read the archive: as a page for people, and as an OpenAPI document."""

from __future__ import annotations

from flask import Response, render_template, url_for

from web.api import description
from web.api.blueprint import answer, api
from web.site.language import language


@api.get("/")
def guide() -> str:
    return render_template("api/guide.html", routes=description.ROUTES, errors=description.ERRORS, base=_base())


@api.get("/openapi.json")
def openapi() -> Response:
    return answer(description.document(language(), _base()))


def _base() -> str:
    return url_for("api.guide", _external=True).rstrip("/")
