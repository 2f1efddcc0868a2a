"""The list of collections, the page of one, and whom it is shared with."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from archive.gathering import collections, passages
from archive.gathering.collections import NotGathered
from web.gathering.blueprint import gathering
from web.gathering.taking import KINDS
from web.site.language import _
from web.site.list_pages import requested
from web.site.viewer import current_account, database, viewer


@gathering.get("")
def room() -> Response:
    return _room()


def _room(wrong: str = "", given: Mapping[str, str] | None = None, status: int = 200) -> Response:
    who = current_account()
    with database().read() as session:
        found = collections.listed(session, viewer(), who, requested())
        mine = collections.kept_by(session, who)
        page = render_template(
            "gathering/room.html",
            found=found,
            at_hand=mine[0].id if mine else "",
            removed=collections.removed(session, who),
            wrong=wrong,
            written=given or {},
        )
    return make_response(page, status)


@gathering.post("")
def begin() -> Response:
    given = {name: request.form.get(name, "")[: collections.LONGEST_NOTE] for name in ("name", "note")}
    try:
        with database().write() as session:
            collection_id = collections.begin(session, current_account(), given["name"], given["note"]).id
    except NotGathered as error:
        return _room(_(error), given, 400)
    return redirect(url_for("gathering.show", collection_id=collection_id), 303)


@gathering.get("/<collection_id>")
def show(collection_id: str) -> Response:
    return _page(collection_id)


def _page(collection_id: str, wrong: str = "", status: int = 200) -> Response:
    who = current_account()
    with database().read() as session:
        one = collections.collection_at(session, who, collection_id)
        mine = collections.kept_by(session, who) if one.account_id == who.id else []
        page = render_template(
            "gathering/show.html",
            collection=one,
            mine=bool(mine),
            others=[other for other in mine if other.id != one.id],
            at_hand=bool(mine) and mine[0].id == one.id,
            page=passages.listed(session, viewer(), one, requested(("code",))),
            codes=passages.codes_shown(session, viewer(), one),
            taken_back=passages.something_taken_back(session, viewer(), one),
            readers=collections.readers(session, one) if mine else [],
            kinds=KINDS,
            wrong=wrong,
        )
    return make_response(page, status)


@gathering.post("/<collection_id>")
def keep(collection_id: str) -> Response:
    """Keep what it is called and what it is for."""
    given = {name: request.form.get(name, "")[: collections.LONGEST_NOTE] for name in ("name", "note")}
    try:
        with database().write() as session:
            collections.write(collections.own(session, current_account(), collection_id), given["name"], given["note"])
    except NotGathered as error:
        return _page(collection_id, _(error), 400)
    flash(_("It is kept."))
    return redirect(url_for("gathering.show", collection_id=collection_id), 303)


@gathering.post("/<collection_id>/use")
def use(collection_id: str) -> Response:
    with database().write() as session:
        one = collections.own(session, current_account(), collection_id)
        collections.use(one)
        name = one.name
    flash(_("What you gather next goes into “{name}”.", name=name))
    return redirect(url_for("gathering.show", collection_id=collection_id), 303)


@gathering.post("/<collection_id>/remove")
def remove(collection_id: str) -> Response:
    """Take the collection away, or put it back."""
    back = request.form.get("deed") == "put-back"
    with database().write() as session:
        name = collections.remove(session, current_account(), collection_id, back=back).name
    if back:
        flash(_("“{name}” is back.", name=name))
        return redirect(url_for("gathering.show", collection_id=collection_id), 303)
    flash(with_undo(_("“{name}” was taken away.", name=name), url_for("gathering.remove", collection_id=collection_id)))
    return redirect(url_for("gathering.room"), 303)


@gathering.post("/<collection_id>/readers")
def share(collection_id: str) -> Response:
    """Let somebody read it, by the name of their account, or end that; whether there is one is not said."""
    name, end = request.form.get("name", ""), request.form.get("deed") == "end"
    try:
        with database().write() as session:
            one = collections.own(session, current_account(), collection_id)
            if end:
                collections.stop_sharing(session, one, name)
                flash(_("It is shared with “{name}” no longer.", name=name))
            else:
                name = collections.share(session, one, name)
                flash(_("Whoever has the account “{name}” can read it now.", name=name))
    except NotGathered as error:
        return _page(collection_id, _(error), 400)
    return redirect(url_for("gathering.show", collection_id=collection_id) + "#readers", 303)


@gathering.post("/<collection_id>/read")
def heard_of(collection_id: str) -> Response:
    """Its keeper has read that something was taken back."""
    with database().write() as session:
        passages.heard_of(session, viewer(), collections.own(session, current_account(), collection_id))
    return redirect(url_for("gathering.show", collection_id=collection_id), 303)


def with_undo(said: str, address: str, deed: str = "put-back", back: str = "", see: str = "") -> Markup:
    """What was done, with a way back from it; `back` is the page to return to then, `see` where it can be looked at."""
    page = render_template("gathering/undo.html", said=said, address=address, deed=deed, back=back, see=see)
    return Markup(page)  # noqa: S704 - the template has escaped what it was given
