"""Several testimonies at once: chosen from a list or from what was found, one field of them changed, and put back.

What was chosen travels with the form, so that it is kept while pages are turned, without a script too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from archive.access.gate import Unknown
from archive.catalogue.campaigns import campaigns
from archive.catalogue.cards import cards
from archive.catalogue.field_values import FIELD_NAMES, LONGEST
from archive.describing import selection
from archive.describing.changes import ChangedMeanwhile, FieldsRefused
from archive.describing.history import COMMUNITY_NAMES, LANGUAGE_NAMES
from archive.describing.selection import (
    ADD_THEME,
    CHANGED_TOGETHER,
    DROP_THEME,
    PLACE,
    SelectionRefused,
    WantedTogether,
)
from archive.describing.sheet_changes import SheetPlan
from archive.language.normalise import tidy
from archive.lists import FARTHEST, ListRequest
from archive.models.account import GROUPS
from web.site.language import _, either, language
from web.site.later import find_soon
from web.site.list_pages import LONGEST as LONGEST_SEARCH
from web.site.list_pages import requested
from web.site.viewer import account, backends, database, viewer
from web.testimony.blueprint import testimony
from web.testimony.describing import places

_LONG = 400
SHOWN_ROWS = 100


@dataclass(frozen=True, slots=True)
class LookedTogether:
    """What would change, and the version that was looked at."""

    plan: SheetPlan
    seen: int


def _inside() -> None:
    """Whoever is not of the band or a steward finds nothing here."""
    if account() is None or not viewer().inside:
        abort(404)


@testimony.get("/testimonies")
def several() -> str:
    """Every testimony that this member may know of, to be found and chosen from."""
    _inside()
    return _list(requested(), ())


@testimony.post("/testimonies")
def choose_several() -> str:
    """Another page of the list, with what was chosen so far."""
    _inside()
    page = request.form.get("page", 1, type=int)
    text = " ".join(tidy(request.form.get("q", "")[:LONGEST_SEARCH]).split())
    return _list(ListRequest(text, page=max(1, min(page, FARTHEST))), _given())


def _given() -> tuple[str, ...]:
    """The ids that came with the form; one too many is as many as too many."""
    return tuple(dict.fromkeys(one[:40] for one in request.form.getlist("t")))[: selection.MOST + 1]


def _list(wanted: ListRequest, given: Sequence[str]) -> str:
    with database().read() as session:
        shown = selection.testimonies(session, viewer(), wanted)
        known = cards(session, viewer(), [*shown.rows, *given])
        chosen = [one for one in given if one in known]
        return render_template(
            "testimony/several.html",
            shown=shown,
            cards=[known[one] for one in shown.rows if one in known],
            chosen=chosen,
            elsewhere=[one for one in chosen if one not in shown.rows],
            most=selection.MOST,
        )


@testimony.post("/testimonies/change")
def change_several() -> Response:
    """One step on: which field, what is to stand there, what would change, and then the change itself."""
    _inside()
    other = request.form.get("other", "")
    field = other or request.form.get("field", "")
    field = field if field in CHANGED_TOGETHER else ""
    deed = request.form.get("deed", "")
    value = "" if other else request.form.get("value", "")[:_LONG]
    wanted = WantedTogether(field, value, request.form.get("seen", type=int))
    try:
        if field and deed == "apply":
            return _applied(wanted)
        looked = (
            LookedTogether(*selection.look(backends(), viewer(), _given(), wanted))
            if field and deed == "look"
            else None
        )
        return make_response(_page(wanted, looked))
    except SelectionRefused as error:
        flash(error.said(language()), "wrong")
        return redirect(url_for("testimony.several"), 303)


def _page(wanted: WantedTogether, looked: LookedTogether | None = None, wrong: str = "") -> str:
    with database().read() as session:
        ids = selection.chosen(session, viewer(), _given())
        known = cards(session, viewer(), ids)
        return render_template(
            "testimony/change_several.html",
            cards=[known[one] for one in ids if one in known],
            wanted=wanted,
            looked=looked,
            wrong=wrong,
            most=SHOWN_ROWS,
            fields=CHANGED_TOGETHER,
            names=FIELD_NAMES,
            language=language(),
            longest=LONGEST.get(wanted.field, 100),
            offered=_offered(session, wanted.field, ids),
            places=places(True) if wanted.field == PLACE else [],
            campaigns=campaigns(session, viewer()) if wanted.field == "campaign" else [],
        )


def _offered(session: Session, field: str, ids: Sequence[str]) -> list[tuple[str, str]]:
    """What can be chosen for a field, as (code, name); empty where it is written."""
    if field in (ADD_THEME, DROP_THEME):
        themes = selection.themes_to_choose(session, viewer(), ids, field)
        return [(one.id, either(one.km, one.en)) for one in themes]
    if field == "community":
        return [(one, _(name)) for one, name in COMMUNITY_NAMES.items()]
    if field == "language":
        return [("", _("Not known")), *((one, _(name)) for one, name in LANGUAGE_NAMES.items())]
    return [(one, one) for one in GROUPS] if field == "collected_by" else []


def _applied(wanted: WantedTogether) -> Response:
    """Change them; where some could not be changed, they are shown with the reason."""
    plan = selection.apply(backends(), viewer(), _given(), wanted)
    for one in sorted(plan.touched):
        find_soon(one)
    if plan.rows:
        said = _("Testimonies corrected: {n}.", n=len(plan.rows))
        undo = render_template("testimony/undo_several.html", said=said, act=plan.act_id)
        flash(Markup(undo))  # noqa: S704 - the template has escaped what it was given
    else:
        flash(_("Nothing was different."))
    if plan.bad:
        left = LookedTogether(SheetPlan("", (), plan.bad, 0), 0)
        return make_response(
            _page(WantedTogether(wanted.field, wanted.value), left, _("Some could not be changed.")), 409
        )
    return redirect(url_for("testimony.several"), 303)


@testimony.post("/testimonies/undo")
def undo_several() -> Response:
    """Put back what was changed in one go."""
    _inside()
    try:
        act = selection.undo(backends(), viewer(), request.form.get("act", "")[:40])
    except Unknown:
        abort(404)
    except ChangedMeanwhile:
        flash(_("Some of it was changed again since. Nothing was put back."), "wrong")
    except FieldsRefused as error:
        flash(_(next(iter(error.errors.values()))), "wrong")
    else:
        for one in sorted(act.touched):
            find_soon(one)
        flash(_("It is as it was before."))
    return redirect(url_for("testimony.several"), 303)
