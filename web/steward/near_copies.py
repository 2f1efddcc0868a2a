"""After a destroy: what others wrote that is nearly her words, each with its place, to be kept or removed."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.access.gate import Unknown
from archive.models import Tombstone
from archive.withdrawal import near_copies
from web.site.language import _, _l
from web.site.viewer import backends, current_steward, database
from web.steward.blueprint import steward

KIND_WORDS = {
    "line": _l("A line of a song"),
    "draft": _l("A line of a song that is being written"),
    "note": _l("A note on a version of a song"),
    "comment": _l("A comment on a line"),
    "search": _l("A search that somebody kept"),
    "gathered": _l("A note on a gathered passage"),
    "collection": _l("A collection’s name or note"),
    "code": _l("A code of a collection"),
    "set": _l("A set or a listening list"),
    "entry": _l("A step, a question or a note of a set"),
    "campaign": _l("A campaign"),
    "song": _l("A song’s title or note"),
    "testimony": _l("Another testimony’s title or summary"),
    "point": _l("An index point of another testimony"),
}


@steward.get("/taken-back/<testimony_id>/near-copies")
def near_copies_of(testimony_id: str) -> str:
    with database().read() as session:
        try:
            found = near_copies.left_of(session, testimony_id)
        except Unknown:
            abort(404)
        looked = session.get_one(Tombstone, testimony_id).purged_at is not None
        return render_template(
            "steward/near_copies.html", testimony_id=testimony_id, found=found, looked=looked, kinds=KIND_WORDS
        )


@steward.post("/taken-back/<testimony_id>/near-copies")
def decide_near_copy(testimony_id: str) -> AnyResponse:
    """Keep one, or remove it; the song it stood in is found by its new words from then on."""
    chosen = request.form.get("answer", "")
    if chosen not in {"keep", "remove"}:
        abort(404)
    place, by_id = request.form.get("place", ""), current_steward().id
    try:
        near_copies.decide(backends(), testimony_id, place, remove=chosen == "remove", by_id=by_id)
    except Unknown:
        abort(404)
    flash(_("It is removed.") if chosen == "remove" else _("It stays as it is."))
    return redirect(url_for("steward.near_copies_of", testimony_id=testimony_id), 303)
