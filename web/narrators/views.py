"""Who the narrators are: a list to look through, and a page of each."""

from __future__ import annotations

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from archive.narrators import known
from archive.pages import narrator_page
from web.narrators.blueprint import narrators
from web.site.language import language
from web.site.list_pages import LONGEST, requested
from web.site.viewer import database, viewer


@narrators.get("")
def people() -> str:
    with database().read() as session:
        shown = known.narrators(session, viewer(), requested())
    return render_template("narrators/people.html", shown=shown)


@narrators.get("/<narrator_id>")
def person(narrator_id: str) -> Response:
    return person_page(narrator_id)


@narrators.get("/same-name")
def same_name() -> str:
    """Known narrators of a name, to choose from when a recording is added."""
    km, en = (" ".join(request.args.get(name, "")[:LONGEST].split()) for name in ("km", "en"))
    with database().read() as session:
        found = known.same_name(session, viewer(), km, en)
    return render_template("narrators/same_name.html", offered=found, chosen="")


def person_page(narrator_id: str, wrong: str = "", status: int = 200) -> Response:
    with database().read() as session:
        found = narrator_page.narrator_page(session, viewer(), narrator_id, language())
        return make_response(render_template("narrators/person.html", found=found, wrong=wrong), status)
