"""Recording with an invitation: its link can only send. It sees nothing of the archive, and no answer tells of it."""

from __future__ import annotations

import hashlib

from flask import Response, request, url_for

from archive.accounts import device_keys, invitations
from archive.backends import secret_key
from archive.models import RecorderInvitation
from ingest.intake.recorder import ParcelReceipt
from web.record.arriving import came
from web.record.blueprint import invited
from web.record.views import recorder_page, unkept, unwrapped, worker_for
from web.site.resumable import take_pieces
from web.site.security import limiter
from web.site.viewer import backends, database

HEADER = "X-Invitation"


def _held() -> RecorderInvitation:
    """The invitation with which this request came. Raises Unknown, answered like any address that does not exist."""
    with database().read() as session:
        return invitations.held_with(session, request.headers.get(HEADER, ""))


def _owner() -> str:
    return invitations.owner_of(_held())


take_pieces(invited, _owner)


@invited.get("")
def room() -> str:
    """The recorder for whoever has a link; the same page for everybody, since the link's own part stays there."""
    return recorder_page(
        own=True,
        whose=None,
        account=None,
        key="",
        sends={
            "invitation": url_for("invited.invitation"),
            "keys": url_for("invited.keys"),
            "parcel": url_for("invited.take"),
            "uploads": url_for("invited.begin_upload"),
            "worker": url_for("invited.worker"),
        },
    )


@invited.get("/worker.js")
def worker() -> Response:
    return worker_for(url_for("invited.room"))


@invited.get("/invitation")
@limiter.limit("240 per hour")
def invitation() -> Response:
    """What a device needs to record without a connection: a key to encrypt with."""
    owner = _owner()
    key = device_keys.public_key(secret_key(backends().settings), owner)
    return unkept({"account": hashlib.sha256(owner.encode()).hexdigest()[:16], "key": key})


@invited.post("/keys")
@limiter.limit("240 per hour")
def keys() -> Response:
    return unwrapped(_owner())


@invited.post("/parcel")
@limiter.limit("240 per hour")
def take() -> Response:
    """Take a recording in, in the name of the steward who invited; told is nothing but which bytes have come."""
    held = _held()
    return came(invitations.owner_of(held), held.made_by_id, held.group, _told)


def _told(receipt: ParcelReceipt) -> Response:
    return unkept({"sha256": receipt.sha256})
