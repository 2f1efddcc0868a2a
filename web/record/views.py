"""The recorder's one page and its worker, and the keys with which a signed-in member's device reads what it kept."""

from __future__ import annotations

import base64
from typing import Any

from flask import Response, jsonify, make_response, redirect, render_template, url_for
from flask import session as form_cookie
from werkzeug.wrappers import Response as AnyResponse

from archive.accounts import device_keys
from archive.accounts.device_keys import NotOfThisOwner
from archive.backends import secret_key
from archive.catalogue import about
from archive.models.narrator import COMMUNITIES
from web.record.blueprint import record
from web.site import json_body, recorder_buttons, recording_words
from web.site.files import STATIC
from web.site.resumable import PIECE
from web.site.security import limiter
from web.site.viewer import OWN_DEVICE, backends, current_account, database, on_own_device

MOST_KEYS = 500


@record.get("")
def room() -> str:
    """The recorder. On a computer that others use as well there is none, since nothing may stay there."""
    mine = current_account().id
    return recorder_page(
        own=on_own_device(),
        key=device_keys.public_key(secret_key(backends().settings), mine),
        sends={
            "keys": url_for("record.keys"),
            "parcel": url_for("record.take"),
            "uploads": url_for("ingest.begin_upload"),
            "still": url_for("account.still"),
            "worker": url_for("record.worker"),
        },
    )


def recorder_page(**given: Any) -> str:
    """The page with the questions, for a member or for somebody who was invited."""
    with database().read() as session:
        spoken = about.spoken(session)
    return render_template(
        "record/room.html",
        spoken=spoken,
        questions=recording_words.ASKED_ALOUD,
        buttons=recorder_buttons.BUTTONS,
        communities=COMMUNITIES,
        piece=PIECE,
        limit_hours=backends().settings.max_hours,
        **given,
    )


@record.post("/own")
def own_device() -> AnyResponse:
    """Take the word of whoever is signed in that nobody else uses this device: she stays signed in, all stays."""
    form_cookie[OWN_DEVICE] = True
    form_cookie.permanent = True
    return redirect(url_for("record.room"), 303)


@record.get("/worker.js")
def worker() -> Response:
    """The service worker; it stands under the recorder's own address, since it answers for that and nothing else."""
    return worker_for(url_for("record.room"))


def worker_for(scope: str) -> Response:
    response = Response((STATIC / "js" / "record" / "worker.js").read_bytes(), mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = scope
    response.headers["Cache-Control"] = "no-cache"
    return response


@record.post("/keys")
@limiter.limit("240 per hour")
def keys() -> Response:
    """The keys that this account's device wrapped, so that what it kept can be read and sent; nobody else's."""
    return unwrapped(current_account().id)


def unwrapped(owner: str) -> Response:
    """The keys in the request, opened for their owner; 404 where one is another's."""
    found = json_body.read(("keys",), keys=json_body.rows(MOST_KEYS))
    if found is None:
        return make_response(jsonify(), 400)
    secret = secret_key(backends().settings)
    try:
        opened = [device_keys.unwrap(secret, owner, str(one["point"]), str(one["wrapped"])) for one in found["keys"]]
    except (NotOfThisOwner, KeyError):
        return make_response(jsonify(), 404)
    return unkept({"keys": [base64.b64encode(one).decode() for one in opened]})


def unkept(document: dict[str, Any], status: int = 200) -> Response:
    """An answer that no browser keeps."""
    response: Response = jsonify(document)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
