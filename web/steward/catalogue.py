"""The catalogue as a file, for stewards: taken along, and brought back corrected, looked at first, applied and undone.

What was looked at comes back with the form that applies it, so that nothing of a sheet lies on the server meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.access.gate import Viewer
from archive.catalogue.field_values import FIELD_NAMES
from archive.db import Database
from archive.describing import catalogue, changes, sheet_changes
from archive.describing.sheet_changes import CatalogueRefused, SheetPlan
from archive.language.messages import Message
from archive.models import now
from ingest.exports import catalogue_files
from ingest.intake import catalogue_sheet, table
from web.site.language import _, language
from web.site.later import find_soon
from web.site.security import csrf
from web.site.viewer import backends, database, viewer
from web.steward.blueprint import a_form_with_a_file, file_of, steward

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHOWN_ROWS = 500
_PIECE = 64 * 1024


@steward.get("/catalogue")
def catalogue_room() -> str:
    return _page()


def _page(wrong: str = "", plan: SheetPlan | None = None, payload: str = "") -> str:
    with database().read() as session:
        return render_template(
            "steward/catalogue.html",
            wrong=wrong,
            plan=plan,
            payload=payload,
            most=SHOWN_ROWS,
            names=FIELD_NAMES,
            language=language(),
            count=len(catalogue.testimonies_for(session, viewer())),
            acts=sheet_changes.recent(session),
        )


@steward.post("/catalogue/file")
def take_catalogue() -> Response:
    """Every description that this steward may know of, as a file; its leaving is written down first."""
    form = request.form.get("form", "")
    if form not in FORMS:
        abort(404)
    who = viewer()
    with database().write() as session:
        ids = catalogue.testimonies_for(session, who)
        catalogue.take_out(session, who, ids, form)
    pieces = _csv(database(), who, ids) if form == "csv" else _xlsx(database(), who, ids, backends().settings.data)
    answer = Response(pieces, mimetype=FORMS[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="catalogue-{now():%Y-%m-%d}.{form}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _csv(opened: Database, who: Viewer, ids: list[str]) -> Iterator[bytes]:
    with opened.read() as session:
        for line in catalogue_files.as_csv(catalogue.COLUMNS, catalogue.rows(session, who, ids)):
            yield line.encode()


def _xlsx(opened: Database, who: Viewer, ids: list[str], data: Path) -> Iterator[bytes]:
    with TemporaryDirectory(prefix="catalogue-", dir=data) as folder:
        path = Path(folder) / "catalogue.xlsx"
        with opened.read() as session:
            catalogue_files.write_xlsx(catalogue.COLUMNS, catalogue.rows(session, who, ids), path)
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


@steward.post("/catalogue")
@csrf.exempt  # type: ignore[untyped-decorator]
def bring_catalogue() -> AnyResponse:
    """Look at a file, or apply what was looked at; the token is asked for before a file is read."""
    request.max_form_memory_size = 2 * table.LARGEST
    with a_form_with_a_file(3 * table.LARGEST):
        path = file_of("sheet")
        data = path.read_bytes() if path is not None else b""
    payload = request.form.get("rows", "")
    try:
        if request.form.get("deed") == "apply" and payload:
            return _applied(payload)
        if not data:
            raise CatalogueRefused(Message("Choose a file."))
        given = catalogue_sheet.read_bytes(data)
    except CatalogueRefused as error:
        return make_response(_page(error.said(language())), 400)
    plan = sheet_changes.look(backends(), viewer(), given)
    lines = {one.line for one in plan.rows}
    return make_response(_page(plan=plan, payload=catalogue_sheet.changed_rows(given, lines)))


def _applied(payload: str) -> AnyResponse:
    """Apply the rows that were shown; one that cannot be taken any more is shown with its reason."""
    plan = sheet_changes.apply(backends(), viewer(), catalogue_sheet.from_form(payload))
    for testimony_id in sorted(plan.touched):
        find_soon(testimony_id)
    if plan.rows:
        flash(_("Testimonies corrected: {n}. All of it can be undone below, in one go.", n=len(plan.rows)))
    if plan.bad:
        return make_response(_page(_("Some rows could not be taken."), SheetPlan("", (), plan.bad, 0)), 409)
    return redirect(url_for("steward.catalogue_room"), 303)


@steward.post("/catalogue/undo/<act_id>")
def undo_catalogue(act_id: str) -> AnyResponse:
    """Put everything back that one sheet changed."""
    try:
        touched = sheet_changes.undo(backends(), viewer(), act_id)
    except changes.ChangedMeanwhile as error:
        names = ", ".join(_(FIELD_NAMES[one.field]) for one in error.conflicts[:3])
        wrong = _("Some of it was changed again since ({fields}). Nothing was put back.", fields=names)
        return make_response(_page(wrong), 409)
    except changes.FieldsRefused as error:
        wrong = "; ".join(one.said(language()) for one in error.errors.values())
        nothing = _("Nothing was put back.")
        return make_response(_page(f"{wrong}. {nothing}"), 409)
    for testimony_id in sorted(touched):
        find_soon(testimony_id)
    flash(_("Everything is as it was before that sheet."))
    return redirect(url_for("steward.catalogue_room"), 303)
