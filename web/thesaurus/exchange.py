"""The thesaurus in and out, as SKOS: a file shows what it would change before anything does."""

from __future__ import annotations

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.catalogue import term_import
from archive.catalogue.term_import import ThesaurusPlan
from archive.catalogue.terms import NotATerm
from archive.retrieval import term_indexing
from ingest.intake import thesaurus_files
from media.skos.concepts import LARGEST, NotSkos
from web.site.language import _, _l
from web.site.later import find_soon
from web.site.security import csrf
from web.site.uploads import path_of, takes_files
from web.site.viewer import backends, current_steward, database
from web.thesaurus.blueprint import thesaurus
from web.thesaurus.changing import with_undo

REASONS = {
    "name": _l("It has no name in Khmer or English."),
    "long": _l("A name has more than 200 characters."),
    "many": _l("It has more than 100 names in one language."),
    "taken": _l("Another theme has one of its names."),
    "broader": _l("What it is under is not there."),
    "circle": _l("It would be under itself."),
    "place": _l("Provinces and districts are not changed by a file."),
    "gone": _l("It is part of another theme here."),
    "several": _l("It has two preferred names in one language."),
    "many-broader": _l("It is under two themes; here a theme is under one."),
    "into": _l("The file makes it part of another theme; do that on its page."),
    "twice": _l("The file has two of this id."),
    "slug": _l("Its address gives no id that can be used here."),
}
PARTS = {"km": _l("Khmer"), "en": _l("English"), "broader": _l("Belongs under"), "retired": _l("Retired")}


@thesaurus.get("/skos")
def exchange() -> str:
    return _page()


def _page(wrong: str = "", plan: ThesaurusPlan | None = None, text: str = "") -> str:
    return render_template(
        "thesaurus/exchange.html", wrong=wrong, plan=plan, text=text, reasons=REASONS, parts_of=PARTS
    )


@thesaurus.get("/skos/themes.<ending>")
def take(ending: str) -> Response:
    """Every theme as a file."""
    if ending not in thesaurus_files.ENDINGS:
        abort(404)
    with database().read() as session:
        text = thesaurus_files.written(session, ending, request.url_root.rstrip("/"))
    response = Response(text, mimetype=thesaurus_files.ENDINGS[ending])
    response.headers["Content-Disposition"] = f'attachment; filename="themes.{ending}"'
    return response


@thesaurus.post("/skos")
@csrf.exempt  # type: ignore[untyped-decorator]
def bring() -> AnyResponse:
    """Look at a file, or take in what was looked at; the token is asked for before a file is read."""
    request.max_content_length = request.max_form_memory_size = 2 * LARGEST
    with takes_files():
        csrf.protect()
        file = request.files.get("file")
        chosen = file is not None and bool(file.filename)
        data = path_of(file.stream).read_bytes() if file is not None and chosen else b""
    text = request.form.get("text", "")
    if not chosen and not text:
        return make_response(_page(_("Choose a file.")), 400)
    data = data if chosen else text.encode()
    try:
        offered = thesaurus_files.themes_in(data)
    except NotSkos as error:
        return make_response(_page(_("The file cannot be taken in:") + f" {_(error)}"), 400)
    with database().read() as session:
        plan = term_import.plan(session, offered)
    if request.form.get("deed") != "take" or request.form.get("seen") != plan.digest:
        late = _("Something was changed meanwhile. Look at it again.") if request.form.get("deed") == "take" else ""
        return make_response(_page(late, plan, data.decode("utf-8-sig")), 409 if late else 200)
    return _taken(plan, data)


def _taken(plan: ThesaurusPlan, data: bytes) -> AnyResponse:
    try:
        with database().write() as session:
            act = term_import.take_in(session, plan, current_steward().id)
    except NotATerm:
        return make_response(_page(_("Something was changed meanwhile. Look at it again."), plan, data.decode()), 409)
    opened = backends()
    touched = [row.offered.id for row in plan.rows if row.kind in {"new", "changed"}]
    term_indexing.index_terms(opened.database, opened.index, touched, find_soon)
    flash(
        with_undo(
            _("Taken in. New: {new}, changed: {changed}.", new=plan.count("new"), changed=plan.count("changed")), act
        )
    )
    return redirect(url_for("thesaurus.room"), 303)
