"""Packs of songs, for the band: what one would hold, having it made, how far that is, and the file.

As with single songs, looking writes nothing, and a file is given for a form that was sent: its leaving, and who gets
it, is written in the release ledger.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, abort, flash, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from archive.access import gate
from archive.backends import Backends
from archive.models import Account
from archive.ports import BlobMissing
from archive.songs import packing
from archive.songs.packing import PackPlan
from ingest.exports.packs import pack_jobs
from ingest.exports.packs.pack_jobs import PackNote
from ingest.exports.packs.packing import KINDS, NAME, sounds
from web.site.guard import admit
from web.site.language import _, _l
from web.site.sizes import size
from web.site.viewer import backends, current_account, database, viewer

ASK_AGAIN = 1024 * 1024  # bytes sent before the gate is asked again
LOOK_AGAIN_SECONDS = 3
BYTES_A_SECOND = 24_000
LONGEST_TO = 200
LONGEST_OF = 8_000
FORMS = {
    "zip": (
        _l("For a stick or a telephone (ZIP)"),
        _l("Unpack it onto the stick. It opens by a double click in any browser, without internet."),
    ),
    "zim": (_l("For Kiwix (ZIM)"), _l("For centres and village servers that have Kiwix.")),
}
WHY = {
    "no-words": _l("It has no words yet."),
    "held": _l("A line of it waits for a decision."),
    "not-public": _l("It is not open to everybody until the pack’s last day."),
}

packs = Blueprint("packs", __name__, url_prefix="/packs")
admit(packs, "room")


@packs.get("")
def room() -> str:
    """What a pack of the chosen songs would hold; with nothing chosen, of all that are open to everybody."""
    plan = _plan()
    with database().read() as session:
        all_songs = packing.plan(session, viewer(), packing.ALL, pack_jobs.local_day())
    about = size(BYTES_A_SECOND * plan.seconds)
    notes = {kind: pack_jobs.pack_state(backends(), plan, kind) for kind in FORMS}
    return render_template(
        "packs/room.html", plan=plan, about=about, forms=FORMS, notes=notes, why=WHY, all_songs=all_songs
    )


@packs.post("")
def make() -> AnyResponse:
    kind, plan = _kind(), _plan()
    if not plan.songs:
        flash(_("None of these songs may be carried: they are not open to everybody for so long."), "wrong")
        return redirect(url_for("packs.room", of=plan.of), 303)
    pack_jobs.ask(backends(), plan, kind)
    return redirect(url_for("packs.making", of=plan.of, kind=kind), 303)


@packs.get("/making")
def making() -> Response:
    """How far a pack is, for a browser without scripts as well: the page comes again by itself until it is there."""
    kind, plan = _kind(), _plan()
    note = pack_jobs.pack_state(backends(), plan, kind)
    response = Response(
        render_template(
            "packs/making.html", plan=plan, kind=kind, form=FORMS[kind], note=note, size=_size(plan, kind, note)
        )
    )
    if note.state in {"waiting", "working"}:
        response.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return response


@packs.get("/progress")
def progress() -> Response:
    note = pack_jobs.pack_state(backends(), _plan(), _kind())
    return jsonify(state=note.state, done=note.done)


@packs.post("/take")
def take() -> Response:
    """The file; that it left, in which form, until when and to whom is written in the ledger, song by song."""
    kind, plan = _kind(), _plan()
    key = pack_jobs.key_of(plan, kind)
    try:
        length = backends().store.size(key)
        chunks = iter(backends().store.read(key))
    except BlobMissing:
        abort(404)
    with database().write() as session:
        packing.note(session, viewer(), plan, kind, " ".join(request.form.get("to", "")[:LONGEST_TO].split()))
    g.no_language = True
    response = Response(_while_allowed(backends(), chunks, current_account().id, plan), mimetype=KINDS[kind])
    response.content_length = length
    response.headers["Content-Disposition"] = f'attachment; filename="{NAME}.{kind}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _kind() -> str:
    kind = request.values.get("kind", "")
    return kind if kind in FORMS else abort(404)


def _plan() -> PackPlan:
    """The pack of the songs that were chosen; nothing here for what is not this viewer's to open."""
    ticked = request.args.getlist("song")
    of = f"songs:{','.join(ticked)}" if ticked else request.values.get("of", "") or packing.ALL
    with database().read() as session:
        return packing.plan(session, viewer(), of[:LONGEST_OF], pack_jobs.local_day())


def _size(plan: PackPlan, kind: str, note: PackNote) -> str:
    if note.state == "ready":
        return size(backends().store.size(pack_jobs.key_of(plan, kind)))
    return _("about {size}", size=size(BYTES_A_SECOND * plan.seconds)) if sounds(plan) else ""


def _while_allowed(opened: Backends, chunks: Iterator[bytes], account_id: str, plan: PackPlan) -> Iterator[bytes]:
    """The bytes, for as long as this pack would still be made, and by this account."""
    sent = 0
    for chunk in chunks:
        if sent >= ASK_AGAIN:
            sent = 0
            if not _still_may(opened, account_id, plan):
                return
        yield chunk
        sent += len(chunk)


def _still_may(opened: Backends, account_id: str, plan: PackPlan) -> bool:
    with opened.database.read() as session:
        who = gate.viewer_of(session, session.get(Account, account_id))
        try:
            now = packing.plan(session, who, plan.of, pack_jobs.local_day())
        except gate.Unknown:
            return False
        return who.inside and now.fingerprint == plan.fingerprint
