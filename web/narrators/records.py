"""Stewards change who is who: another chosen name, two records made one, one made two. Each is looked at first."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from archive.catalogue.cards import TestimonyCard, cards
from archive.consent import wording
from archive.narrators import known, records
from archive.narrators.records import CannotMerge, CannotSplit, NotAName
from archive.retrieval import indexing
from web.narrators.blueprint import narrators
from web.narrators.views import person_page
from web.site.language import _, _l, language
from web.site.list_pages import requested
from web.site.viewer import backends, current_steward, database, viewer

REASONS = {
    "same": _l("This is one and the same record."),
    "name": _l("The name of this record would be told to more people than she allowed."),
    "place": _l("The place of this record would be told to more people than she allowed."),
    "community": _l("The community of this record would be told to more people than she allowed."),
    "legal-name": _l("The real name in the vault could be told to more people than she allowed."),
    "legal-names": _l("The vault has two real names. See which is right, and remove the other first."),
}


@narrators.post("/<narrator_id>/name")
def rename(narrator_id: str) -> Response:
    names = (request.form.get("name_km", "")[:1000], request.form.get("name_en", "")[:1000])
    by_id = current_steward().id
    try:
        with database().write() as session:
            records.rename(session, narrator_id, *names, by_id)
    except NotAName as error:
        return person_page(narrator_id, _(error), 400)
    _find_again([narrator_id])
    flash(_("The name is changed everywhere, in the songs too."))
    return redirect(url_for("narrators.person", narrator_id=narrator_id), 303)


@narrators.get("/<narrator_id>/merge")
def merging(narrator_id: str) -> str:
    """Choose the other record; once it is chosen, what merging would do."""
    current_steward()
    wanted, other_id = requested(), request.args.get("other", "")
    with database().read() as session:
        row = known.one(session, viewer(), narrator_id)
        if other_id:
            return _merge_page(session, narrator_id, other_id)
        if wanted.text:
            near = known.offered(session, viewer(), known.narrators(session, viewer(), wanted).rows[: known.OFFERED])
        else:
            near = known.same_name(session, viewer(), row.name_km, row.name_en)
    offered = [one for one in near if one.id != narrator_id]
    return render_template("narrators/merging.html", row=row, offered=offered, text=wanted.text)


def _merge_page(session: Session, kept_id: str, other_id: str) -> str:
    seen = records.preview(session, kept_id, other_id)
    return render_template(
        "narrators/merge.html",
        kept=known.one(session, viewer(), kept_id),
        other=known.one(session, viewer(), other_id),
        seen=seen,
        own=_told(session, seen.own),
        moved=_told(session, seen.moved),
        reasons=[str(REASONS[reason]) for reason in seen.reasons],
    )


def _told(session: Session, testimony_ids: tuple[str, ...]) -> list[tuple[TestimonyCard, tuple[str, ...]]]:
    """The testimonies with what was allowed of each, in sentences; what was taken back is not shown."""
    shown = cards(session, viewer(), testimony_ids)
    return [(shown[one], wording.decided(session, one, language())) for one in testimony_ids if one in shown]


@narrators.post("/<narrator_id>/merge")
def merge(narrator_id: str) -> Response:
    other_id, by_id = request.form.get("other", ""), current_steward().id
    try:
        with database().write() as session:
            records.merge(session, narrator_id, other_id, by_id)
    except CannotMerge:
        with database().read() as session:
            return make_response(_merge_page(session, narrator_id, other_id), 409)
    _find_again([narrator_id])
    flash(_("The two records are one."))
    return redirect(url_for("narrators.person", narrator_id=narrator_id), 303)


@narrators.get("/<narrator_id>/split")
def splitting(narrator_id: str) -> str | Response:
    """What would become of the chosen testimonies in a record of their own."""
    current_steward()
    chosen = tuple(request.args.getlist("testimony"))
    with database().read() as session:
        row = known.one(session, viewer(), narrator_id)
        hers = tuple(known.testimonies_of(session, narrator_id))
        if set(chosen) - set(hers):
            abort(404)
        moved = tuple(one for one in hers if one in chosen)
        kept = tuple(one for one in hers if one not in chosen)
        if moved and kept:
            return render_template(
                "narrators/split.html", row=row, own=_told(session, kept), moved=_told(session, moved), chosen=moved
            )
    return person_page(narrator_id, _(records.CHOOSE_SOME), 400)


@narrators.post("/<narrator_id>/split")
def split(narrator_id: str) -> Response:
    by_id = current_steward().id
    try:
        with database().write() as session:
            made = records.split(session, narrator_id, request.form.getlist("testimony"), by_id)
    except CannotSplit as error:
        return person_page(narrator_id, _(error), 400)
    _find_again([narrator_id, made])
    flash(
        _(
            "This is the new record. Give her a name and a code of her own.",
        )
    )
    return redirect(url_for("narrators.person", narrator_id=made), 303)


def _find_again(narrator_ids: list[str]) -> None:
    """Let search find these narrators' testimonies by what is said of them now."""
    opened = backends()
    with database().read() as session:
        told = [one for narrator_id in narrator_ids for one in known.testimonies_of(session, narrator_id)]
    for testimony_id in told:
        indexing.index_testimony(opened.database, opened.index, testimony_id)
