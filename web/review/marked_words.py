"""Titles and synopses in which words stand that a mark takes out: shown to whoever marks, to be changed or left."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from archive.access.gate import Unknown
from archive.catalogue.cards import card
from archive.describing import changes
from archive.describing.changes import FieldsRefused
from archive.transcripts import marked_words
from archive.transcripts.marked_words import NoTitleLeft
from web.review.blueprint import find_anew, review, told
from web.site.language import _, _l
from web.site.viewer import current_account, database, viewer

FIELD_WORDS = {
    "title_km": _l("Title in Khmer"),
    "title_en": _l("Title in English"),
    "synopsis_km": _l("Summary in Khmer"),
    "synopsis_en": _l("Summary in English"),
    "setting": _l("Where and how it was told"),
}
LONGEST = 4000


@review.get("/<testimony_id>/marked")
def marked(testimony_id: str) -> str:
    return _page(testimony_id)


def _page(testimony_id: str, wrong: str = "") -> str:
    with database().read() as session:
        told(session, testimony_id)
        return render_template(
            "review/marked.html",
            card=card(session, viewer(), testimony_id),
            found=marked_words.found(session, testimony_id),
            fields=FIELD_WORDS,
            given=request.form,
            wrong=wrong,
        )


@review.post("/<testimony_id>/marked")
def settle_marked(testimony_id: str) -> AnyResponse:
    """Write one text anew, or say that it stays as it is."""
    answer, place, field = (request.form.get(name, "") for name in ("answer", "place", "field"))
    if answer not in {"keep", "change"}:
        abort(404)
    wrong = ""
    with database().write() as session:
        told(session, testimony_id)
        try:
            if answer == "keep":
                marked_words.keep(session, testimony_id, place, field, current_account().id)
            else:
                _write_anew(session, testimony_id, place, field)
        except Unknown:
            abort(404)
        except (NoTitleLeft, FieldsRefused) as error:
            session.rollback()
            wrong = _why_not(error)
    if wrong:
        return make_response(_page(testimony_id, wrong), 400)
    if answer == "change":
        find_anew(testimony_id)
    flash(_("It is changed.") if answer == "change" else _("It stays as it is."))
    return redirect(url_for("review.marked", testimony_id=testimony_id), 303)


def _write_anew(session: Session, testimony_id: str, place: str, field: str) -> None:
    """The testimony's own texts are corrected as on its page, with their history; a moment's as among the moments."""
    text = request.form.get("text", "")[:LONGEST]
    if place == marked_words.TESTIMONY:
        if field not in FIELD_WORDS:
            raise Unknown("There is no such thing here.")
        changes.change(session, viewer(), testimony_id, {field: text})
    else:
        marked_words.change_point(session, testimony_id, place, field, text, current_account().id)


def _why_not(error: NoTitleLeft | FieldsRefused) -> str:
    if isinstance(error, FieldsRefused):
        return " ".join(_(one) for one in error.errors.values())
    return _("A moment needs a title in one language at least.")
