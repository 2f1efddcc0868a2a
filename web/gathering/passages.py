"""Gathering passages from wherever they are found, and what their keeper writes about them."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from archive.gathering import collections, passages
from archive.gathering.collections import NotGathered
from archive.models import Account, PassageCollection
from archive.timing import Span
from web.gathering.blueprint import gathering
from web.gathering.views import with_undo
from web.site.language import _
from web.site.local_address import local_address
from web.site.security import limiter
from web.site.viewer import current_account, database, viewer

LATEST_MS = 48 * 3600 * 1000


@gathering.post("/gather")
@limiter.limit("600 per hour")
def gather() -> Response:
    """Put a passage into the collection named, or into the one used last; the first one begins by itself."""
    start, end = _moment("at"), _moment("until") if request.form.get("until") else None
    asked = Span(start, end if end is not None and end > start else start)
    who, back = current_account(), local_address(request.form.get("next"), url_for("gathering.room"))
    try:
        with database().write() as session:
            into = _into(session, who, request.form.get("collection", ""))
            made = passages.gather(session, viewer(), into, request.form.get("testimony", "")[:40], asked)
            name, collection_id, passage_id = into.name, into.id, made.id
    except NotGathered as error:
        flash(_(error), "wrong")
        return redirect(back, 303)
    undo = url_for("gathering.remove_passage", collection_id=collection_id, passage_id=passage_id)
    see = f"{url_for('gathering.show', collection_id=collection_id)}#passage-{passage_id}"
    flash(with_undo(_("Gathered into “{name}”.", name=name), undo, "take-out", back, see))
    return redirect(back, 303)


def _moment(name: str) -> int:
    text = request.form.get(name, "")
    if not (text.isdecimal() and text.isascii() and len(text) < 10 and int(text) < LATEST_MS):
        abort(404)
    return int(text)


def _into(session: Session, who: Account, collection_id: str) -> PassageCollection:
    if collection_id:
        return collections.own(session, who, collection_id)
    mine = collections.kept_by(session, who)
    return mine[0] if mine else collections.begin(session, who, _("My passages"))


@gathering.post("/<collection_id>/passages/<passage_id>")
def annotate(collection_id: str, passage_id: str) -> Response:
    """Keep a passage's note and codes, or lay it into another collection."""
    note = request.form.get("note", "")[: collections.LONGEST_NOTE]
    codes = request.form.get("codes", "")[: passages.LONGEST_CODE * passages.MOST_CODES]
    into = request.form.get("into", "")
    with database().write() as session:
        who = current_account()
        one = collections.own(session, who, collection_id)
        found = passages.passage_at(session, one, passage_id)
        passages.annotate(session, found, note, codes)
        moved = ""
        if into:
            other = collections.own(session, who, into)
            passages.move(session, found, other)
            moved = other.name
    flash(_("It lies in “{name}” now.", name=moved) if moved else _("It is kept."))
    here = url_for("gathering.show", collection_id=collection_id, page=request.args.get("page", type=int))
    return redirect(here if moved else f"{here}#passage-{passage_id}", 303)


@gathering.post("/<collection_id>/passages/<passage_id>/remove")
def remove_passage(collection_id: str, passage_id: str) -> Response:
    """Take a passage out, or put it back with what was written about it."""
    back = request.form.get("deed") == "put-back"
    with database().write() as session:
        one = collections.own(session, current_account(), collection_id)
        passages.remove(session, one, passage_id, back=back)
    here = url_for("gathering.show", collection_id=collection_id)
    if back:
        flash(_("It is back."))
        return redirect(f"{here}#passage-{passage_id}", 303)
    if next_page := request.form.get("next", ""):
        flash(_("Taken out of the collection."))
        return redirect(local_address(next_page, here), 303)
    undo = url_for("gathering.remove_passage", collection_id=collection_id, passage_id=passage_id)
    flash(with_undo(_("Taken out of the collection."), undo))
    return redirect(here, 303)
